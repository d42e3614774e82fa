"""Severity by annotations, names and descriptions."""

import re

from opsconductor.mib.derive.polarity import BAD, Polarity, negated
from opsconductor.mib.derive.subjects import Subject
from opsconductor.model.enums import SEVERITY_RANK, Severity

ANNOTATED = {
    "critical": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "emergency": Severity.CRITICAL,
    "emergencies": Severity.CRITICAL,
    "alerts": Severity.CRITICAL,
    "alert": Severity.CRITICAL,
    "severe": Severity.MAJOR,
    "major": Severity.MAJOR,
    "error": Severity.MAJOR,
    "errors": Severity.MAJOR,
    "minor": Severity.MINOR,
    "warning": Severity.WARNING,
    "warnings": Severity.WARNING,
    "notification": Severity.INFO,
    "notifications": Severity.INFO,
    "notice": Severity.INFO,
    "informational": Severity.INFO,
    "information": Severity.INFO,
    "info": Severity.INFO,
    "normal": Severity.INFO,
    "debug": Severity.INFO,
    "debugging": Severity.INFO,
    "cleared": Severity.CLEAR,
    "clear": Severity.CLEAR,
}
"""Severity by word of an annotation, or before the colon at the beginning of a description."""

_OPENING = re.compile(r"\s*\[?([A-Za-z]+)\]?\s*[:\-]\s")
_STATED = re.compile(
    r"(?i)\bseverity\s*(?:level)?\s*(?:is|of|:|=)?\s*['\"]?"
    r"(critical|major|minor|warning|informational|info|fatal)\b"
)
RECOVERED = re.compile(
    r"""(?xi) \b no \s longer \b
    | \b (?:has|have|is|been|was|were) \s (?:been\s)?
      (?:restored|cleared|recovered|resolved|rectified|repaired|fixed) \b
    | \b return(?:s|ed|ing)? \s to \s (?:a\s|an\s|its\s)? (?:normal|acceptable|good|safe|within)
    | \b back \s to \s normal \b
    | \b (?:alarm|fault|condition|error|problem)s? \s (?:(?:is|are|has|have|was|were)\s)?
      (?:been\s)? clear(?:s|ed) \b
    | \b recover(?:s|ed) \s from \b | \b functioning \s normally \b
    | \b return(?:s|ed) \s (?:to\sservice|from) \b
    | \b ceases? \s to \b | \b f(?:e|a)lls? \s below \b | \b becomes? \s normal \b | \b comes? \s back \b"""
)
_CHANGE = re.compile(
    r"""(?xi) \b chang(?:e|es|ed|ing) \b | \b up \s or \s down \b | \b down \s or \s up \b
    | \b enters \s or \s leaves \b | \b transition(?:s|ed)? \b | \b or \s when \s it \b
    | \b comes? \s up \s or
    | \b either \b | \b set \s or \s clear | \b raised \s or \s cleared | \b cleared \s or \s raised"""
)
_FAULT = re.compile(
    r"""(?xi) \b (?:fail(?:s|ed|ure|ures|ing)?|faults?|faulty|errors?) \b
    | \b (?:unable\sto|cannot|could\snot|los(?:t|s|es)) \b
    | \b exceed(?:s|ed|ing)? \b | \b (?:is|goes|went) \s down \b
    | \b not \s (?:available|respond|reachable|working)
    | \b (?:unavailable|unreachable|attack|intrusion|rogue|degraded|insufficient|shortage|missing|threat) \b
    | \b (?:unauthorized|invalid) \b
    | \b (?:malfunction|violat|corrupt|mismatch|expire|overload|abnormal|conflict|overflow)
    | \b too \s (?:high|low|hot|many) \b | \b (?:above|below) \s (?:the|its|a) \b
    | \b reached? \s (?:the|its) \s (?:max|limit) | \b is \s (?:full|low) \b
    | \b near(?:s|ing|ly)? \s (?:full|its)"""
)


def annotated_severity(subject: Subject) -> Severity | None:
    """Return the severity that the MIB itself states: `--#SEVERITY`, `CRITICAL:`, `severity is major`."""
    annotation = subject.annotation("SEVERITY").strip().strip('"').lower()
    if annotation:
        return ANNOTATED.get(annotation.split()[0])
    opening = _OPENING.match(subject.text.description)
    if opening and opening[1].lower() in ANNOTATED:
        return ANNOTATED[opening[1].lower()]
    stated = _STATED.search(subject.text.description)
    return ANNOTATED.get(stated[1].lower()) if stated else None


def text_polarity(subject: Subject) -> Polarity | None:
    """Return the meaning of the first sentences of the description; None: neutral, or a change either way."""
    text = first_sentences(subject.text.description)
    if RECOVERED.search(text):
        return Polarity.GOOD
    if _CHANGE.search(text):
        return Polarity.EITHER
    return Polarity.BAD if _FAULT.search(text) else None


def says_recovered(subject: Subject) -> bool:
    """Return True if the description describes the end of a problem."""
    return bool(RECOVERED.search(first_sentences(subject.text.description)))


def first_sentences(text: str, count: int = 2) -> str:
    """Return the first sentences of a description."""
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s+[A-Z]|\s*$)", text)]
    return text[: ends[count - 1]] if len(ends) >= count else text[:400]


def named_severity(words: tuple[str, ...]) -> Severity | None:
    """Return the highest severity of the bad words of a name; None: it has none."""
    found = [BAD[word] for word in words if word in BAD]
    found += [Severity.MAJOR for word in words if word not in BAD and negated(word) is Polarity.BAD]
    return max(found, key=SEVERITY_RANK.__getitem__, default=None)
