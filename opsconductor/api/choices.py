"""The conditions of a filter on a single alert in memory; pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from opsconductor.engine.alert_index import device_key
from opsconductor.model.alert import Alert
from opsconductor.store.alerts.filter import CHOICES, TIMES, AlertFilter, has_id
from opsconductor.store.alerts.lacking import LACKS
from opsconductor.store.alerts.rows import meets
from opsconductor.store.alerts.search import Finder, searched_text, terms_of

Choose = Callable[[Iterable[Alert]], list[Alert]]


def choices_of(wanted: AlertFilter) -> list[Choose]:
    """Return the predicates of the conditions on a single alert that are set."""
    choices = [_one_of(name, chosen) for name in CHOICES if (chosen := getattr(wanted, name))]
    if rows := wanted.rows:
        choices.append(lambda alerts: [alert for alert in alerts if meets(alert, rows)])
    choices += [_lacking(LACKS[each].is_met) for each in wanted.without if each in LACKS]
    choices += _device_choices(wanted)
    if wanted.alert_type:
        choices.append(_of_types(wanted.alert_type))
    if tags := frozenset(wanted.tag):
        choices.append(lambda alerts: [alert for alert in alerts if not tags.isdisjoint(alert.tags)])
    if (said := wanted.acknowledged) is not None:
        choices.append(lambda alerts: [alert for alert in alerts if bool(alert.acknowledged_at) is said])
    if (causes := wanted.is_cause) is not None:
        choices.append(lambda alerts: [alert for alert in alerts if bool(alert.impacted) is causes])
    choices += [
        _in_time(column, limit, is_lower=sign == ">=")
        for name, (column, sign) in TIMES.items()
        if (limit := getattr(wanted, name)) is not None
    ]
    if part := wanted.id_part.lower():
        choices.append(lambda alerts: [alert for alert in alerts if has_id(alert.id, part)])
    if terms := terms_of(wanted.search):
        is_found = Finder(terms).is_found
        choices.append(lambda alerts: [alert for alert in alerts if is_found(searched_text(alert))])
    return choices


def _of_devices(names: Collection[str]) -> Choose:
    return lambda alerts: [
        alert for alert in alerts if alert.device_ip in names or alert.device_name in names
    ]


def _of_types(patterns: Sequence[str]) -> Choose:
    """Return the choice of alert types by patterns in which `*` stands for any characters."""
    parts = [pattern.split("*") for pattern in patterns]
    fits = cache(lambda name: any(_fits(name, each) for each in parts))  # alerts have few types
    return lambda alerts: [alert for alert in alerts if fits(alert.alert_type)]


def _fits(text: str, parts: Sequence[str]) -> bool:
    """Return whether a text consists of these parts with anything between them."""
    first, *between = parts
    if not between:
        return text == first
    *between, last = between
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in between:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _in_time(column: str, limit: datetime, *, is_lower: bool) -> Choose:
    value_of = attrgetter(column)
    if is_lower:
        return lambda alerts: [
            alert for alert in alerts if (at := value_of(alert)) is not None and at >= limit
        ]
    return lambda alerts: [alert for alert in alerts if (at := value_of(alert)) is not None and at < limit]


def _device_choices(wanted: AlertFilter) -> Iterator[Choose]:
    for names in (wanted.device or None, wanted.device_key):
        if names is not None:
            yield _of_devices(frozenset(names))
    if others := wanted.other_device:
        yield lambda alerts: [alert for alert in alerts if device_key(alert) not in others]


def _lacking(is_met: Callable[[Alert], bool]) -> Choose:
    return lambda alerts: [alert for alert in alerts if is_met(alert)]


def _one_of(name: str, chosen: tuple[Any, ...]) -> Choose:
    value_of = attrgetter(name)
    return lambda alerts: [alert for alert in alerts if value_of(alert) in chosen]
