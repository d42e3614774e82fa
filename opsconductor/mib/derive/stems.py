"""Pairs whose names differ only in state words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from opsconductor.mib.derive.direction import Direction, direction_of
from opsconductor.mib.derive.lemmas import words
from opsconductor.mib.derive.pair import EXACT, FAR, LOOSE, WHOLE, Pair
from opsconductor.mib.derive.polarity import BAD, CLEARING, JOBS, Polarity, StateWord, ends, is_opposite
from opsconductor.mib.derive.subjects import Subject

_MEASURES = words("rate threshold limit usage level value count percent state status")

ByStem = Mapping[str, Sequence[tuple[Subject, StateWord | None]]]
"""Notifications by their names without one state word, and by their whole names."""


def pairs_by_stem(subjects: Sequence[Subject]) -> list[Pair]:
    """Return the pairs whose names differ in one word: `fooDown` and `fooUp`, `foo` and `fooCleared`."""
    by_stem: dict[str, list[tuple[Subject, StateWord | None]]] = defaultdict(list)
    by_rest: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        for state in subject.states:
            if state.polarity is not Polarity.GOOD:
                by_stem[subject.without(state)].append((subject, state))
        by_stem["".join(subject.words)].append((subject, None))
        by_rest[_rest(subject)].append(subject)
    found: list[Pair] = []
    for subject in subjects:
        for state in _as_decided(subject):
            if state.polarity is Polarity.BAD or not _may_end(subject, state):
                continue
            found.extend(_same_stem(subject, state, by_stem[subject.without(state)]))
        if subject.polarity is Polarity.GOOD:
            found.extend(_same_rest(subject, by_rest[_rest(subject)]))
        found.extend(_negation(subject, by_stem))
    return found


def _as_decided(subject: Subject) -> list[StateWord]:
    """Return the words for states in a name, the deciding one with what it means there."""
    deciding = subject.deciding
    return [
        deciding if deciding is not None and deciding.position == state.position else state
        for state in subject.states
    ]


def _may_end(subject: Subject, state: StateWord) -> bool:
    """Return True if this word, and no other of the name, is the current state of the thing."""
    deciding = subject.deciding
    return deciding is not None and (
        deciding.position == state.position
        or (state.word in CLEARING and deciding.polarity is not Polarity.BAD)
        or (state.position == 0 and state.word in CLEARING)
    )


def _same_stem(
    clear: Subject, good: StateWord, others: Iterable[tuple[Subject, StateWord | None]]
) -> Iterable[Pair]:
    for problem, bad in others:
        if problem is clear:
            continue
        if bad is None:
            if good.word in CLEARING and problem.polarity is not Polarity.GOOD and _is_thing(problem):
                yield Pair(clear, problem, "stem", WHOLE, is_specific=False)
            continue
        if problem.polarity is Polarity.GOOD or not ends(good.word, bad.word):
            continue
        if direction_of(problem, bad, clear, good) is Direction.AS_ASKED:
            is_specific = is_opposite(good.word, bad.word)
            is_exact = is_specific or good.word in CLEARING
            rule = "antonym" if is_specific else "stem"
            yield Pair(clear, problem, rule, EXACT if is_exact else FAR, is_specific)


def _is_thing(problem: Subject) -> bool:
    """Return True if a name without a state word is that of a problem: not of a job, not of a change."""
    return JOBS.isdisjoint(problem.words[-1:]) and not {"change", "succeed", "inform"} & set(problem.words)


def _same_rest(clear: Subject, others: Iterable[Subject]) -> Iterable[Pair]:
    """Return the problems that differ only in words of state; the clear ends one of them."""
    good = [state for state in clear.states if state.word in CLEARING]
    if not good or not _rest(clear):
        return
    own = {state.word for state in clear.states if state.word in BAD}
    for problem in others:
        theirs = {state.word for state in problem.states if state.word in BAD}
        if problem is not clear and problem.polarity is Polarity.BAD and theirs and own <= theirs:
            yield Pair(clear, problem, "loose stem", LOOSE, is_specific=False)


def _rest(subject: Subject) -> str:
    """Return the name as one word, without state words and measured quantities."""
    states = {state.position for state in subject.states}
    return "".join(
        word
        for position, word in enumerate(subject.words)
        if position not in states and word not in _MEASURES
    )


def _negation(subject: Subject, by_stem: ByStem) -> Iterable[Pair]:
    """Find what a name denies: `noHeartbeat` and `heartbeatReceived`, `noFoo` and `foo`."""
    for position, word in enumerate(subject.words):
        is_over = any(state.word in CLEARING for state in subject.states)
        if is_over or not word.startswith(("no-", "not-")):
            continue
        rest = [*subject.words[:position], word.partition("-")[2], *subject.words[position + 1 :]]
        for other, state in (*by_stem.get("".join(rest), ()), *by_stem.get("".join((*rest, "receive")), ())):
            if state is not None or other is subject:
                continue
            is_good = "receive" in other.words or other.polarity is Polarity.GOOD
            if is_good or (word.startswith("not-") and other.polarity is None):
                yield Pair(other, subject, "negation", WHOLE, is_specific=True)
            elif word.startswith("no-") and other.polarity is not Polarity.EITHER:
                yield Pair(subject, other, "negation", WHOLE, is_specific=True)
