"""Two notifications, one of which ends the other."""

from dataclasses import dataclass

from opsconductor.mib.derive.identity import Reference, references_of
from opsconductor.mib.derive.subjects import Subject

EXACT, WHOLE, FAR, LOOSE, SIMILAR, MENTIONED, MAINS = 0.45, 0.45, 0.4, 0.3, 0.2, 0.4, 0.25
"""What each way to find a pair adds to the confidence."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A clear and the problem that it ends.

    Attributes:
        is_specific: The two words are opposites, as up and down; otherwise the clear has a generic word
            for an end.
        references: What identifies the thing in the problem and, in the same order, in the clear.
    """

    clear: Subject
    problem: Subject
    rule: str
    weight: float
    is_specific: bool
    references: tuple[tuple[Reference, ...], tuple[Reference, ...]] = ((), ())


def shared_references(
    problem: Subject, clear: Subject
) -> tuple[tuple[Reference, ...], tuple[Reference, ...]] | None:
    """Return what identifies the same thing in the problem and in the clear.

    Returns:
        None if one of them identifies it and the other cannot.
    """
    first, second = references_of(problem), references_of(clear)
    keys = {reference.key for reference in first} & {reference.key for reference in second}
    if not keys and (first or second):
        return None
    by_key = {reference.key: reference for reference in second}
    kept = tuple(reference for reference in first if reference.key in keys)
    return kept, tuple(by_key[reference.key] for reference in kept)
