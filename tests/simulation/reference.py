"""Says by brute force which devices are cut off and why: the yardstick for `pipeline.cuts`."""

from collections.abc import Collection, Iterable
from uuid import UUID

from opsconductor.model.alert import Alert
from opsconductor.model.device import Dependency
from opsconductor.model.enums import Category, DependencyType, Severity, Status


class Reference:
    """The network as a list of dependencies and a list of open alerts, nothing cached."""

    def __init__(self, dependencies: Collection[Dependency], alerts: Iterable[Alert]) -> None:
        self.dependencies = dependencies
        self.alerts = {alert.id: alert for alert in alerts}
        self.usable = self._usable()

    def causes(self, alert: Alert) -> list[Alert]:
        """List every nearest cause because of which an alert may be suppressed."""
        found: dict[UUID, Alert] = {}
        for kind in DependencyType:
            paths = self._paths(str(alert.device_ip), kind)
            if paths and not any(self._carries(path) for path in paths):
                nearest = [cut for path in paths for cut in self._nearest(path, set())]
                found |= {cut.id: cut for cut in nearest if self._leads_elsewhere(cut, alert.device_ip)}
        return list(found.values())

    def _usable(self) -> set[str]:
        devices = {each.device_ip for each in self.dependencies} | {
            each.depends_on_ip for each in self.dependencies
        }
        unfed = devices - self._fed(devices, set(), ignore_cuts=True)
        for _ in devices:
            usable = self._fed(devices, unfed)
            unfed = {device for device in unfed if self._has_all(device, usable)}
        return self._fed(devices, unfed)

    def _fed(self, devices: set[str], works: set[str], *, ignore_cuts: bool = False) -> set[str]:
        usable = set(works)
        for _ in devices:
            usable |= {device for device in devices if self._has_all(device, usable, ignore_cuts=ignore_cuts)}
        return usable

    def _has_all(self, device: str, usable: set[str], *, ignore_cuts: bool = False) -> bool:
        by_type = (self._paths(device, kind) for kind in DependencyType)
        return all(
            any(path.depends_on_ip in usable and (ignore_cuts or not self._cuts(path)) for path in paths)
            for paths in by_type
            if paths
        )

    def _paths(self, device: str, kind: DependencyType) -> list[Dependency]:
        return [
            each for each in self.dependencies if each.device_ip == device and each.dependency_type is kind
        ]

    def _carries(self, path: Dependency) -> bool:
        return path.depends_on_ip in self.usable and not self._cuts(path)

    def _cuts(self, path: Dependency) -> list[Alert]:
        here = [
            alert
            for alert in self.alerts.values()
            if alert.device_ip == path.depends_on_ip
            and alert.is_cutting
            and (path.dependency_type is not DependencyType.POWER or alert.category is Category.POWER)
            and alert.severity in (Severity.MAJOR, Severity.CRITICAL)
        ]
        if not path.via_resources:
            return here
        whole = [alert for alert in here if not alert.resource]
        ports = [alert for alert in here if alert.resource in path.via_resources]
        if whole:
            return whole
        return ports if {alert.resource for alert in ports} == set(path.via_resources) else []

    def _nearest(self, path: Dependency, seen: set[str]) -> list[Alert]:
        cuts = self._cuts(path)
        if cuts or path.depends_on_ip in seen:
            return cuts
        seen = seen | {path.depends_on_ip}
        found: list[Alert] = []
        for kind in DependencyType:
            paths = self._paths(path.depends_on_ip, kind)
            if not any(self._carries(each) for each in paths):
                for each in paths:
                    found += self._nearest(each, seen)
        return found

    def _leads_elsewhere(self, cause: Alert, device: str | None) -> bool:
        """Check that nothing in the chain of a cause is of a device itself."""
        alert: Alert | None = cause
        while alert is not None and alert.device_ip != device:
            is_consequence = alert.status is Status.SUPPRESSED and alert.notify_at is None
            alert = self.alerts.get(alert.correlated_to_id) if is_consequence else None  # type: ignore[arg-type]
        return alert is None
