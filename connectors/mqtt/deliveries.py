"""Messages of QoS 1 between their arrival and their acknowledgement.

The broker is owed one PUBACK for each, in the order in which they came (MQTT 5 section 4.6) and on the
connection on which they came. What was not acknowledged there comes again on the next one, marked as a
duplicate, under the same number: what is on its way to the commit, or committed, is not taken twice.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from connectors.mqtt.heard import read
from opsconductor.errors import DecodeError
from opsconductor.model.event import ArchivedEvent

Acknowledge = Callable[[int], None]
Key = tuple[int, bytes]
"""Number of the message on its session, and a checksum of topic and payload."""

REDELIVERED, EARLIER_LIFE = "redelivered", "earlier_life"
"""Why a message is a duplicate, for the loss ledger."""


class Message(NamedTuple):
    """One PUBLISH as it came."""

    topic: str
    payload: bytes
    qos: int = 0
    is_retained: bool = False
    is_duplicate: bool = False
    mid: int = 0


@dataclass(slots=True)
class Delivery:
    """One message that the broker waits for.

    Attributes:
        is_taken: The intake has it: it will be committed.
        is_done: It is committed, or nothing is to be committed of it.
    """

    message: Message
    is_taken: bool = False
    is_done: bool = False


def key_of(mid: int, topic: str, payload: bytes) -> Key:
    """Name a message so that it is known again."""
    checksum = hashlib.blake2b(payload, digest_size=16)
    checksum.update(topic.encode("utf-8", "surrogatepass"))
    return mid, checksum.digest()


class Deliveries:
    """What the broker is owed, on this connection and from the one before."""

    def __init__(self) -> None:
        self._waiting: deque[Delivery] = deque()
        self._owed: dict[Key, Delivery] = {}
        self._earlier: set[Key] = set()
        self._acknowledge: Acknowledge | None = None

    def __len__(self) -> int:
        """Messages of this connection that are not acknowledged."""
        return len(self._waiting)

    def recall(self, events: Iterable[ArchivedEvent]) -> None:
        """Let be known what an earlier life of the daemon has committed and may not have acknowledged."""
        for event in events:
            if event.payload is None:
                continue
            try:
                heard, _ = read(event.payload)
            except DecodeError:  # about the broker itself
                continue
            if heard.mid and heard.payload is not None:
                self._earlier.add(key_of(heard.mid, heard.topic, heard.payload.data))

    def begin(self, acknowledge: Acknowledge, *, is_resumed: bool) -> None:
        """Turn to a new connection.

        Args:
            acknowledge: Sends a PUBACK on it.
            is_resumed: False: the broker has forgotten our session, and numbers begin anew.
        """
        self.end()
        if not is_resumed:
            self._owed.clear()
            self._earlier.clear()
        self._acknowledge = acknowledge

    def end(self) -> None:
        """Note that the connection has ended: what is owed will be sent again.

        What the intake never got (a stop while it was full) is forgotten, and taken when it comes again.
        """
        self._acknowledge = None
        for delivery in self._waiting:
            if not (delivery.is_taken or delivery.is_done):
                continue
            mid, topic, payload = delivery.message.mid, delivery.message.topic, delivery.message.payload
            self._owed[key_of(mid, topic, payload)] = delivery
        self._waiting.clear()

    def receive(self, message: Message) -> tuple[Delivery, str]:
        """Note a message.

        Returns:
            What `done` is to be called with, and the reason why it is not to be taken again; empty: take it.
        """
        delivery, reason = Delivery(message), ""
        if message.is_duplicate:
            key = key_of(message.mid, message.topic, message.payload)
            known = self._owed.pop(key, None)
            if known is not None:
                delivery, reason = known, REDELIVERED
            elif key in self._earlier:
                self._earlier.discard(key)
                delivery.is_done, reason = True, EARLIER_LIFE
        self._waiting.append(delivery)
        self._settle()
        return delivery, reason

    def done(self, delivery: Delivery) -> None:
        """Note that a message is committed, or that nothing is to be committed of it."""
        delivery.is_done = True
        self._settle()

    def close(self) -> None:
        """Forget everything: the connector is removed."""
        self.end()
        self._owed.clear()

    def _settle(self) -> None:
        while self._acknowledge is not None and self._waiting and self._waiting[0].is_done:
            self._acknowledge(self._waiting.popleft().message.mid)
