"""Severities of enumeration values: those for a good state and those for a bad one."""

from collections.abc import Sequence
from dataclasses import dataclass

from opsconductor.mib.derive.category import is_kind
from opsconductor.mib.derive.derived import StateRule
from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.polarity import ALARMING, BAD, Polarity, negated, without_negations
from opsconductor.mib.derive.subjects import Subject
from opsconductor.mib.derive.tokens import words_of
from opsconductor.mib.facts import ObjectFact
from opsconductor.model.enums import SEVERITY_RANK, Severity

SEVERITIES = {
    "clear": Severity.CLEAR,
    "normal": Severity.CLEAR,
    "nominal": Severity.CLEAR,
    "ok": Severity.CLEAR,
    "emergency": Severity.CRITICAL,
    "alarm": Severity.CRITICAL,
    "critical": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "severe": Severity.MAJOR,
    "major": Severity.MAJOR,
    "error": Severity.MAJOR,
    "high": Severity.MAJOR,
    "minor": Severity.MINOR,
    "medium": Severity.MINOR,
    "warning": Severity.WARNING,
    "low": Severity.WARNING,
    "indeterminate": Severity.WARNING,
    "intermediate": Severity.WARNING,
    "notice": Severity.INFO,
    "inform": Severity.INFO,
    "event": Severity.INFO,
    "debug": Severity.INFO,
    "config": Severity.INFO,
}
"""Severity by base form; X.733, syslog (RFC 5424), and what vendors write beside them."""

_WELL = words("""ok normal up good healthy nominal clear online active enable running
    operational operate full establish synchronize ready available optimal pass present insert
    connect reachable resolve alive valid disappear lock inservice standby true activate complete
    succeed restore recover noalarm nofault on twoway work functional inoperation
    becomeoperational sync within inrange withinrange withinnormalrange""")
_ILL = words("""down fail critical major minor warning degrade bad lose offline absent
    miss remove alarm emergency shutdown overload stop die unreachable disconnect expire mismatch
    lowlayer high low above exceed raise trigger error fatal disable inactive below crash halt
    open off false unsynchronize unlock break invalid noncritical severe outofservice blocked
    block timeout corrupt deplete over under unavailable failsafe hihi lolo hi lo discharge
    overtemp overcurrent overvoltage undervoltage outrange abnormal reject deny suspend
    notinservice unregister dangerous expiring predict poor fallen outrange problem conflict
    powerdown extract unplug unsupported nonexistent missing""")
_SWITCHED = {
    "on": Severity.MAJOR,
    "active": Severity.MAJOR,
    "activate": Severity.MAJOR,
    "off": Severity.CLEAR,
    "inactive": Severity.CLEAR,
    "enable": None,
    "disable": None,
}
"""Meaning of the values of an alarm's own state; of other things, `on` and `active` are good."""
_GENERAL = words("state status trap oper current alarm event notification")
_NEUTRAL = words("unknown other notapplicable undefined none testing test init initialize")
_ALARM_LISTS = words("alarm condition")


SWITCH_VALUES = 2
CERTAIN = 2
"""Rank of an object that is certainly a state."""


@dataclass(frozen=True, slots=True)
class StateVariable:
    """An object whose values are the state of the thing.

    Attributes:
        is_severity: Its values are the severities themselves.
        related: Number of words that its name has in common with the name of the notification.
    """

    fact: ObjectFact
    rule: StateRule
    is_severity: bool = False
    related: int = 0

    @property
    def is_certain(self) -> bool:
        """Check that it is an alarm state or an operational state."""
        return _rank(self.fact) == CERTAIN

    @property
    def is_switch(self) -> bool:
        """Return True if its only values are alarm on and off."""
        return "alarm" in words_of(self.fact.name) and len(self.fact.enumeration) == SWITCH_VALUES


def severity_variable(subject: Subject) -> StateVariable | None:
    """Return the object that carries the severity, or None."""
    for fact in subject.objects:
        severities = _severities(fact)
        if severities:
            clearing = tuple(value for value, severity in severities if severity is Severity.CLEAR)
            return StateVariable(fact, StateRule(fact.name, severities, clearing), is_severity=True)
    return None


def _severities(fact: ObjectFact) -> tuple[tuple[str, Severity], ...]:
    """Read an enumeration of severities: at least three of its values are such, and most are."""
    found = []
    for number, label in fact.enumeration:
        words = [word for word in words_of(label) if word not in words_of(fact.name)] or list(words_of(label))
        known = [SEVERITIES[word] for word in words if word in SEVERITIES]
        if known:
            found.append((str(number), known[-1]))
    ranks = {severity for _, severity in found if severity is not Severity.CLEAR}
    is_named = not {"severe", "severity", "priority", "criticality"}.isdisjoint(words_of(fact.name))
    wanted = 2 if is_named else 3
    is_most = 2 * len(found) > len(fact.enumeration)
    return tuple(found) if len(ranks) >= wanted and is_most and (is_named or len(ranks) > wanted) else ()


def state_variable(subject: Subject) -> StateVariable | None:
    """Return the object whose enumeration is the state of the thing, or None.

    Of several candidates, the one whose name has most in common with the name of the notification; then the
    operational state, status or alarm state of the thing; then the first.
    """
    found = [
        variable
        for fact in subject.objects
        if not _is_setting(fact)
        and not _severities(fact)
        and (variable := _variable(fact, subject)) is not None
    ]
    return max(found, key=lambda variable: (variable.related, _rank(variable.fact)), default=None)


def _rank(fact: ObjectFact) -> int:
    words = words_of(fact.name)
    if "oper" in words or "operational" in words or ("alarm" in words and words[-1] in ("state", "status")):
        return CERTAIN
    return int(words[-1] in ("state", "status", "condition", "healthy", "health", "level", "event"))


def _is_setting(fact: ObjectFact) -> bool:
    """Check for what is configured, remembered, or explains, instead of how the thing is now."""
    if fact.convention in ("RowStatus", "StorageType", "InetAddressType"):
        return True
    words = words_of(fact.name)
    return not {
        "admin", "type", "mode", "reason", "cause", "last", "previous", "prev", "old", "config", "role",
        "action", "policy", "method", "desired", "class", "access", "protocol", "version", "diag", "code",
    }.isdisjoint(words)  # fmt: skip


def _variable(fact: ObjectFact, subject: Subject) -> StateVariable | None:
    related = len(_own(fact) & _content(subject) - _product(subject))
    severities = _truth(fact, subject) if _is_truth(fact) else _states(fact)
    well = tuple(value for value, severity in severities if severity is Severity.CLEAR)
    if not well or len(well) == len(severities):
        return None
    return StateVariable(fact, StateRule(fact.name, severities, well), related=related)


def _own(fact: ObjectFact) -> set[str]:
    return {word for word in words_of(fact.name) if len(word) > 1} - {
        "state",
        "status",
        "trap",
        "oper",
        "current",
        "alarm",
        "event",
        "notification",
    }


def _product(subject: Subject) -> set[str]:
    """Return the first word of a name if it is that of a product: it occurs in all names of a module."""
    return {word for word in subject.words[:1] if not is_kind(word)}


def _content(subject: Subject) -> set[str]:
    return set(subject.words) - {"change", "state", "status"}


def _is_truth(fact: ObjectFact) -> bool:
    return fact.convention == "TruthValue" or {label.lower() for _, label in fact.enumeration} == {
        "true",
        "false",
    }


def _truth(fact: ObjectFact, subject: Subject) -> tuple[tuple[str, Severity], ...]:
    """Return the meaning of a TruthValue by the words of its name, or else of the notification's name."""
    for name in (words_of(fact.name), subject.words):
        bad = [BAD[word] for word in name if word in BAD and word != "alarm"]
        if bad:
            return _truth_values(fact, true=max(bad, key=SEVERITY_RANK.__getitem__), false=Severity.CLEAR)
        if any(word in _WELL for word in name):
            return _truth_values(fact, true=Severity.CLEAR, false=Severity.MAJOR)
    if "alarm" in words_of(fact.name):
        return _truth_values(fact, true=Severity.MAJOR, false=Severity.CLEAR)
    return ()


def _truth_values(fact: ObjectFact, *, true: Severity, false: Severity) -> tuple[tuple[str, Severity], ...]:
    named = {label.lower(): str(number) for number, label in fact.enumeration} or {"true": "1", "false": "2"}
    return (named["true"], true), (named["false"], false)


def _states(fact: ObjectFact) -> tuple[tuple[str, Severity], ...]:
    own = set(words_of(fact.name))
    is_alarm = bool(own & ALARMING) or bool(own & _ALARM_LISTS and len(fact.enumeration) == SWITCH_VALUES)
    has_ill = any(
        severity_of_label(label, is_alarm=is_alarm) not in (None, Severity.CLEAR)
        for _, label in fact.enumeration
    )
    found = []
    for number, label in fact.enumeration:
        severity = severity_of_label(label, is_alarm=is_alarm)
        if severity is None and has_ill and is_alarm and words_of(label) == ("none",):
            severity = Severity.CLEAR
        if severity is not None:
            found.append((str(number), severity))
    return tuple(found)


def severity_of_label(label: str, *, is_alarm: bool = False) -> Severity | None:
    """Return the severity of a value by its name, `clear` for a good state; None: unknown.

    Args:
        is_alarm: The object is the state of an alarm: `on` and `active` are bad, `off` is good.
    """
    own = without_negations(words_of(label))
    if is_alarm and own and own[-1] in _SWITCHED:
        return _SWITCHED[own[-1]]
    found = [severity for word in own if (severity := _severity_of_word(word)) is not None]
    bad = [severity for severity in found if severity is not Severity.CLEAR]
    if bad and found[-1] is Severity.CLEAR and own[-1] in ("clear", "normal", "disappear", "recover"):
        return Severity.CLEAR
    if bad:
        return max(bad, key=SEVERITY_RANK.__getitem__)
    return Severity.CLEAR if found else None


def _severity_of_word(word: str) -> Severity | None:
    if word in _NEUTRAL:
        return None
    if word in _ILL:
        return BAD.get(word, Severity.MAJOR) if word not in ("high", "low", "exceed") else Severity.MAJOR
    if word in _WELL:
        return Severity.CLEAR
    meaning = negated(word)
    if meaning is None:
        return None
    return Severity.CLEAR if meaning is Polarity.GOOD else Severity.MAJOR


def worst(severities: Sequence[Severity]) -> Severity:
    """Return the highest of severities; `info` when there is none."""
    return max(severities, key=SEVERITY_RANK.__getitem__, default=Severity.INFO)
