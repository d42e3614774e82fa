"""What can be read from a trap that no mapping knows: a title, a severity, and what it is about.

Nothing here pairs a trap with another one. What sounds like the end of a problem is reported as information.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from opsconductor.mib.derive.identity import IDENTIFYING, NOT_IDENTIFYING
from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.polarity import (
    ALARMING,
    CLEARING,
    JOBS,
    Polarity,
    polarity_of,
    without_negations,
)
from opsconductor.mib.derive.subjects import WEAK
from opsconductor.mib.derive.tokens import pieces_of, words_of, words_of_text
from opsconductor.mib.derive.wording import ANNOTATED, RECOVERED, named_severity
from opsconductor.model.enums import SEVERITY_RANK, Severity

PROBLEM_EXPIRES_AFTER = timedelta(days=1)
"""As other problems that nothing clears."""

EVENT_EXPIRES_AFTER = timedelta(hours=1)
MOST_IDENTIFIERS = 4
LONGEST_IDENTIFIER = 60
LONGEST_SENTENCE = 160
LEAST_WORDS = 3
MOST_HINTS = 3

_EVENTS = words("""change config login logout start stop complete create delete modify save test user session
    boot coldstart warmstart restart heartbeat upgrade update notice information keepalive audit""")
_BACK = words("up powerup online establish reachable connect present inservice available")
"""States in which something is again, where nothing else is said."""

_RATING = words("severity priority level criticality")
_NOT_SAID = words("sys system url path version contact location comment")
_LOGS = words("log event alarm history hist sequence seq record trap notification")
_IGNORED = ("1.3.6.1.2.1.1.", "1.3.6.1.6.3.1.1.4.", "1.3.6.1.6.3.18.")
_HINT = re.compile(r"[^\W\d_]{3}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MEASURED = re.compile(
    r"""(?xi) -? (?<![\w.:]) [0-9]+ (?: [.][0-9]+ )? \s? (?: % | percent | degrees? | celsius | volts? | amps?
    | watts? | rpm | ms | sec (?: onds?)? | min (?: utes?)? | hours? | days? | [km]?bps | [kmg]b
    | (?-i: [CFVAWs] ) ) (?! [\w:] )
    | \b [0-9]{4} ([-/.]) [0-9]{1,2} \1 [0-9]{1,2} \b | \b [0-9]{1,2} ([-/.]) [0-9]{1,2} \2 [0-9]{4} \b
    | (?<![\w:]) [0-9]{1,2} (?: : [0-9]{2} ){1,2} (?! [\w:] )
    | -? (?<![\w.]) [0-9]+ [.] [0-9]+ (?! [\w.] ) | \b [0-9]{5,} \b | \b (?: 0x )? [0-9a-f]{8,} \b"""
)
_IDENTIFIER = re.compile(r"(?=.*[A-Za-z:.])[\w.:/@#-]{2,60}")


class ShownVariable(NamedTuple):
    """A variable of a trap as people see it.

    Attributes:
        name: Of the object, without instance; empty when it is not known.
        instance: What stands behind the object's OID; of an unknown one the last arc.
        word: The value with its label in place of a number.
        is_text: The value is text, as far as its bytes show.
        is_quantity: It is a counter, a gauge or a time, or has a unit.
    """

    oid: str
    name: str
    instance: str
    text: str
    word: str
    is_text: bool
    is_quantity: bool


class UnmappedReading(NamedTuple):
    """What an unmapped trap says.

    Attributes:
        what: For a title, without the maker: the sentence of the device, or the name of the notification with
            the labels of its variables; empty: nothing.
        hints: Short texts of the variables, for a title if there is nothing else.
        identifiers: What distinguishes this problem from others of the same trap and device.
        is_over: It sounds like the end of a problem.
    """

    what: str
    hints: tuple[str, ...]
    severity: Severity
    identifiers: tuple[str, ...]
    is_over: bool
    expires_after: timedelta


def read_unmapped(name: str, variables: Sequence[ShownVariable]) -> UnmappedReading:
    """Read a trap without mapping.

    Args:
        name: Of the notification; empty when it is not known.
    """
    kept = [each for each in variables if not each.oid.startswith(_IGNORED)]
    sentence = longest_sentence(kept)
    severity, is_over = _judged(name, sentence, kept)
    is_lasting = not is_over and SEVERITY_RANK[severity] > SEVERITY_RANK[Severity.INFO]
    return UnmappedReading(
        what=sentence or _named(name, kept),
        hints=_hints(kept),
        severity=severity,
        identifiers=_identifiers(kept) or _sentence_as_identifier(sentence),
        is_over=is_over,
        expires_after=PROBLEM_EXPIRES_AFTER if is_lasting else EVENT_EXPIRES_AFTER,
    )


def identifiers_of(variables: Iterable[ShownVariable]) -> tuple[str, ...]:
    """Return what distinguishes a problem from others of the same trap and device; empty: nothing."""
    kept = [each for each in variables if not each.oid.startswith(_IGNORED)]
    return _identifiers(kept) or _sentence_as_identifier(longest_sentence(kept))


def _sentence_as_identifier(sentence: str) -> tuple[str, ...]:
    return (_measured_left_out(sentence),) if sentence else ()


def said_severity(variables: Sequence[ShownVariable]) -> Severity | None:
    """Return the severity that the variables of a trap state or whose words they contain.

    Returns:
        None: They say nothing about it, or that something is over.
    """
    kept = [each for each in variables if not each.oid.startswith(_IGNORED)]
    sentence = longest_sentence(kept)
    stated, said = _stated(kept), without_negations(words_of_text(sentence))
    if stated is Severity.CLEAR or (stated is None and _sounds_over(said, sentence)):
        return None
    bad = stated or named_severity(tuple(word for word in said if word not in WEAK))
    return bad or (Severity.MAJOR if _bad_label(kept) else None)


def longest_sentence(variables: Iterable[ShownVariable]) -> str:
    """Return the longest text of the variables that reads like a sentence; empty: there is none."""
    best, most = "", LEAST_WORDS - 1
    for each in variables:
        if not each.is_text or not _NOT_SAID.isdisjoint(_last_words(each.name)):
            continue
        count = len(_WORD.findall(each.text))
        if count > most and " " in each.text.strip():
            best, most = each.text, count
    text = " ".join(best.split())
    return text if len(text) <= LONGEST_SENTENCE else f"{text[: LONGEST_SENTENCE - 1].rstrip()}…"


def _judged(name: str, sentence: str, variables: Sequence[ShownVariable]) -> tuple[Severity, bool]:
    """Return the severity, and whether the trap sounds like the end of a problem."""
    stated = _stated(variables)
    said = without_negations((*words_of(name), *words_of_text(sentence)))
    if stated is Severity.CLEAR or (stated is None and _sounds_over(said, sentence)):
        return Severity.INFO, True
    if stated is not None:
        return stated, False
    bad = named_severity(tuple(word for word in said if word not in WEAK))
    if bad is not None:
        return bad, False
    if _bad_label(variables):
        return Severity.MAJOR, False
    if said and ALARMING.isdisjoint(said) and not (_EVENTS | JOBS).isdisjoint(said):
        return Severity.INFO, False
    return Severity.WARNING, False


def _stated(variables: Iterable[ShownVariable]) -> Severity | None:
    """Return the severity that a variable states by a word; of several the one whose name says so."""
    found: Severity | None = None
    for each in variables:
        severity = ANNOTATED.get(each.word.strip().lower())
        if severity is None:
            continue
        if not _RATING.isdisjoint(_last_words(each.name)):
            return severity
        found = found or (severity if each.is_text or each.word != each.text else None)
    return found


def _bad_label(variables: Iterable[ShownVariable]) -> bool:
    """Check for a state with a label that is bad on its own."""
    labels = [each.word for each in variables if each.word != each.text and not each.is_quantity]
    return any(polarity_of(word) is Polarity.BAD for label in labels for word in words_of(label))


def _sounds_over(said: Sequence[str], sentence: str) -> bool:
    states = [
        word for word in said if polarity_of(word) in (Polarity.GOOD, Polarity.BAD) and word not in WEAK
    ]
    if not states:
        return bool(RECOVERED.search(sentence))
    if RECOVERED.search(sentence):
        return polarity_of(states[-1]) is not Polarity.BAD or states[0] in CLEARING
    is_good = all(polarity_of(word) is Polarity.GOOD for word in states)
    return states[-1] in CLEARING or (is_good and not _BACK.isdisjoint(states))


def _named(name: str, variables: Sequence[ShownVariable]) -> str:
    """Return the name of a notification as words, with the labels of its states."""
    if not name:
        return ""
    labels = [
        f"{each.name} {each.word}" for each in variables if each.word != each.text and not each.is_quantity
    ]
    return f"{name} ({', '.join(labels[:MOST_IDENTIFIERS])})" if labels else name


def _hints(variables: Iterable[ShownVariable]) -> tuple[str, ...]:
    """Return the first short texts with a word that is neither a severity nor a time."""
    found: dict[str, None] = {}
    for each in variables:
        text = " ".join(each.text.split())
        is_said = each.is_text and _NOT_SAID.isdisjoint(_last_words(each.name))
        is_hint = _HINT.search(_MEASURED.sub("", text)) is not None and text.lower() not in ANNOTATED
        if is_said and is_hint and len(text) <= LONGEST_IDENTIFIER:
            found.setdefault(text)
    return tuple(found)[:MOST_HINTS]


def _identifiers(variables: Sequence[ShownVariable]) -> tuple[str, ...]:
    found = (
        f"#{each.instance}" if is_instance else " ".join(each.text.split())[:LONGEST_IDENTIFIER]
        for each, is_instance in identifying(variables)
    )
    return tuple(dict.fromkeys(found))[:MOST_IDENTIFIERS]


def identifying(variables: Sequence[ShownVariable]) -> Iterator[tuple[ShownVariable, bool]]:
    """Yield the variables that look like identifiers; True beside one whose instance does, not its value."""
    shared = _shared_instances(relevant := [each for each in variables if not each.oid.startswith(_IGNORED)])
    for each in relevant:
        is_of_log = not _LOGS.isdisjoint(_pieces(each.name))
        if each.instance not in ("", "0") and not is_of_log and (each.name or each.instance in shared):
            yield each, True
        if each.is_quantity or each.word != each.text or not each.text.strip() or is_of_log:
            continue
        last = _last_words(each.name)
        is_identifier = not last.isdisjoint(IDENTIFYING) and last.isdisjoint(NOT_IDENTIFYING)
        if is_identifier if each.name else _looks_like_one(each):
            yield each, False


def what_varies(variable: ShownVariable, *, is_instance: bool) -> str:
    """Return what a variable is that differs in every message; empty: it may identify something."""
    if not _LOGS.isdisjoint(_pieces(variable.name)):
        return "the number of a record"
    if is_instance:
        return ""
    text = variable.text.strip()
    if variable.is_quantity:
        return "a measured value"
    if _MEASURED.fullmatch(text) is not None and variable.is_text:
        return "a time or a measured value"
    if len(_WORD.findall(text)) > LEAST_WORDS:
        return "a free text"
    is_other = variable.name and not NOT_IDENTIFYING.isdisjoint(_last_words(variable.name))
    return "something else than an identifier, by its name" if is_other else ""


def _shared_instances(variables: Iterable[ShownVariable]) -> frozenset[str]:
    """Return the last arcs of unknown variables that are instances: several share it, or there is one only.

    Objects of old MIBs are sent without instance; then the last arcs are different. Where the only one
    holds a sentence, the sentence says more than its last arc.
    """
    unknown = [each for each in variables if not each.name]
    arcs = [each.instance for each in unknown]
    is_instance = len(arcs) == 1 and not longest_sentence(unknown)
    return frozenset(arc for arc in arcs if is_instance or arcs.count(arc) > 1)


def _looks_like_one(variable: ShownVariable) -> bool:
    """Check the value of an unknown variable: one word with letters or an address, no state, no time."""
    text = variable.text.strip()
    return (
        variable.is_text
        and _IDENTIFIER.fullmatch(text) is not None
        and _MEASURED.fullmatch(text) is None
        and text.lower() not in ANNOTATED
        and not any(polarity_of(word) for word in words_of(text))
    )


def _measured_left_out(sentence: str) -> str:
    return " ".join(_MEASURED.sub("*", sentence).split())


def _pieces(name: str) -> frozenset[str]:
    return frozenset(piece.lower() for piece in pieces_of(name))


def _last_words(name: str) -> frozenset[str]:
    """Return the last two words of an object's name, in lower case: they say what it is."""
    return frozenset(piece.lower() for piece in pieces_of(name)[-2:])
