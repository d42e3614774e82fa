"""Which notification of a module ends which other one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from opsconductor.mib.derive.irregular import irregular_pairs
from opsconductor.mib.derive.pair import EXACT, Pair, shared_references
from opsconductor.mib.derive.polarity import Polarity
from opsconductor.mib.derive.stems import pairs_by_stem
from opsconductor.mib.derive.subjects import Subject


def pairs_of(subjects: Sequence[Subject]) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Find the pairs of a module.

    Returns:
        Pairs that are safe, and pairs whose resources differ, which must not clear by themselves.
    """
    found = pairs_by_stem(subjects)
    paired = {pair.clear.name for pair in found}
    unpaired = [subject for subject in subjects if subject.name not in paired and _is_clear(subject)]
    for subject in unpaired:
        found.extend(irregular_pairs(subject, subjects))
    best = _best(found)
    safe, unsafe = [], []
    for pair in best:
        shared = shared_references(pair.problem, pair.clear)
        if shared is None:
            unsafe.append(pair)
        else:
            safe.append(Pair(pair.clear, pair.problem, pair.rule, pair.weight, pair.is_specific, shared))
    return tuple(safe), tuple(unsafe)


def _is_clear(subject: Subject) -> bool:
    return subject.polarity is Polarity.GOOD or (
        subject.polarity is Polarity.EITHER
        and subject.deciding is not None
        and subject.deciding.word == "fall"
    )


def _narrowed(pairs: dict[tuple[str, str], Pair]) -> dict[tuple[str, str], Pair]:
    """Keep of the problems of one clear those whose fault its description names, if it names any."""
    by_clear: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs.values():
        by_clear[pair.clear.name].append(pair)
    kept = {}
    for found in by_clear.values():
        named = [pair for pair in found if not _faults(pair.problem).isdisjoint(pair.clear.text_words)]
        for pair in named or found:
            kept[pair.clear.name, pair.problem.name] = pair
    return kept


def _faults(problem: Subject) -> set[str]:
    bad = {state.word for state in problem.states if state.polarity is Polarity.BAD}
    return bad - {"fail", "error", "alarm"}


def _best(pairs: Iterable[Pair]) -> list[Pair]:
    """Keep one pair for each two notifications, and for each problem those with the nearest clear.

    An opposite is nearer than a generic word for an end. Of two versions of a module's notifications that
    differ in a word such as `Notify`, each clear ends its own.
    """
    by_two: dict[tuple[str, str], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: (-pair.weight, not pair.is_specific)):
        by_two.setdefault((pair.clear.name, pair.problem.name), pair)
    by_two = _narrowed(by_two)
    reversed_too = {two for two in by_two if two[::-1] in by_two}
    kept = [pair for two, pair in by_two.items() if two not in reversed_too]
    specific = {pair.problem.name for pair in kept if pair.is_specific}
    exact = {pair.problem.name for pair in kept if pair.weight >= EXACT}
    kept = [pair for pair in kept if pair.is_specific or pair.problem.name not in specific]
    kept = [pair for pair in kept if pair.weight >= EXACT or pair.problem.name not in exact]
    same = {pair.clear.name for pair in kept if pair.clear.noise == pair.problem.noise}
    return [pair for pair in kept if pair.clear.name not in same or pair.clear.noise == pair.problem.noise]
