"""When the engine has something to do beside what it is asked."""

from datetime import UTC, datetime

from opsconductor.engine.clock import BEGINNING

NEVER = datetime.max.replace(tzinfo=UTC)


class Agenda:
    """The earliest time at which a part of the engine's state has something to do.

    A step before that time asks no part. Each part that keeps something for later steps has the agenda, and
    adds the time where it stores it. What is dropped afterwards stays on the agenda: then one step asks in
    vain. After a step in which something was due, the time is found out anew from all parts.

    Attributes:
        due_at: The past: now; `NEVER`: not as things are.
    """

    __slots__ = ("due_at",)

    def __init__(self) -> None:
        self.due_at = BEGINNING

    def add(self, due_at: datetime) -> None:
        """Add something that is due at a time."""
        self.due_at = min(self.due_at, due_at)

    def add_work(self) -> None:
        """Add something that the next step does, whenever that is."""
        self.due_at = BEGINNING

    def renew(self, due_at: datetime | None) -> None:
        """Set the earliest time of all parts; None: none has anything to do."""
        self.due_at = NEVER if due_at is None else due_at
