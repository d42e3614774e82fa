"""Values that the conditions of a rule require in any case, by which rules are found without asking each."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import NamedTuple, Protocol

from opsconductor.engine.routing.patterns import AddressIndex, TextIndex
from opsconductor.engine.routing.situation import Situation, field_of, role_of, site_of, tags_of
from opsconductor.model.enums import PROBLEM_EVENTS, SEVERITY_RANK, AlertEvent
from opsconductor.model.notifications.rule import Conditions

CUSTOM_FIELD = "custom_fields."
MOST_COLUMNS = 30
MOST_ROWS = 16
Patterns = frozenset[str]

ONE_TEXT: dict[str, Callable[[Situation], str | None]] = {
    "severity": lambda situation: situation.alert.severity,
    "minimum_severity": lambda situation: situation.alert.severity,
    "category": lambda situation: situation.alert.category,
    "source_system": lambda situation: situation.alert.source_system,
    "priority": lambda situation: situation.alert.priority,
    "alert_type": lambda situation: situation.alert.alert_type,
    "device_ip_pattern": lambda situation: situation.alert.device_ip,
    "device_name": lambda situation: situation.alert.device_name,
    "site": site_of,
    "role": role_of,
}
"""Fields with one value, in the order in which they are looked up."""
WORDS = frozenset({"severity", "minimum_severity", "category", "source_system", "priority"})
INDEXED = frozenset(ONE_TEXT) | {"device_tags", "event"}
"""Conditions that the index decides alone."""
LISTED = tuple(sorted(INDEXED - {"minimum_severity"}))


class RuleLookup(Protocol):
    """Finds rules by a text."""

    unrestricted: int

    def find(self, text: str, /) -> int:
        """Return the rules that accept a text."""


class RuleColumn(NamedTuple):
    """The rules by the value of one field."""

    texts: Callable[[Situation], Iterable[str]]
    rules: RuleLookup

    def mask(self, situation: Situation) -> int:
        """Return the rules that accept the value that a situation has."""
        found = self.rules.unrestricted
        for text in self.texts(situation):
            found |= self.rules.find(text)
        return found


def columns_of(every: Iterable[Conditions]) -> list[RuleColumn]:
    """Return a column for each field that a rule restricts, the most common first."""
    patterns: dict[str, dict[int, Patterns]] = {}
    amount = 0
    for number, conditions in enumerate(every):
        amount += 1
        for field, needed in needs(conditions).items():
            patterns.setdefault(field, {})[number] = needed
    patterns.pop("event", None)
    common = sorted(patterns, key=lambda field: -len(patterns[field]))[:MOST_COLUMNS]
    return [_column(field, patterns[field], amount) for field in common]


def rows_of(conditions: Conditions) -> list[Conditions]:
    """Return alternative conditions, each without further alternatives, so that each can be indexed.

    Conditions with too many alternatives are returned as they are.
    """
    if not conditions.any:
        return [conditions]
    options = [option for part in conditions.any for option in rows_of(part)]
    if len(options) > MOST_ROWS:
        return [conditions]
    return [replace(conditions, any=(), all=(*conditions.all, option)) for option in options]


def needs(conditions: Conditions) -> dict[str, Patterns]:
    """Return, by field, the patterns; conditions are met only if the field matches one of them."""
    needed = dict(_own(conditions))
    for part in conditions.all:
        for field, patterns in needs(part).items():
            known = needed.get(field)
            needed[field] = patterns if known is None else min(known, patterns, key=len)
    if conditions.any:
        options = [needs(part) for part in conditions.any]
        for field in set(options[0]).intersection(*options[1:]) - set(needed):
            needed[field] = frozenset[str]().union(*(option[field] for option in options))
    return needed


def events_of(conditions: Conditions) -> frozenset[AlertEvent]:
    """Return the events about which a rule is asked: those it names, else those of problems."""
    needed = needs(conditions).get("event")
    if needed is not None:
        return frozenset(AlertEvent(word) for word in needed)
    return PROBLEM_EVENTS | _named_events(conditions)


def is_indexed(conditions: Conditions) -> bool:
    """Return True if the index decides alone, without evaluation of the conditions."""
    return all(
        each.name in INDEXED or getattr(conditions, each.name) == each.default for each in fields(Conditions)
    )


def _named_events(conditions: Conditions) -> frozenset[AlertEvent]:
    parts = (*conditions.all, *conditions.any)
    return frozenset(conditions.event).union(*(_named_events(part) for part in parts))


def _column(field: str, patterns: Mapping[int, Iterable[str]], amount: int) -> RuleColumn:
    unrestricted = (1 << amount) - 1 & ~sum(1 << number for number in patterns)
    if field == "device_ip_pattern":
        return RuleColumn(_texts(field), AddressIndex(patterns, unrestricted))
    return RuleColumn(_texts(field), TextIndex(patterns, unrestricted, are_words=field in WORDS))


def _own(conditions: Conditions) -> Iterator[tuple[str, Patterns]]:
    for field in LISTED:
        if given := getattr(conditions, field):
            yield field, frozenset(given)
    if (lowest := conditions.minimum_severity) is not None:
        yield (
            "minimum_severity",
            frozenset(each for each, rank in SEVERITY_RANK.items() if rank >= lowest.rank),
        )
    for name, given in conditions.custom_fields:
        yield CUSTOM_FIELD + name, frozenset(given)


def _texts(field: str) -> Callable[[Situation], Iterable[str]]:
    if field == "device_tags":
        return tags_of
    if field.startswith(CUSTOM_FIELD):
        name = field.removeprefix(CUSTOM_FIELD)
        return lambda situation: field_of(situation, name)
    read = ONE_TEXT[field]

    def texts(situation: Situation) -> Iterable[str]:
        found = read(situation)
        return () if found is None else (found,)

    return texts
