"""Pairs whose names differ in more than state words."""

from collections.abc import Iterable, Sequence

from opsconductor.mib.derive.pair import LOOSE, MAINS, MENTIONED, SIMILAR, Pair
from opsconductor.mib.derive.polarity import CLEARING, THINGS, Polarity
from opsconductor.mib.derive.subjects import Subject

ALIKE = 0.7
"""Share of common words from which two names refer to the same thing."""


def irregular_pairs(clear: Subject, subjects: Sequence[Subject]) -> list[Pair]:
    """Return the problems that a clear without a partner by its stem ends."""
    return (
        _returned(clear, subjects)
        or _mentioned(clear, subjects)
        or _similar(clear, subjects)
        or _mains(clear, subjects)
    )


def _returned(clear: Subject, subjects: Sequence[Subject]) -> list[Pair]:
    """Return all problems whose names end with the words after `returnFrom`."""
    if "returnfrom" not in clear.words:
        return []
    rest = clear.words[clear.words.index("returnfrom") + 1 :]
    found = [
        other
        for other in subjects
        if rest and other.words[-len(rest) :] == rest and other.polarity is not Polarity.GOOD
    ]
    return [Pair(clear, other, "returned", LOOSE, is_specific=False) for other in found if other is not clear]


def _mentioned(clear: Subject, subjects: Sequence[Subject]) -> list[Pair]:
    """Find the one problem whose name the description of a clear mentions."""
    text = clear.text.description
    found = [
        other
        for other in subjects
        if other is not clear and other.polarity is Polarity.BAD and other.name in text
    ]
    return [Pair(clear, found[0], "mentioned", MENTIONED, is_specific=False)] if len(found) == 1 else []


def _similar(clear: Subject, subjects: Sequence[Subject]) -> list[Pair]:
    """Return the one problem with nearly the words of the clear and the same objects."""
    if not any(state.word in CLEARING for state in clear.states):
        return []
    own = _content(clear)
    names = {fact.name for fact in clear.objects}
    ranked = []
    for other in subjects:
        is_fault = other.polarity is Polarity.BAD or "detect" in other.words
        is_well = any(state.polarity is Polarity.GOOD for state in other.states)
        if other is clear or not is_fault or is_well:
            continue
        theirs = _content(other)
        if names != {fact.name for fact in other.objects} or _numbers(own) != _numbers(theirs):
            continue
        alike = len(own & theirs) / max(1, len(own | theirs))
        if alike >= ALIKE and min(len(own), len(theirs)) > 1:
            ranked.append((alike, other))
    ranked.sort(key=lambda entry: -entry[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return []
    return [Pair(clear, ranked[0][1], "similar name", SIMILAR, is_specific=False)]


def _content(subject: Subject) -> frozenset[str]:
    states = {state.position for state in subject.states}
    return frozenset(
        THINGS.get(word, word)
        for position, word in enumerate(subject.words)
        if (position not in states or word in THINGS) and (len(word) > 1 or word.isdigit())
    )


def _numbers(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words if word.isdigit())


def _mains(clear: Subject, subjects: Sequence[Subject]) -> list[Pair]:
    """Find what ends when the mains are back: running on battery, or else the loss of input power."""
    if not {"power", "utility", "mains", "input"} & set(clear.words) or "battery" in clear.words:
        return []
    if not {clear.deciding.word if clear.deciding else ""} & {"restore", "return", "normal", "ok", "recover"}:
        return []
    others = [other for other in subjects if "onbattery" in other.words and other.polarity is Polarity.BAD]
    prefix = clear.words[0]
    others.sort(key=lambda other: (other.words[0] != prefix, len(other.words), _distance(clear, other)))
    return [Pair(clear, others[0], "mains", MAINS, is_specific=False)] if others else []


def _distance(one: Subject, other: Subject) -> int:
    return abs(int(one.fact.oid.rpartition(".")[2] or 0) - int(other.fact.oid.rpartition(".")[2] or 0))
