"""Messages of QoS 1 between their arrival and their acknowledgement.

The broker is owed one PUBACK for each, in the order in which they came (MQTT 5 section 4.6) and on the
connection on which they came. What was not acknowledged there comes again on the next one, marked as a
duplicate, under the same number: what is on its way to the commit, or committed, is not taken twice.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from opsconductor.model.keys import key_of

Acknowledge = Callable[[int], None]
MOST_RECALLED = 32_768
"""Half of all numbers: a number of these was not used again since, so that it names one message."""

REDELIVERED, BEFORE_RESTART = "redelivered", "before_restart"
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

    @property
    def key(self) -> bytes:
        """By what the message is recognized when the broker sends it again."""
        return key_of_message(self.message.mid, self.message.topic, self.message.payload)


def key_of_message(mid: int, topic: str, payload: bytes) -> bytes:
    """Name a message by its number on its session, topic and payload."""
    return key_of(mid.to_bytes(2, "big"), topic.encode("utf-8", "surrogatepass"), payload)


class Deliveries:
    """What the broker is owed, on this connection and from the one before.

    Attributes:
        is_recalled: What an earlier life of the daemon has committed is known.
    """

    def __init__(self) -> None:
        self.is_recalled = False
        self._waiting: deque[Delivery] = deque()
        self._owed: dict[bytes, Delivery] = {}
        self._earlier: set[bytes] = set()
        self._acknowledge: Acknowledge | None = None

    def __len__(self) -> int:
        """Messages of this connection that are not acknowledged."""
        return len(self._waiting)

    def recall(self, keys: Iterable[bytes]) -> bool:
        """Recognize what an earlier life of the daemon has committed and may not have acknowledged.

        Args:
            keys: The latest first.

        Returns:
            False: there is no room for older ones, which were acknowledged long ago.
        """
        self._earlier.update(islice(keys, MOST_RECALLED - len(self._earlier)))
        return len(self._earlier) < MOST_RECALLED

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
            self._owed[delivery.key] = delivery
        self._waiting.clear()

    def receive(self, message: Message) -> tuple[Delivery, str]:
        """Note a message.

        Returns:
            What `done` is to be called with, and the reason why it is not to be taken again; empty: take it.
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
