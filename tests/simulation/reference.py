"""Finds by brute force which devices are cut off and why: the yardstick for `pipeline.cuts`."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from uuid import UUID

from opsconductor.config.settings import EngineSettings
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category, DependencyType, Severity, Status
from opsconductor.model.inventory.device import Dependency

NEEDS = tuple(kind for kind in DependencyType if kind is not DependencyType.MANAGEMENT)
PATTERNS = EngineSettings().reachability_types


def is_about_reachability(alert: Alert) -> bool:
    """Return whether an alert only reports its device as unreachable."""
    return any(fnmatchcase(alert.alert_type, pattern) for pattern in PATTERNS)


class Reference:
    """The network as a list of dependencies and a list of open alerts, nothing cached."""

    def __init__(self, dependencies: Collection[Dependency], alerts: Iterable[Alert]) -> None:
        self.dependencies = dependencies
        self.alerts = {alert.id: alert for alert in alerts}
        self.usable = self._usable()

    def causes(self, alert: Alert) -> list[Alert]:
        """List every nearest cause because of which an alert may be suppressed."""
        found: dict[UUID, Alert] = {}
        device = str(alert.device_ip)
        for kind in NEEDS:
            paths = self._paths(device, kind)
            if paths and not any(self._carries(path) for path in paths):
                nearest = [cut for path in paths for cut in self._nearest(path, set())]
                found |= {cut.id: cut for cut in nearest if self._leads_elsewhere(cut, device)}
        if is_about_reachability(alert) and self._is_hidden(device):
            cuts = [
                cut for path in self._paths(device, DependencyType.MANAGEMENT) for cut in self._cuts(path)
            ]
            found |= {cut.id: cut for cut in cuts if self._leads_elsewhere(cut, device)}
        return list(found.values())

    def _is_hidden(self, device: str) -> bool:
        """Check whether everything over which a device is managed is down, and not because the device is."""
        paths = self._paths(device, DependencyType.MANAGEMENT)
        return (
            bool(paths)
            and all(self._cuts(path) for path in paths)
            and not any(self._hangs_on(path.depends_on_ip, device) for path in paths)
        )

    def _hangs_on(self, device: str, provider: str) -> bool:
        some = next(iter(self.alerts.values()))
        dead = replace(
            some,
            device_ip=provider,
            resource="",
            alert_type="network_dead",
            category=Category.NETWORK,
            severity=Severity.CRITICAL,
            is_cutting=True,
        )
        has_needs = any(self._paths(device, kind) for kind in NEEDS)
        return has_needs and device not in Reference(self.dependencies, [dead]).usable

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
        by_type = (self._paths(device, kind) for kind in NEEDS)
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
            and not (
                path.dependency_type is not DependencyType.MANAGEMENT
                and is_about_reachability(alert)
                and self._is_hidden(path.depends_on_ip)
            )
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
        for kind in NEEDS:
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
