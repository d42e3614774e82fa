"""A message exactly as it came from the network.

A named tuple like `NormalizedAlert` and `Identified`: one is made for every event, and making a frozen
dataclass of that size takes three times as long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from opsconductor.model.keys import ReportedKey


class RawEvent(NamedTuple):
    """One message exactly as received, before anyone has looked into it.

    Attributes:
        connector: Name of the connector that received it.
        payload: The bytes as received; for a poller, what the poller makes of one answer.
        received_at: When it left the socket.
        peer: IP address of the sender as text, without port; empty when there is none.
        local: What received it (`0.0.0.0:162`, a topic, a path), for messages to people.
        parsed: What the source has already decoded, so that `normalize` need not do it twice.
        on_commit: Called once, on the event loop, after the event's changes are committed: the
            place to answer an INFORM, acknowledge MQTT or let an HTTP handler return 2xx.
        is_fleeting: Its sender neither waits nor repeats it, and nobody keeps what is not read (UDP): in
            a flood it may be dropped for the sake of others, and is then counted.
        keys: By what the message is recognized when its sender repeats it, `KEY_BYTES` each. Committed with
            the event's changes; empty: its sender does not repeat it, or does not say that it does.
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
    """One row of `raw_events`: an event that can be tried again later, or a count of others.

    Attributes:
        id: Grows with the order in which events were taken.
        payload: What the source gave to keep: no secret in it. None: the row is only a count.
        sampled_count: How many further events are not kept; of the same sender, or of any when there
            is no payload.
    """

    id: UUID
    connector: str
    received_at: datetime
    peer: str = ""
    local: str = ""
    payload: bytes | None = None
    sampled_count: int = 0
