"""Interface through which the API asks what the daemon knows about itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol


class DaemonFacts(Protocol):
    """What the daemon knows about itself, JSON-ready."""

    @property
    def doctor_steps(self) -> Sequence[str]:
        """The steps of an examination."""

    async def examine(self, on_step: Callable[[str], None], /) -> Mapping[str, object]:
        """Examine the daemon and its environment; see `DoctorView`.

        Args:
            on_step: Called with each step when it is done.
        """

    async def stats(self, now: datetime, /) -> Mapping[str, object]:
        """Return what the daemon uses and holds; see `StatsView`. Raises StoreUnavailable."""

    def settings(self) -> Sequence[object]:
        """Return the settings in force, secrets masked; see `SettingView`."""

    async def ledger(self, since: datetime, now: datetime, /) -> Mapping[str, object]:
        """Return the loss ledger of a period; see `LedgerOverTime`. Raises StoreUnavailable."""
