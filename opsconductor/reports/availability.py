"""Availability of devices: from alerts that they cannot be reached; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import lru_cache

from opsconductor.reports.facts import AlertFact, ReportFacts, Span
from opsconductor.reports.spans import length, union, within, without


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """A device's availability in a period.

    Attributes:
        down: Unreachable, without maintenance.
        maintenance: Unreachable within maintenance; it does not count.
        unknown: It was not known yet, the daemon did not run, or the way to it was cut; it does not count.
        outages: Number of spans of `down`.
        percent: Share of the time that counts in which it was up; None: no time counts.
    """

    key: str
    name: str
    site: str
    down: timedelta
    maintenance: timedelta
    unknown: timedelta
    outages: int
    percent: float | None


def availabilities(facts: ReportFacts) -> Sequence[Availability]:
    """Return the availability of every device of the scope, the worst first."""
    spans = unreachable_spans(facts)
    found = [_of_device(facts, key, *spans.get(key, ([], []))) for key in facts.devices]
    return sorted(found, key=lambda each: (101.0 if each.percent is None else each.percent, each.name))


def unreachable_spans(facts: ReportFacts) -> Mapping[str, tuple[list[Span], list[Span]]]:
    """Return by device when it was unreachable: by itself, and because the way to it was cut."""
    outer = (facts.period.begin, facts.period.end)
    found: dict[str, tuple[list[Span], list[Span]]] = {}
    for alert in facts.alerts:
        if is_reachability(alert, facts.unreachable):
            own, cut = found.setdefault(alert.device, ([], []))
            (cut if alert.is_consequence else own).append((alert.occurred_at, alert.closed_at or outer[1]))
    return {key: (within(own, outer), within(cut, outer)) for key, (own, cut) in found.items()}


def is_reachability(alert: AlertFact, patterns: tuple[str, ...]) -> bool:
    """Return whether an alert means that its device as a whole cannot be reached."""
    return _matches(alert.alert_type, patterns)


@lru_cache(maxsize=2_000)
def _matches(alert_type: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(alert_type, pattern) for pattern in patterns)


def _of_device(facts: ReportFacts, key: str, own: list[Span], cut: list[Span]) -> Availability:
    begin, end = facts.period.begin, facts.period.end
    device = facts.devices[key]
    since = min(max(begin, facts.known_since.get(key, begin)), end)
    unknown = union([(begin, since), *within(facts.down, (begin, end)), *without(cut, own)])
    maintained = within(without(facts.maintenance.get(key, ()), unknown), (begin, end))
    down = without(without(own, unknown), maintained)
    counted = _counted(end - begin, unknown, maintained)
    return Availability(
        key=key,
        name=device.name,
        site=device.site or "",
        down=length(down),
        maintenance=length(maintained),
        unknown=length(unknown),
        outages=len(down),
        percent=None if not counted else 100 * (1 - length(down) / counted),
    )


def _counted(whole: timedelta, unknown: Sequence[Span], maintained: Sequence[Span]) -> timedelta:
    return max(timedelta(0), whole - length(unknown) - length(maintained))
