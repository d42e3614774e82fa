"""Storms: more messages than a budget allows, of one device or of all, in one alert."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from opsconductor.config.settings import StormSettings
from opsconductor.flood.reserves import AlertKind, Reserve
from opsconductor.limits import Rate
from opsconductor.model.enums import SEVERITY_RANK, Category, Severity
from opsconductor.model.identified import IdentifiedReport
from opsconductor.model.normalized import NormalizedAlert

SOURCE_SYSTEM = "opsconductor"
WINDOW_S = 60
MOST_NAMES = 200
"""Maximum number of resources, devices and alert types counted: those of a flood may be forged."""

NAMED_KINDS = 8
"""Number of kinds of withheld reports named in the alert, highest severity first."""

OTHER_TYPES = "other types"
"""Name of the alert types beyond `MOST_NAMES`."""

TRAP_STORM, ALERT_STORM = "network_trap_storm", "application_alert_storm"
"""Alert types of a storm of one device, and of all together."""


class Recent:
    """Counts of the last minute, by second."""

    def __init__(self) -> None:
        self._seconds: deque[list[int]] = deque()
        self.total = 0

    def add(self, amount: int, now_s: float) -> None:
        """Count something now."""
        second = int(now_s)
        if self._seconds and self._seconds[-1][0] >= second:
            self._seconds[-1][1] += amount
        else:
            self._seconds.append([second, amount])
        self.total += amount
        while self._seconds[0][0] <= second - WINDOW_S:
            self.total -= self._seconds.popleft()[1]


@dataclass(slots=True, kw_only=True)
class Storm:
    """More than a budget allows, of one device or of all together.

    Attributes:
        device_ip: The device that sends too much; for all together None.
        device_name: Its name if known; for all together the daemon's host.
        is_of_all: All devices together are beyond the budget, not one of them alone.
        over_s: When it was last beyond its budget (seconds since 1970).
        reserve: Reserve for what is worse; for all together None: see `Exemptions`.
        withheld: Number of reports that are counted in this storm's alert only.
        held: The same by kind.
        floor: Only what is worse than this may pass beyond the budget: the rank of the highest severity that
            is withheld; -1: nothing was beyond the budget yet.
        kinds: Alert types of the examined messages, with their numbers.
        places: Resources; for all together devices.
    """

    device_ip: str | None
    device_name: str | None
    is_of_all: bool
    limits: str
    began_s: float
    over_s: float
    reserve: Reserve | None = None
    withheld: int = 0
    held: Counter[AlertKind] = field(default_factory=Counter)
    floor: int = -1
    recent: Recent = field(default_factory=Recent)
    kinds: Counter[str] = field(default_factory=Counter)
    places: set[str] = field(default_factory=set)

    def look_at(self, event: IdentifiedReport) -> None:
        """Record the kind and the place of a message."""
        kind = event.report.alert_type
        if kind in self.kinds or len(self.kinds) < MOST_NAMES:
            self.kinds[kind] += 1
        if len(self.places) <= MOST_NAMES:
            device = event.device_ip or event.device_name or ""
            self.places.add(device if self.is_of_all else event.report.resource)

    def withhold(self, events: Sequence[IdentifiedReport], kind: AlertKind, now_s: float) -> None:
        """Count messages of one kind that are counted nowhere else."""
        self.withheld += len(events)
        if kind not in self.held and len(self.held) >= MOST_NAMES:
            kind = AlertKind(kind.severity, OTHER_TYPES)
        self.held[kind] += len(events)
        self.floor = max(self.floor, SEVERITY_RANK[kind.severity])
        if self.is_of_all:
            self.recent.add(len(events), now_s)
            for event in events:
                self.look_at(event)

    def is_urgent(self, kind: AlertKind) -> bool:
        """Return True if a report is worse than what is withheld, or critical and of another type."""
        if SEVERITY_RANK[kind.severity] > self.floor:
            return True
        is_new = kind not in self.held and len(self.held) < MOST_NAMES
        return kind.severity is Severity.CRITICAL and is_new

    def severity(self) -> Severity:
        """Return the highest severity withheld, at least major; a warning while nothing is."""
        if not self.withheld:
            return Severity.WARNING
        return Severity.CRITICAL if self.floor >= SEVERITY_RANK[Severity.CRITICAL] else Severity.MAJOR

    def report(self, at: datetime) -> NormalizedAlert:
        """Return the storm as a report."""
        self.recent.add(0, at.timestamp())
        return NormalizedAlert(
            source_system=SOURCE_SYSTEM,
            alert_type=ALERT_STORM if self.is_of_all else TRAP_STORM,
            category=Category.APPLICATION if self.is_of_all else Category.NETWORK,
            severity=self.severity(),
            title="Alert Storm - {device_name}" if self.is_of_all else "Message Storm - {device_name}",
            message=self.text(at.timestamp()),
            occurred_at=at,
            received_at=at,
            device_ip=self.device_ip,
            device_name=self.device_name,
        )

    def text(self, now_s: float) -> str:
        """Return the text of the alert: what is received, and how it is handled."""
        lasts_s = max(1, min(WINDOW_S, round(now_s - self.began_s)))
        mostly = f", mostly {self.kinds.most_common(1)[0][0]}" if self.kinds else ""
        if self.is_of_all:
            text = (
                f"{self.recent.total:,} reports of problems beyond the limit were received in {lasts_s} s"
                f" from {_many(self.places, 'device')}{mostly}"
            )
        else:
            who = self.device_name or self.device_ip or "A device without address"
            text = (
                f"{who} sent {self.recent.total:,} messages in {lasts_s} s{mostly}"
                f" on {_many(self.places, 'resource')}"
            )
        if self.withheld:
            text += f". {self.withheld:,} reports of problems beyond {self.limits} are counted only here"
            text += f": {self._held_in_words()}"
        return f"{text}."

    def _held_in_words(self) -> str:
        """Return the text about withheld kinds, highest severity first, then most frequent."""
        kinds = sorted(self.held.items(), key=lambda each: (-SEVERITY_RANK[each[0].severity], -each[1]))
        words = [f"{amount:,} {kind.severity} {kind.alert_type}" for kind, amount in kinds[:NAMED_KINDS]]
        rest = kinds[NAMED_KINDS:]
        if rest:
            amount = sum(amount for _, amount in rest)
            words.append(f"{amount:,} of {len(rest)} further kinds")
        return ", ".join(words)


def _many(names: set[str], word: str) -> str:
    if len(names) > MOST_NAMES:
        return f"more than {MOST_NAMES} {word}s"
    return f"{len(names)} {word}{'' if len(names) == 1 else 's'}"


MOST = 500
"""Maximum number of devices with a storm alert of their own; the others share one."""


class Storms:
    """Begins, finds and ends storms.

    Args of the constructor:
        host: Name of this host: the device of the alert on all devices together.

    Attributes:
        of_device: The storms of single devices.
    """

    def __init__(self, settings: StormSettings, host: str) -> None:
        self._settings = settings
        self._host = host
        self.of_device: dict[str, Storm] = {}
        self._of_all: Storm | None = None

    def __iter__(self) -> Iterator[Storm]:
        yield from self.of_device.values()
        if self._of_all is not None:
            yield self._of_all

    def note(self, amounts: Mapping[str, int], now_s: float) -> None:
        """Count the messages of devices that have a storm."""
        for device in self.of_device.keys() & amounts.keys():
            self.of_device[device].recent.add(amounts[device], now_s)

    def go_on(self, device: str, now_s: float) -> Storm | None:
        """Record that a device is still beyond its budget; return its storm, or None."""
        storm = self.of_device.get(device)
        if storm is not None:
            storm.over_s = now_s
        return storm

    def start_device_storm(self, device: str, event: IdentifiedReport, now_s: float) -> Storm:
        """Begin the storm of a device that is beyond its budget.

        Args:
            event: One of the device's, with its address and name.
        """
        if len(self.of_device) >= MOST:
            return self.start_global_storm(now_s)
        settings = self._settings
        storm = self.of_device[device] = Storm(
            device_ip=event.device_ip,
            device_name=event.device_name,
            is_of_all=False,
            limits=f"{settings.sender_burst:,} at once or {settings.sender_per_s:,} a second",
            began_s=now_s,
            over_s=now_s,
            reserve=Reserve(Rate(settings.sender_per_s, settings.sender_burst)),
        )
        return storm

    def start_global_storm(self, now_s: float) -> Storm:
        """Record that all devices together are beyond their budget; return their storm."""
        storm = self._of_all
        if storm is None:
            settings = self._settings
            storm = self._of_all = Storm(
                device_ip=None,
                device_name=self._host,
                is_of_all=True,
                limits=f"{settings.new_alerts_burst:,} at once, {settings.new_alerts_per_s:,} a second"
                f" or {settings.most_alerts:,} in all",
                began_s=now_s,
                over_s=now_s,
            )
        storm.over_s = now_s
        return storm

    def reports(self, now: datetime) -> list[NormalizedAlert]:
        """Return the reports of current storms; end those within their budget for long enough."""
        self.of_device = {
            device: storm for device, storm in self.of_device.items() if self._lasts(storm, now)
        }
        if self._of_all is not None and not self._lasts(self._of_all, now):
            self._of_all = None
        return [storm.report(now) for storm in self]

    def _lasts(self, storm: Storm, now: datetime) -> bool:
        """Return True if a storm continues; one of the future ends: the clock was set back."""
        return 0 <= now.timestamp() - storm.over_s <= self._settings.quiet_time.total_seconds()
