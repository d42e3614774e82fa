"""The open alerts in an order, and those of them that match."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from heapq import merge
from operator import attrgetter, itemgetter

from opsconductor.api.listing import SLICE, Key, key_function, matching
from opsconductor.api.opened.index import Move, OpenEntry, OpenIndex, are_few
from opsconductor.api.opened.sums import sums_in
from opsconductor.model.alert import Alert
from opsconductor.model.enums import OPEN_STATUSES
from opsconductor.store.alerts.filter import AlertFilter
from opsconductor.store.alerts.search import Finder, terms_of


class KeptOrder:
    """The open alerts in one order.

    Attributes:
        entries: In that order.
    """

    def __init__(self, order: Sequence[str], entries: Collection[OpenEntry]) -> None:
        """Sort alerts.

        Args:
            order: From `whole_order`.
        """
        self.key = key_function(order)
        self._fields = attrgetter("id", *(name.removeprefix("-") for name in order))
        self._keys: list[Key] = []
        self.entries: list[OpenEntry] = []
        for key, entry in merge(*self._sorted_parts(list(entries)), key=itemgetter(0)):
            self._keys.append(key)
            self.entries.append(entry)

    def _sorted_parts(self, entries: Sequence[OpenEntry]) -> Iterable[list[tuple[Key, OpenEntry]]]:
        """Yield parts, each sorted by one call, during which no other thread runs."""
        for start in range(0, len(entries), SLICE):
            yield sorted(
                ((self.key(entry.alert), entry) for entry in entries[start : start + SLICE]),
                key=itemgetter(0),
            )

    def follow(self, moves: Sequence[Move]) -> bool:
        """Move the alerts whose place is another."""
        fields = self._fields
        moved = [
            (entry, old, new)
            for entry, old, new in moves
            if old is None or new is None or fields(old) != fields(new)
        ]
        if not are_few(len(moved), len(self.entries)):
            return False
        for entry, old, new in moved:
            if old is not None:
                at = bisect_left(self._keys, self.key(old))
                assert self.entries[at] is entry
                del self._keys[at], self.entries[at]
            if new is not None:
                key = self.key(new)
                at = bisect_left(self._keys, key)
                self._keys.insert(at, key)
                self.entries.insert(at, entry)
        return True


class KeptIds:
    """The ids of the open alerts.

    Attributes:
        numbers: The ids as numbers, whose hashes are computed once.
    """

    def __init__(self, entries: Collection[OpenEntry]) -> None:
        self.numbers = {entry.alert.id.int for entry in entries}

    def follow(self, moves: Sequence[Move]) -> bool:
        """Take over what has changed."""
        self.numbers -= {old.id.int for _, old, _ in moves if old is not None}
        self.numbers |= {new.id.int for _, _, new in moves if new is not None}
        return True


def matching_in_order(
    index: OpenIndex, wanted: AlertFilter, order: Sequence[str], links: Iterable[Alert] = ()
) -> list[Alert]:
    """Return the open alerts that match, in an order.

    Args:
        order: From `whole_order`.
        links: See `listing.matching`.
    """
    found: Collection[OpenEntry] = index.kept(tuple(order), lambda every: KeptOrder(order, every)).entries
    return matching_of(index, wanted, found, links)


def matching_of(
    index: OpenIndex, wanted: AlertFilter, found: Collection[OpenEntry], links: Iterable[Alert] = ()
) -> list[Alert]:
    """Return those of some alerts of the index that match, in their order."""
    if wanted.search and index.keeps_texts:
        is_found = Finder(terms_of(wanted.search)).is_found
        found = [entry for entry in found if is_found(entry.text())]
        wanted = replace(wanted, search="")
    if OPEN_STATUSES.issubset(wanted.status):
        wanted = replace(wanted, status=())
    if wanted.is_hidden == (False,) and not sums_in(index).hidden:
        wanted = replace(wanted, is_hidden=())
    return matching([entry.alert for entry in found], wanted, links)
