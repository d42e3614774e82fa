"""The interface of a fault."""

from typing import ClassVar, Protocol

from tests.soak.stage import Stage


class Fault(Protocol):
    """Something that goes wrong for a while.

    Attributes:
        name: What it is called in the table.
        hold_s: Shortest and longest time from `inject` to `heal`.
    """

    name: ClassVar[str]
    hold_s: ClassVar[tuple[float, float]]

    async def inject(self, stage: Stage) -> None:
        """Start the fault."""

    async def heal(self, stage: Stage) -> None:
        """Do what administrators, systemd or time would do; the daemon must do the rest by itself."""
