"""Evaluation of checks: problems found and problems cleared. Pure except for its memory of earlier polls."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.snmp_poll.definition import CheckDefinition, Rule
from connectors.snmp_poll.formula import Row
from connectors.snmp_poll.reading import PolledSample, Read
from connectors.snmp_poll.report import PollFinding
from connectors.snmp_poll.rows import NOTHING, PolledRows
from opsconductor.connector.settings.threshold import level_of
from opsconductor.model.enums import Severity
from opsconductor.model.inventory.port import interface_of, port_name
from opsconductor.snmp.message.plausible import NoValue, within

SeverityOf = Callable[[str, str], Severity | None]
"""Severity of the device's open alert by alert type and resource; None: none is open."""

LONGEST_TEXT = 1_000
_Key = tuple[int, str]


@dataclass(slots=True)
class Memory:
    """State of a check kept from one poll to the next.

    Attributes:
        check: State of another definition is discarded.
        names: Columns for texts, of the rows that were listed.
        streaks: Consecutive polls with the problem, by rule and index.
        seen: Where the rule's `seen` has held.
        listed: Alert types and resources of the latest snapshot.
        implausible: Implausible values that the latest poll needed, with the reason.
    """

    check: CheckDefinition
    sample: PolledSample | None = None
    names: Mapping[str, Mapping[str, Read]] = field(default_factory=dict)
    streaks: dict[_Key, int] = field(default_factory=dict)
    seen: set[_Key] = field(default_factory=set)
    listed: frozenset[tuple[str, str]] = frozenset()
    implausible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Result of one rule for one row, or for the device as a whole.

    Attributes:
        severity: Severity of the problem; None: no problem.
        value: The evaluated number, if it is a number and known.
        is_known: False when the result is unknown.
        implausible: Why values that it needs are implausible.
    """

    check: CheckDefinition
    rule: Rule
    index: str
    row: Row
    severity: Severity | None
    value: float | None = None
    is_known: bool = True
    implausible: tuple[str, ...] = ()

    @property
    def resource(self) -> str:
        """Affected part of the device."""
        return self.rule.resource_template({**self.row.values, "index": self.index})

    @property
    def evidence(self) -> str:
        """The values that were examined, as readable text: `ifOperStatus.7 is down(2)`."""
        wanted = {name for formula in self.rule.formulas for name in formula.names}
        at = f".{self.index}" if self.index else ""
        known = self.row.values
        parts = [
            f"{name}{at} is {_worded(self.check, name, known[name])}" for name in known if name in wanted
        ]
        if self.value is not None and self.rule.value is not None:
            parts.append(f"{self.rule.value} is {self.value:.4g} {self.rule.unit}".strip())
        parts += self.implausible
        return ", ".join(parts) or "the device returns no value"

    def finding(self, names: Mapping[str, Read] = NOTHING, severity: Severity | None = None) -> PollFinding:
        """Return the problem for the report.

        Args:
            names: The row's columns that are used in texts only.
        """
        words = {name: _label(self.check, name, value) for name, value in self.row.values.items()}
        known = {**self.row.values, **names}
        port = port_name(self.check.port_columns(known)) if interface_of(self.resource) else ""
        own: dict[str, object] = {
            "index": self.index,
            "unit": self.rule.unit,
            "value": self.value,
            "port": port or self.resource,
        }
        return PollFinding(
            alert_type=self.rule.alert_type,
            category=self.rule.category,
            severity=severity or self.severity or Severity.CLEAR,
            resource=self.resource[:LONGEST_TEXT],
            title=self.rule.title_template({**words, **names, **own})[:LONGEST_TEXT],
            message=self.evidence[:LONGEST_TEXT],
            is_cutting=self.rule.is_cutting,
            port=port,
        )


def cases_of(
    check: CheckDefinition, sample: PolledSample, before: PolledSample | None, severity_of: SeverityOf
) -> Iterator[tuple[int, Case]]:
    """Yield the result of every rule for every row, with the rule's number.

    Args:
        before: The sample before this one, for rates; None: there is none, or the device has restarted.
    """
    rows = PolledRows(check, sample, before)
    for number, rule in enumerate(check.rules):
        for index, row in rows.of(rule):
            yield from _case(number, check, index, row, severity_of)


def evaluate_check(
    check: CheckDefinition, sample: PolledSample, memory: Memory, severity_of: SeverityOf
) -> tuple[Sequence[Case], Sequence[Case]]:
    """Return the problems to list and the alerts of other sources that are over; update the memory."""
    listed: list[Case] = []
    over: list[Case] = []
    streaks: dict[_Key, int] = {}
    implausible: list[str] = []
    for number, case in cases_of(check, sample, memory.sample, severity_of):
        implausible += case.implausible
        key, rule = (number, case.index), case.rule
        if rule.seen and rule.seen.of(case.row) is True:
            memory.seen.add(key)
        if case.severity is not None:
            streaks[key] = memory.streaks.get(key, 0) + 1
            is_new_here = rule.seen is not None and key not in memory.seen
            is_fresh = is_new_here or (case.is_known and streaks[key] < rule.after)
            if not is_fresh or severity_of(rule.alert_type, case.resource) is not None:
                listed.append(case)
        elif rule.over and rule.over.of(case.row) is True and _is_of_others(case, memory, severity_of):
            over.append(case)
    memory.streaks, memory.sample = streaks, sample
    memory.implausible = tuple(dict.fromkeys(implausible))
    memory.listed = frozenset((case.rule.alert_type, case.resource) for case in listed)
    return listed, over


def _is_of_others(case: Case, memory: Memory, severity_of: SeverityOf) -> bool:
    identity = case.rule.alert_type, case.resource
    return identity not in memory.listed and severity_of(*identity) is not None


def _case(
    number: int, check: CheckDefinition, index: str, row: Row, severity_of: SeverityOf
) -> Iterator[tuple[int, Case]]:
    rule = check.rules[number]
    applies = rule.where.of(row) if rule.where else True
    if applies is False:
        return
    case = Case(check=check, rule=rule, index=index, row=row, severity=None)
    implausible: tuple[str, ...] = ()
    if rule.when:
        holds = rule.when.of(row) if applies else None
        severity = rule.severity if holds else None
        known, value = holds is not None, None
    else:
        found = _number(rule, row) if applies else None
        value = found if isinstance(found, float) else None
        known = value is not None
        if isinstance(found, NoValue):
            implausible = (f"{rule.value}{f' of {index}' if index else ''}: {found.reason}",)
        before = severity_of(rule.alert_type, case.resource)
        severity = level_of(value, rule.thresholds, before) if value is not None else None
    if not known:  # what is open stays open until it is known to be over
        severity = severity_of(rule.alert_type, case.resource)
        implausible += _implausible(rule, index, row)
    yield number, replace(case, severity=severity, value=value, is_known=known, implausible=implausible)


def _number(rule: Rule, row: Row) -> float | NoValue | None:
    """Return the number of a rule; None: it is unknown."""
    assert rule.value is not None
    found = rule.value.of(row)
    if not isinstance(found, int | float):
        return None
    return within(float(found), *rule.possible, rule.unit) if rule.possible else float(found)


def _implausible(rule: Rule, index: str, row: Row) -> tuple[str, ...]:
    """Return why values that a rule needs are implausible."""
    wanted = {name for formula in rule.formulas for name in formula.names}
    at = f".{index}" if index else ""
    return tuple(f"{name}{at}: {reason}" for name, reason in row.implausible.items() if name in wanted)


def _label(check: CheckDefinition, name: str, value: object) -> object:
    words = check.labels.get(name)
    return words.get(value, value) if words and isinstance(value, int) else value


def _worded(check: CheckDefinition, name: str, value: object) -> str:
    label = _label(check, name, value)
    return str(value) if label == value else f"{label}({value})"
