"""A stage for the engine: a network, rules, a clock that the test sets, and what was sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from types import MappingProxyType
from uuid import UUID

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.engine.routing.router import Router
from opsconductor.engine.state import NO_VERIFICATION, VerificationPolicy
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.model.changes import Changes, HistoryEntry, NotificationIntent, joined_changes
from opsconductor.model.command import Command, Operator
from opsconductor.model.enums import Category, DependencyType, Severity
from opsconductor.model.identified import IdentifiedReport, IdentifiedSnapshot
from opsconductor.model.inventory.device import Dependency, Device
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.model.notifications.policy import ChannelPolicy
from opsconductor.model.notifications.rule import Conditions, NotificationRule, RuleChannel
from opsconductor.model.people.directory import NO_DIRECTORY, PeopleDirectory

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANNA = Operator(name="anna", id=UUID(int=77))
ALL = NotificationRule(
    id=UUID(int=1), name="all", channels=(RuleChannel(channel="mail", recipients=("noc@example.org",)),)
)


def seconds(amount: float) -> timedelta:
    """Spell a length of time."""
    return timedelta(seconds=amount)


def needs(
    device: str, *providers: str, kind: DependencyType = DependencyType.NETWORK, via: Sequence[str] = ()
) -> tuple[Dependency, ...]:
    """Declare that a device needs one of some others."""
    return tuple(
        Dependency(device_ip=device, depends_on_ip=provider, dependency_type=kind, via_resources=tuple(via))
        for provider in providers
    )


def device(address: str | None, name: str, **values: object) -> Device:
    """Declare a device of the inventory."""
    return Device(id=UUID(int=hash((address, name)) & (2**64 - 1)), ip_address=address, name=name, **values)  # type: ignore[arg-type]


def rule(
    name: str, number: int = 2, *, throttle_s: float = 0, stop: bool = False, **conditions: object
) -> NotificationRule:
    """Declare a rule with a recipient of the rule's own name."""
    return NotificationRule(
        id=UUID(int=number),
        name=name,
        channels=(RuleChannel(channel="mail", recipients=(name,)),),
        conditions=Conditions(**conditions),  # type: ignore[arg-type]
        throttle=seconds(throttle_s),
        priority=number,
        stop=stop,
    )


def report(
    device_ip: str | None,
    alert_type: str = "network_link_down",
    severity: str = "major",
    resource: str = "",
    *,
    at: datetime,
    **values: object,
) -> NormalizedAlert:
    """Make a fault report as a source would."""
    defaults: Mapping[str, object] = {
        "source_system": "traps",
        "category": Category.POWER if alert_type.startswith("power") else Category.NETWORK,
        "title": f"{alert_type} {resource}".strip(),
        "received_at": at,
        "is_cutting": alert_type in {"network_link_down", "network_unreachable", "power_lost"},
    }
    return NormalizedAlert(
        alert_type=alert_type,
        severity=Severity(severity),
        device_ip=device_ip,
        resource=resource,
        is_clear=severity == "clear",
        occurred_at=at,
        **(dict(defaults) | values),  # type: ignore[arg-type]
    )


class Scene:
    """An engine, the changes it made, and a clock that only the test moves."""

    def __init__(
        self,
        dependencies: Sequence[Dependency] = (),
        rules: Sequence[NotificationRule] = (ALL,),
        devices: Sequence[Device] = (),
        looks: VerificationPolicy = NO_VERIFICATION,
        windows: Sequence[MaintenanceWindow] = (),
        policies: Mapping[str, ChannelPolicy] = MappingProxyType({}),
        *,
        directory: PeopleDirectory = NO_DIRECTORY,
        **settings: object,
    ) -> None:
        self.now = START
        self.policies = policies
        self.directory = directory
        self.looks = looks
        self.settings = EngineSettings(**settings)  # type: ignore[arg-type]
        self.inventory = InventorySnapshot(devices, dependencies)
        self.rules = tuple(rules)
        self.windows = tuple(windows)
        self._ids = count(1000)
        self.engine = self._new_engine()
        self.changes: list[Changes] = []

    def problem(
        self,
        device_ip: str | None,
        alert_type: str = "network_link_down",
        severity: str = "major",
        resource: str = "",
        *,
        late_s: float = 0,
        **values: object,
    ) -> Changes:
        """Report a problem that occurred now, or a while ago."""
        at = self.now - seconds(late_s)
        return self.send(report(device_ip, alert_type, severity, resource, at=at, **values))

    def clear(
        self,
        device_ip: str | None,
        alert_type: str = "network_link_down",
        resource: str = "",
        *,
        late_s: float = 0,
    ) -> Changes:
        """Report that a problem is over."""
        at = self.now - seconds(late_s)
        return self.send(report(device_ip, alert_type, "clear", resource, at=at))

    def send(self, *reports: NormalizedAlert) -> Changes:
        """Pass the engine reports in one batch."""
        return self._keep(self.engine.apply(self.identify(*reports), self.now))

    def identify(self, *reports: NormalizedAlert) -> list[IdentifiedReport]:
        """Find the devices of reports."""
        return identify(reports, self.inventory)

    def poll(self, scope: str, *reports: NormalizedAlert, late_s: float = 0) -> Changes:
        """Pass the engine a poller's snapshot."""
        taken_at = self.now - seconds(late_s)
        snapshot = IdentifiedSnapshot(scope=scope, alerts=tuple(self.identify(*reports)), taken_at=taken_at)
        return self._keep(self.engine.reconcile(snapshot, self.now))

    def abandon(self, *scopes: str) -> Changes:
        """Close the alerts of scopes that are no longer polled."""
        return self._keep(self.engine.abandon(scopes, self.now))

    def wait(self, amount: float) -> Changes:
        """Advance time, then let the engine do what is due."""
        self.now += seconds(amount)
        return self._keep(self.engine.tick(self.now))

    def order(self, command: Command) -> Changes:
        """Execute an operator's command."""
        return self._keep(self.engine.command(command, self.now))

    def reconfigure(
        self,
        dependencies: Sequence[Dependency] = (),
        rules: Sequence[NotificationRule] | None = None,
        devices: Sequence[Device] = (),
        **settings: object,
    ) -> Changes:
        """Pass the engine a new configuration."""
        self.inventory = InventorySnapshot(devices, dependencies)
        self.rules = self.rules if rules is None else tuple(rules)
        self.settings = self.settings.model_copy(update=settings)
        router = Router(self.rules, self.directory)
        return self._keep(self.engine.reconfigure(self.settings, self.inventory, router, self.now))

    def maintain(self, *windows: MaintenanceWindow) -> Changes:
        """Pass the engine other maintenance windows."""
        self.windows = windows
        return self._keep(self.engine.maintain(windows, self.now))

    def restart(self) -> None:
        """Start a new engine from what a database would hold."""
        known, documents = self.rows(), joined_changes(self.changes).documents
        self.engine = self._new_engine()
        self.engine.load(known, self.now, documents)

    def rows(self) -> list[Alert]:
        """List the rows of `alerts` as the changes so far have written them."""
        rows: dict[UUID, Alert] = {}
        for changes in self.changes:
            for alert in (*changes.created, *changes.updated, *changes.repeated):
                rows[alert.id] = alert
        return list(rows.values())

    def alert(
        self, device_ip: str | None, alert_type: str = "network_link_down", resource: str = ""
    ) -> Alert:
        """Return the latest alert of a device, open or not."""
        found = [
            row
            for row in self.rows()
            if (row.device_ip, row.alert_type, row.resource) == (device_ip, alert_type, resource)
        ]
        return max(found, key=lambda row: row.id)

    def story(self, alert: Alert) -> list[str]:
        """Return the history of an alert in words."""
        return [str(row.action) for row in self.history(alert)]

    def history(self, alert: Alert) -> list[HistoryEntry]:
        """List the history rows of an alert."""
        return [row for changes in self.changes for row in changes.history if row.alert_id == alert.id]

    def verdicts(self, entry: HistoryEntry) -> list[tuple[str, bool, str]]:
        """List the verdict of every rule on the decision in a history row: rule, fired, reason."""
        alert = next(row for row in self.rows() if row.id == entry.alert_id)
        found = self.engine.explain(alert, entry.changes, entry.created_at)
        return [(each.rule, each.fired, each.reason) for each in found]

    def notified(self) -> list[tuple[str, str, str]]:
        """List everything that was sent: kind, device, recipient."""
        return [
            (str(intent.kind), str(intent.facts["device_ip"]), intent.recipient)
            for changes in self.changes
            for intent in changes.notifications
        ]

    def messages(self) -> list[NotificationIntent]:
        """List all messages in order."""
        return [intent for changes in self.changes for intent in changes.notifications]

    def sent(self) -> list[str]:
        """List everything that was sent, as `kind device`."""
        return [f"{kind} {address}" for kind, address, _ in self.notified()]

    def _keep(self, changes: Changes) -> Changes:
        self.changes.append(changes)
        return changes

    def _new_engine(self) -> Engine:
        new_id = partial(_numbered, self._ids)
        parts = (self.settings, self.inventory, Router(self.rules, self.directory))
        engine = Engine(*parts, new_id, looks=self.looks, windows=self.windows)
        engine.combine(self.policies)
        return engine


def _numbered(numbers: Iterator[int], at: datetime) -> UUID:
    """Return ids in the order in which they are requested."""
    del at
    return UUID(int=next(numbers))
