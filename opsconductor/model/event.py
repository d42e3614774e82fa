"""Messages exactly as received from the network.

A named tuple like `NormalizedAlert` and `Identified`: one is created for every event, and creating a frozen
dataclass of that size takes three times as long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from opsconductor.model.keys import ReportedKey


class RawEvent(NamedTuple):
    """One message exactly as received, not yet decoded.

    Attributes:
        connector: Name of the connector that received it.
        payload: The bytes as received; for a poller, its encoding of one answer.
        received_at: Time of reception at the socket.
        peer: IP address of the sender as text, without port; empty if there is none.
        local: What received it (`0.0.0.0:162`, a topic, a path), for messages to people.
        parsed: What the source has already decoded, so that `normalize` need not do it twice.
        on_commit: Called once, on the event loop, after the event's changes are committed: the
            place to answer an INFORM, acknowledge MQTT or let an HTTP handler return 2xx.
        is_fleeting: Its sender neither waits nor repeats it, and nothing keeps it if it is not read (UDP): in
            a flood it may be dropped in favour of others, and is then counted.
        keys: Keys that recognize the message when its sender repeats it, `KEY_BYTES` each. Committed with
            the event's changes; empty: its sender does not repeat it, or repeats cannot be recognized.
        reported: The same for keys that reporters choose.
    """

    connector: str
    payload: bytes
    received_at: datetime
    peer: str = ""
    local: str = ""
    parsed: object = None
    on_commit: Callable[[], None] | None = None
    is_fleeting: bool = False
    keys: bytes = b""
    reported: tuple[ReportedKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedEvent:
    """One row of `raw_events`: an event for replay, or a count of others.

    Attributes:
        id: Increases in order of reception.
        payload: The source's redacted payload. None: the row is only a count.
        sampled_count: Number of further events not archived; of the same sender, or of any if there is no
            payload.
    """

    id: UUID
    connector: str
    received_at: datetime
    peer: str = ""
    local: str = ""
    payload: bytes | None = None
    sampled_count: int = 0
