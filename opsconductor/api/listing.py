"""Lists alerts from memory as `store.alerts` does from PostgreSQL: same filters, same order; pure.

Text is compared by code points, as in the embedded database (collation C); a database of one's own with
another collation sorts names differently.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES, SEVERITY_RANK, Severity, Status
from opsconductor.store.alerts import SORTS, AlertFilter

Test = Callable[[Alert], bool]

CHOICES = ("status", "severity", "category", "priority", "device_ip", "source_system", "correlated_to_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list, and how long the whole is."""

    alerts: Sequence[Alert]
    total: int


def page_of(
    alerts: Iterable[Alert], wanted: AlertFilter, *, sort: Sequence[str], limit: int, offset: int
) -> Page:
    """List some alerts of those that match; takes what `store.alerts.list_alerts` takes."""
    found = matching(alerts, wanted)
    return Page(alerts=in_order(found, sort)[offset : offset + limit], total=len(found))


def matching(alerts: Iterable[Alert], wanted: AlertFilter) -> list[Alert]:
    """Choose the alerts that meet all conditions."""
    tests = tests_of(wanted)
    return [alert for alert in alerts if all(test(alert) for test in tests)]


def tests_of(wanted: AlertFilter) -> list[Test]:
    """Make a test of each condition that restricts anything, the cheap ones first."""
    tests = [_is_one_of(name, frozenset(chosen)) for name in CHOICES if (chosen := getattr(wanted, name))]
    since, until = wanted.since, wanted.until
    if since is not None:
        tests.append(lambda alert: alert.occurred_at >= since)
    if until is not None:
        tests.append(lambda alert: alert.occurred_at < until)
    if part := wanted.id_part.lower():
        tests.append(lambda alert: str(alert.id).startswith(part) or str(alert.id).endswith(part))
    if text := wanted.search.lower():
        tests.append(lambda alert: text in _searched(alert))
    return tests


def in_order(alerts: Iterable[Alert], sort: Sequence[str]) -> list[Alert]:
    """Sort by several keys; alerts that have nothing there come last either way, newer ids first.

    Args:
        sort: Keys of `store.alerts.SORTS`, `-` in front for descending.
    """
    found = sorted(alerts, key=lambda alert: alert.id.int, reverse=True)
    for key in reversed(sort):
        found = _sorted_by(found, key.removeprefix("-"), is_descending=key.startswith("-"))
    return found


def summary_of(alerts: Iterable[Alert]) -> Counter[tuple[Severity, Status]]:
    """Count the open alerts by severity and status."""
    return Counter((alert.severity, alert.status) for alert in alerts if alert.status in OPEN_STATUSES)


def _is_one_of(name: str, chosen: frozenset[Any]) -> Test:
    value_of = attrgetter(name)
    return lambda alert: value_of(alert) in chosen


def _searched(alert: Alert) -> str:
    texts = (alert.title, alert.message, alert.device_name, alert.device_ip)
    return "\n".join(text for text in texts if text is not None).lower()


def _sorted_by(alerts: list[Alert], name: str, *, is_descending: bool) -> list[Alert]:
    value_of = KEYS[name]
    present = [alert for alert in alerts if value_of(alert) is not None]
    absent = [alert for alert in alerts if value_of(alert) is None]
    present.sort(key=value_of, reverse=is_descending)
    return present + absent


KEYS: dict[str, Callable[[Alert], Any]] = {
    name: (lambda alert: SEVERITY_RANK[alert.severity]) if name == "severity" else attrgetter(name)
    for name in SORTS
}
"""What alerts are sorted by."""
