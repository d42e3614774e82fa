"""Severity of a notification."""

from opsconductor.mib.derive.derived import Reason
from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.polarity import BAD
from opsconductor.mib.derive.subjects import WEAK, Subject
from opsconductor.mib.derive.tokens import words_of_text
from opsconductor.mib.derive.wording import annotated_severity, first_sentences, named_severity
from opsconductor.model.enums import SEVERITY_RANK, Severity

ANNOTATED, NAMED, DESCRIBED, ASSUMED = 0.15, 0.1, 0.0, -0.1
"""What each source adds to the confidence."""

_STATED = {
    word: BAD[word] for word in ("critical", "fatal", "emergency", "major", "minor", "warning", "severe")
}
_NOTABLE = words("""authfail coldstart switchover reject deny unauthorized violate drop
    crash factory shutdown spoof attack intrusion rogue stop disable blacklisted blacklist
    duplicate conflict error invalid""")
"""Events that are worth a look."""
_SERIOUS = words("""fail lose down crash die corrupt error unreachable unresponsive
    offline unavailable""")
_HARD = frozenset({"fail", "lose", "down", "die", "unreachable", "offline"})


def severity_of(subject: Subject, role: str) -> tuple[Severity, Reason]:
    """Return the severity of a notification, and where it comes from."""
    stated = annotated_severity(subject)
    if role == "clear":
        return Severity.CLEAR, Reason("severity", "clear", 0.0)
    if role == "event":
        return _of_event(subject, stated)
    named = _impact(subject) or _named(subject)
    if stated is not None and stated is not Severity.CLEAR:
        return _weighed(subject, stated, named)
    if named is not None:
        return named, Reason("severity by name", named.value, NAMED)
    return _described(subject)


def _weighed(subject: Subject, stated: Severity, named: Severity | None) -> tuple[Severity, Reason]:
    """Follow the MIB, unless it calls what has failed informational, or a threat to all minor."""
    if stated is Severity.INFO and named is not None and not _HARD.isdisjoint(subject.words):
        return named, Reason("severity by name", f"{named.value}, though the MIB says {stated.value}", 0.0)
    if named is Severity.CRITICAL and stated is Severity.MAJOR and _impact(subject) is Severity.CRITICAL:
        return named, Reason("severity by name", named.value, ANNOTATED)
    return stated, Reason("severity of the MIB", stated.value, ANNOTATED)


def _of_event(subject: Subject, stated: Severity | None) -> tuple[Severity, Reason]:
    if stated is not None and stated is not Severity.CLEAR:
        return stated, Reason("severity of the MIB", stated.value, ANNOTATED)
    if not _NOTABLE.isdisjoint(subject.words):
        return Severity.WARNING, Reason("severity by name", "an event worth a look", NAMED)
    return Severity.INFO, Reason("severity by role", "event", 0.0)


def _named(subject: Subject) -> Severity | None:
    words = subject.words
    stated = [_STATED[word] for word in words if word in _STATED]
    if stated:
        return max(stated, key=SEVERITY_RANK.__getitem__)
    strong = tuple(word for word in words if word not in WEAK)
    severity = named_severity(strong)
    return severity or named_severity(tuple(word for word in words if word in WEAK and word != "alarm"))


_HIGH = words("high exceed overtemp threshold violate outrange above abnormal")


def _impact(subject: Subject) -> Severity | None:
    """Return the severity of what is known to cut off or to break what depends on it."""
    found = set(subject.words)
    if found & {"critical", "fatal", "minor", "warning"}:
        return None
    is_empty = "battery" in found and bool(found & {"low", "deplete"})
    if "overtempshutdown" in found or is_empty or found >= {"shutdown", "imminent"}:
        return Severity.CRITICAL
    is_hot = "overtemp" in found or ("temperature" in found and bool(found & _HIGH))
    has_bad_fan = "fan" in found and bool(found & set(BAD))
    is_beyond = "max" in found and bool(found & {"exceed", "reach"})
    return Severity.MAJOR if is_hot or has_bad_fan or is_beyond or "onbattery" in found else None


def _described(subject: Subject) -> tuple[Severity, Reason]:
    words = set(words_of_text(first_sentences(subject.text.description)))
    if words & {"critical", "fatal", "emergency"}:
        return Severity.CRITICAL, Reason("severity by description", "critical", DESCRIBED)
    if words & _SERIOUS:
        return Severity.MAJOR, Reason("severity by description", "a failure", DESCRIBED)
    if "alarm" in subject.words:
        return Severity.MINOR, Reason("severity by role", "an alarm", ASSUMED)
    return Severity.WARNING, Reason("severity by role", "a problem", ASSUMED)
