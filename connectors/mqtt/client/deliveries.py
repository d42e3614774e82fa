"""QoS 1 messages between their arrival and their acknowledgement.

The broker expects one PUBACK for each, in the order of arrival (MQTT 5 section 4.6) and on the
same connection. An unacknowledged message is redelivered on the next one, marked as a
duplicate, with the same packet identifier; if it is committed, or waits for it, it is not accepted twice.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from opsconductor.model.keys import key_of

Acknowledge = Callable[[int], None]
MOST_RECALLED = 32_768
"""Half of all packet identifiers: one of these has not been reused since, so it identifies one message."""

REDELIVERED, BEFORE_RESTART = "redelivered", "before_restart"
"""Reasons of duplicates in the loss ledger."""


class Message(NamedTuple):
    """One PUBLISH as received."""

    topic: str
    payload: bytes
    qos: int = 0
    is_retained: bool = False
    is_duplicate: bool = False
    mid: int = 0


@dataclass(slots=True)
class Delivery:
    """One unacknowledged message.

    Attributes:
        is_taken: The intake has accepted it: it will be committed.
        is_done: It is committed, or has nothing to commit.
    """

    message: Message
    is_taken: bool = False
    is_done: bool = False

    @property
    def key(self) -> bytes:
        """The key by which a redelivery is recognized."""
        return key_of_message(self.message.mid, self.message.topic, self.message.payload)


def key_of_message(mid: int, topic: str, payload: bytes) -> bytes:
    """Return the key of a message: its packet identifier in its session, topic and payload."""
    return key_of(mid.to_bytes(2, "big"), topic.encode("utf-8", "surrogatepass"), payload)


class Deliveries:
    """Unacknowledged messages of this connection and the one before.

    Attributes:
        is_recalled: The keys committed before the restart are loaded.
    """

    def __init__(self) -> None:
        self.is_recalled = False
        self._waiting: deque[Delivery] = deque()
        self._owed: dict[bytes, Delivery] = {}
        self._earlier: set[bytes] = set()
        self._acknowledge: Acknowledge | None = None

    def __len__(self) -> int:
        """Return the number of unacknowledged messages of this connection."""
        return len(self._waiting)

    def recall(self, keys: Iterable[bytes]) -> bool:
        """Load the keys of messages committed before the restart, which may not have been acknowledged.

        Args:
            keys: The latest first.

        Returns:
            False: there is no room for older ones, which were acknowledged long ago.
        """
        self._earlier.update(islice(keys, MOST_RECALLED - len(self._earlier)))
        return len(self._earlier) < MOST_RECALLED

    def begin(self, acknowledge: Acknowledge, *, is_resumed: bool) -> None:
        """Switch to a new connection.

        Args:
            acknowledge: Sends a PUBACK on it.
            is_resumed: False: the broker has no session, and packet identifiers start again.
        """
        self.end()
        if not is_resumed:
            self._owed.clear()
            self._earlier.clear()
        self._acknowledge = acknowledge

    def end(self) -> None:
        """Handle the end of the connection: unacknowledged messages will be redelivered.

        Messages that the intake never accepted (a stop while it was full) are forgotten, and accepted when
        redelivered.
        """
        self._acknowledge = None
        for delivery in self._waiting:
            if not (delivery.is_taken or delivery.is_done):
                continue
            self._owed[delivery.key] = delivery
        self._waiting.clear()

    def receive(self, message: Message) -> tuple[Delivery, str]:
        """Register a message.

        Returns:
            The argument for `done`, and the reason why it is a duplicate; empty: it is new.
        """
        delivery, reason = Delivery(message), ""
        if message.is_duplicate:
            key = delivery.key
            known = self._owed.pop(key, None)
            if known is not None:
                delivery, reason = known, REDELIVERED
            elif key in self._earlier:
                self._earlier.discard(key)
                delivery.is_done, reason = True, BEFORE_RESTART
        self._waiting.append(delivery)
        self._settle()
        return delivery, reason

    def done(self, delivery: Delivery) -> None:
        """Mark a message as committed, or as having nothing to commit."""
        delivery.is_done = True
        self._settle()

    def close(self) -> None:
        """Forget everything: the connector is removed."""
        self.end()
        self._owed.clear()

    def _settle(self) -> None:
        while self._acknowledge is not None and self._waiting and self._waiting[0].is_done:
            self._acknowledge(self._waiting.popleft().message.mid)
