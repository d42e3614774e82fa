"""The loss ledger: what became of every message, by connector, stage and reason."""

from collections import Counter

from opsconductor import metrics
from opsconductor.connector.interface import Count


class Ledger:
    """Counts messages at every stage, as totals since the start and as metrics."""

    def __init__(self) -> None:
        self._totals: Counter[tuple[str, str, str]] = Counter()

    def count(self, connector: str, stage: str, reason: str = "", amount: int = 1) -> None:
        """Add to a stage of a connector; cheap enough for once per batch, not for once per event."""
        self._totals[connector, stage, reason] += amount
        metrics.connector_events.labels(connector, stage, reason).inc(amount)

    def counter_of(self, connector: str) -> Count:
        """Give a connector its own page of the ledger."""

        def count(stage: str, reason: str = "", amount: int = 1) -> None:
            self.count(connector, stage, reason, amount)

        return count

    def total(self, connector: str, stage: str) -> int:
        """Sum a stage of a connector over all reasons since the start."""
        return sum(
            amount for (name, at, _), amount in self._totals.items() if name == connector and at == stage
        )
