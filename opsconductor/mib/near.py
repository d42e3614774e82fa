"""Names that are nearly a name which nothing has."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches

from opsconductor.mib.lookup import MibFacts

MOST_NEAR = 3
LEAST_LIKENESS = 0.8
MOST_LONGER = 4
SAME_BEGINNING, SAME_END = 3, 5
"""Letters that a name has in common with one that is nearly it: at its beginning, or at its end."""


def near_objects(name: str, facts: MibFacts) -> list[str]:
    """Return the names of objects that are most like a name, the most alike first."""
    return near_names(name, facts.names(), lambda near: bool(facts.objects_named(near)))


def near_notifications(name: str, facts: MibFacts) -> list[str]:
    """Return the names of notifications that are most like a name, the most alike first."""
    return near_names(name, facts.names(), lambda near: bool(facts.notifications_named(near)))


def near_names(
    name: str, known: Iterable[str], is_wanted: Callable[[str], bool] = lambda _: True
) -> list[str]:
    """Return known names that are most like a name, the most alike first; without regard to case."""
    wanted = name.lower()
    begin, end = wanted[:SAME_BEGINNING], wanted[-SAME_END:]
    by_lower: dict[str, str] = {}
    for each in known:
        if abs(len(each) - len(name)) <= MOST_LONGER:
            lower = each.lower()
            if lower.startswith(begin) or lower.endswith(end):
                by_lower[lower] = each
    alike = get_close_matches(wanted, by_lower, 4 * MOST_NEAR, LEAST_LIKENESS)
    return [by_lower[each] for each in alike if is_wanted(by_lower[each])][:MOST_NEAR]
