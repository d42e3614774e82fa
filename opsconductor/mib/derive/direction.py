"""Which of two opposite notifications is the problem."""

from enum import Enum, auto

from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.polarity import ALARMING, JOBS, Polarity, StateWord
from opsconductor.mib.derive.subjects import Subject
from opsconductor.mib.derive.wording import annotated_severity, text_polarity
from opsconductor.model.enums import SEVERITY_RANK, Severity


class Direction(Enum):
    """A pair of opposite notifications."""

    AS_ASKED = auto()
    REVERSED = auto()
    NEITHER = auto()
    """Both are events: what starts and ends as planned, what an administrator adds and deletes."""


HARDWARE = words("""module card fan power psu supply battery disk drive sfp transceiver
    xfp gbic optic blade slot sensor fru unit entity board line chassis stick usb port transmitter
    receiver cable peer member device switch component ap node probe array hw ps hardware
    enclosure shelf adapter cpu ca router powermodule intelligence frame cartridge controller
    interface lun volume""")
"""Things that fail to be there when they are removed."""

_ADMINISTRATIVE = words("enable disable add delete create set")
_PRESENT_IS_GOOD = words(
    """on open activate active start begin join insert add enable lock above
    associate trigger"""
)
"""Of each pair of opposites, the word that means present or working."""
_CONNECTIONS = words("session connection tunnel channel port link socket service path circuit call gate")
"""Things that are well when they are open; a door, a breaker, a valve is not."""
_PEOPLE = words("client user station subscriber sta mu guest visitor caller")
"""Words for peers that connect and disconnect in normal operation."""
_ALWAYS = {
    "rise": True,
    "enter": True,
    "above": True,
    "fall": False,
    "exit": False,
    "below": False,
    "trigger": True,
}
"""True for a word that means a problem, whatever the thing is."""


def direction_of(problem: Subject, bad: StateWord, clear: Subject, good: StateWord) -> Direction:
    """Decide whether the first notification is the problem and the second its end."""
    if _is_job(problem, bad, good) or _is_administrative(problem, bad, good):
        return Direction.NEITHER
    if bad.polarity is Polarity.BAD or good.polarity is Polarity.GOOD:
        return Direction.REVERSED if _is_alarm_list(bad, good, problem) else Direction.AS_ASKED
    first, second = annotated_severity(problem), annotated_severity(clear)
    if first and second and first is not second:
        return Direction.AS_ASKED if _rank(first) > _rank(second) else Direction.REVERSED
    said = [text_polarity(subject) is Polarity.BAD for subject in (problem, clear)]
    if said[0] is not said[1]:
        return Direction.AS_ASKED if said[0] else Direction.REVERSED
    return Direction.AS_ASKED if _is_problem(problem, bad, good) else Direction.REVERSED


def _is_alarm_list(bad: StateWord, good: StateWord, problem: Subject) -> bool:
    """Check for `AlarmEntryRemoved`: what is removed is the alarm."""
    return "alarm" in problem.words and (bad.word, good.word) in (("remove", "add"), ("remove", "insert"))


def _rank(severity: Severity) -> int:
    return SEVERITY_RANK[severity]


def _is_job(problem: Subject, bad: StateWord, good: StateWord) -> bool:
    states = {bad.word, good.word}
    return states <= {"start", "stop", "end", "begin", "complete", "resume"} and not JOBS.isdisjoint(
        problem.words
    )


def _is_administrative(problem: Subject, bad: StateWord, good: StateWord) -> bool:
    states = {bad.word, good.word}
    if "alarm" in problem.words:
        return False
    if states == {"connect", "disconnect"} and not _PEOPLE.isdisjoint(problem.words):
        return True
    if states == {"associate", "dissociate"}:
        return "ap" not in problem.words
    if states & {"add", "insert", "remove", "delete", "join", "leave"} and states & {
        "remove",
        "delete",
        "leave",
    }:
        return HARDWARE.isdisjoint(problem.words)
    is_switch = bool(states & {"enable", "disable"}) and states <= _ADMINISTRATIVE
    return is_switch and not {"oper", "operational", "link", "port"} & set(problem.words)


def _is_problem(problem: Subject, bad: StateWord, good: StateWord) -> bool:
    if bad.word in _ALWAYS:
        return _ALWAYS[bad.word]
    if good.word in _ALWAYS:
        return not _ALWAYS[good.word]
    if {bad.word, good.word} == {"open", "close"}:
        return (bad.word == "open") is _CONNECTIONS.isdisjoint(problem.words)
    stem = {word for position, word in enumerate(problem.words) if position != bad.position}
    is_alarming = not ALARMING.isdisjoint(stem) or any(word in stem for word in ("fail", "high", "low"))
    return (bad.word in _PRESENT_IS_GOOD) is is_alarming
