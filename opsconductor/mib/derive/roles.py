"""Whether a notification raises, clears, does both, or reports an event."""

from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.mib.derive.derived import Reason, StateRule
from opsconductor.mib.derive.direction import HARDWARE
from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.pair import Pair
from opsconductor.mib.derive.polarity import BAD, CLEARING, JOBS, Polarity
from opsconductor.mib.derive.subjects import Subject
from opsconductor.mib.derive.values import StateVariable, severity_variable, state_variable
from opsconductor.mib.derive.wording import annotated_severity, says_recovered, text_polarity
from opsconductor.model.enums import SEVERITY_RANK, Severity

BY_NAMES = 0.2
"""Share of paired notifications from which a module marks clears by their names."""

HAPPENINGS = words("""authfail login logout configchange coldstart warmstart reboot restart
    create delete add update install complete newroot topology register unregister roam associate
    dissociate change inform switchover reset notice configure debug start test move discover
    schedule heartbeat activate initialize switch replace accept commit join leave rollback
    succeed uninstall""")
"""Words for momentary events."""

_CHANGES = words("change status state transition notice health healthy level")


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Role of a notification, with its reason.

    Attributes:
        state: Of a stateful one; of others, the object that carries the severity, if there is one.
    """

    name: str
    reason: Reason
    state: StateRule | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Context of a notification in its module.

    Attributes:
        clears: Pairs by the name of the clear.
        ended: Names of problems that another notification ends.
        unsafe: Names of clears and problems of pairs that cannot be distinguished safely.
    """

    clears: Mapping[str, tuple[Pair, ...]]
    ended: frozenset[str]
    unsafe_clears: frozenset[str]
    unsafe_problems: frozenset[str]
    is_by_names: bool


def role_of(subject: Subject, context: Context) -> RoleChoice:
    """Decide the role of a notification from its pairs, its state variable, its name, its description."""
    variable = severity_variable(subject)
    severities = _severities_only(variable)
    if subject.name in context.clears:
        pair = context.clears[subject.name][0]
        return RoleChoice("clear", Reason(f"pair by {pair.rule}", pair.problem.name, pair.weight))
    if subject.name in context.ended:
        return RoleChoice("problem", Reason("pair", "another notification ends it", 0.4), severities)
    if subject.name in context.unsafe_clears:
        return RoleChoice("clear", Reason("pair not safe", "the problem names its resource otherwise", -0.1))
    if subject.name in context.unsafe_problems:
        return RoleChoice(
            "problem",
            Reason("pair not safe", "the clear names its resource otherwise", 0.0),
            severities,
        )
    stateful = _stateful(subject, variable, context)
    return stateful or _by_name(subject, severities) or _by_text(subject, severities)


def _severities_only(variable: StateVariable | None) -> StateRule | None:
    if variable is None:
        return None
    raising = tuple(
        (value, severity) for value, severity in variable.rule.severities if severity is not Severity.CLEAR
    )
    return StateRule(variable.rule.object, raising, ())


def _stateful(subject: Subject, severity: StateVariable | None, context: Context) -> RoleChoice | None:
    if "inform" in subject.words:
        return None
    state = state_variable(subject)
    is_neutral = subject.polarity is None or not _CHANGES.isdisjoint(subject.words)
    happens = _happens(subject) and _CHANGES.isdisjoint(subject.words)
    happens = happens and not (
        state is not None and state.is_certain and subject.polarity is not Polarity.BAD
    )
    if state is not None and (is_neutral or _is_about(state, subject)) and not happens:
        weight = 0.35 if is_neutral or state.related else 0.2
        return RoleChoice("stateful", Reason("state variable", state.fact.name, weight), state.rule)
    if severity is not None and severity.rule.clear_values and not context.is_by_names and not happens:
        return RoleChoice("stateful", Reason("severity variable", severity.fact.name, 0.3), severity.rule)
    return None


def _is_about(state: StateVariable, subject: Subject) -> bool:
    """Check that a state is that of what a name calls bad: of another thing it would clear by mistake."""
    if subject.polarity is Polarity.BAD:
        return state.is_switch or state.related > 0
    return state.related > 0


def _happens(subject: Subject) -> bool:
    """Return True for the name of an event: something happened, and no word is bad."""
    words = set(subject.words)
    if "authfail" in words:
        return True
    if subject.polarity is Polarity.BAD and _is_lasting(subject):
        return False
    if not words.isdisjoint(JOBS) and words & {"start", "stop", "end", "complete", "begin", "restore"}:
        return True
    return not words.isdisjoint(HAPPENINGS)


def _is_lasting(subject: Subject) -> bool:
    deciding = subject.deciding
    return deciding is not None and not (
        deciding.word in ("remove", "extract", "unplug") and HARDWARE.isdisjoint(subject.words)
    )


def _by_name(subject: Subject, severities: StateRule | None) -> RoleChoice | None:
    deciding = subject.deciding
    if _happens(subject):
        return RoleChoice("event", Reason("name", "something that happened", 0.3), severities)
    if deciding is None or deciding.polarity is Polarity.EITHER:
        return None
    if deciding.polarity is Polarity.GOOD:
        return _unpaired_clear(subject, deciding.word, severities)
    if not _is_lasting(subject):
        return RoleChoice("event", Reason("name", deciding.word, 0.1), severities)
    if _is_informational(subject):
        return RoleChoice("event", Reason("severity of the MIB", "informational", 0.1), severities)
    return RoleChoice("problem", Reason("name", deciding.word, 0.3), severities)


def _unpaired_clear(subject: Subject, word: str, severities: StateRule | None) -> RoleChoice:
    """Return the role of a good word without problem: a clear if name or description say that one ended."""
    detail = f"{word}, but nothing here that it would end"
    if word in CLEARING and (word in ("clear", "restore", "recover") or says_recovered(subject)):
        return RoleChoice("clear", Reason("name", detail, 0.0))
    return RoleChoice("event", Reason("name", detail, 0.1), severities)


def _is_informational(subject: Subject) -> bool:
    """Return True if the MIB calls it informational and only weak words of the name are bad."""
    bad = [BAD[word] for word in subject.words if word in BAD]
    worst = max((SEVERITY_RANK[severity] for severity in bad), default=0)
    return annotated_severity(subject) is Severity.INFO and worst <= SEVERITY_RANK[Severity.WARNING]


def _by_text(subject: Subject, severities: StateRule | None) -> RoleChoice:
    stated, said = annotated_severity(subject), text_polarity(subject)
    if {"max", "reach"} <= set(subject.words):
        return RoleChoice("problem", Reason("name", "a maximum is reached", 0.2), severities)
    if stated is Severity.INFO:
        return RoleChoice("event", Reason("severity of the MIB", "informational", 0.2), severities)
    is_grave = stated is not None and SEVERITY_RANK[stated] >= SEVERITY_RANK[Severity.MINOR]
    if stated is not None and (is_grave or (said is Polarity.BAD and stated is Severity.WARNING)):
        return RoleChoice("problem", Reason("severity of the MIB", stated.value, 0.2), severities)
    if said is Polarity.BAD:
        return RoleChoice("problem", Reason("description", "a fault", 0.05), severities)
    return RoleChoice(
        "event", Reason("description", "nothing says that something is wrong", 0.05), severities
    )
