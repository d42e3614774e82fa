"""What a channel can do with a message, and the limits of its receiver."""

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTraits:
    """Abilities and limits of a channel; the delivery respects the limits.

    Attributes:
        updates: It changes a sent message in place.
        threads: It adds to the thread of a sent message.
        acknowledges: It forwards an acknowledgement to the receiver.
        acknowledge_back: How a recipient acknowledges from its messages: `button`, `link`, or empty: not.
            Only channels that declare it get `Notification.acknowledge_url`.
        pictures: It shows a picture with a message; only channels that declare it get `Notification.picture`.
        keeps_open: What it sends stays open until the recovery: an incident, a ticket, a state.
        for_people: People read each message, so the number of messages to a recipient is limited.
        longest_text: Characters beyond which a message is cut and marked; None: unlimited.
        per_s: Maximum number of messages per second; None: unlimited.
        at_once: Maximum number of messages in flight; None: as many as for every channel.
    """

    updates: bool = False
    threads: bool = False
    acknowledges: bool = False
    acknowledge_back: Literal["", "link", "button"] = ""
    pictures: bool = False
    keeps_open: bool = False
    for_people: bool = True
    longest_text: int | None = None
    per_s: float | None = None
    at_once: int | None = None

    def faults(self) -> list[str]:
        """Return the limits that are no positive numbers: a lane would wait for ever."""
        limits = {"longest_text": self.longest_text, "per_s": self.per_s, "at_once": self.at_once}
        return [
            f"{name} {value!r:.40}, expected a positive number"
            for name, value in limits.items()
            if value is not None and not (isinstance(value, int | float) and value > 0)
        ]

    def as_json(self) -> dict[str, object]:
        """Return the traits by name."""
        return asdict(self)
