"""An engine behind its budgets, for laws and cases of storms."""

from collections import Counter
from collections.abc import Sequence

from opsconductor.config.settings import StormSettings
from opsconductor.flood.limiter import Admitted, FloodLimiter
from opsconductor.ledger.ledger import Key
from opsconductor.model.changes import Changes
from opsconductor.model.normalized import NormalizedAlert
from tests.support.engine.pipeline_scene import Scene, report

HOST = "noc-1"


class StormScene(Scene):
    """A scene whose reports go through the budgets first.

    Attributes:
        summarized: The numbers passed to the ledger.
        admitted: The result of the latest batch.
    """

    def __init__(self, devices: Sequence[object] = (), **settings: object) -> None:
        super().__init__(rules=(), devices=devices)  # type: ignore[arg-type]
        self.budget = FloodLimiter(StormSettings(**settings), HOST)  # type: ignore[arg-type]
        self.summarized: Counter[Key] = Counter()
        self.admitted = Admitted((), 0, {})

    def send(self, *reports: NormalizedAlert) -> Changes:
        """Pass the engine the reports of a batch that pass the budgets."""
        identified = self.identify(*reports)
        self.admitted = self.budget.admit(identified, self.engine, self.inventory, self.now)
        self.summarized.update(self.admitted.counts)
        changes = self.engine.apply(self.admitted.events, self.now)
        self.budget.learn(changes)
        return self._keep(changes)

    def flood(self, device_ip: str, amount: int, *, first: int = 0, severity: str = "major") -> Changes:
        """Report problems of as many ports of a device."""
        return self.send(*self.ports(device_ip, amount, first=first, severity=severity))

    def ports(
        self, device_ip: str, amount: int, *, first: int = 0, severity: str = "major"
    ) -> list[NormalizedAlert]:
        """Make reports of as many ports of a device."""
        return [
            report(device_ip, severity=severity, resource=f"ifIndex={index}", at=self.now)
            for index in range(first, first + amount)
        ]

    def counted(self) -> int:
        """Add up what all alerts count."""
        return sum(alert.occurrence_count for alert in self.rows())

    def storms(self) -> dict[tuple[str, str | None], str]:
        """Return the storms that last: alert type and device, and their message."""
        return {
            (storm.alert_type, storm.device_ip or storm.device_name): storm.message
            for storm in self.budget.storms(self.now)
        }
