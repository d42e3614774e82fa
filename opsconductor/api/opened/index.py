"""Index of the open alerts, kept between questions.

To sort or count ten thousand alerts takes longer than everything else of an answer, and few of them change
between two questions. So the index compares the open alerts with those of the question before, and what it
keeps (orders, sums) follows the alerts that have changed. It relies on nothing but the identity of alerts,
which are never changed in place.

Questions take turns (`http.single_flight`), so no two threads use it at once.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from aiohttp import web

from opsconductor.limits import BoundedMap
from opsconductor.model.alert import Alert
from opsconductor.store.alerts.search import searched_text

MOST_KEPT = 12
"""Number of orders and sums that are kept, those asked for last."""
MOST_TEXTS = 20_000
"""Number of open alerts up to which their texts are kept."""
FEW = 500
"""Number of changes that a follower may take over one by one, however few alerts are open."""
PART = 8
"""If more than every eighth changes, it is quicker to make all anew."""
LONGEST_TEXT = 1_000
"""Longer texts are not kept."""


class OpenEntry:
    """An open alert in the index.

    Attributes:
        alert: Its present state.
    """

    __slots__ = ("_text", "alert")

    def __init__(self, alert: Alert) -> None:
        self.alert = alert
        self._text: str | None = None

    def replace(self, alert: Alert) -> None:
        """Take another state."""
        self.alert, self._text = alert, None

    def text(self) -> str:
        """Return the text that is searched, and keep it unless it is long."""
        if self._text is not None:
            return self._text
        text = searched_text(self.alert)
        if len(text) <= LONGEST_TEXT:
            self._text = text
        return text


class Move(NamedTuple):
    """A change of an open alert; `old` is None: it is new; `new` is None: it is gone."""

    entry: OpenEntry
    old: Alert | None
    new: Alert | None


class Follower(Protocol):
    """Something computed from all open alerts that can follow their changes."""

    def follow(self, moves: Sequence[Move]) -> bool:
        """Take over changes; return False if it is quicker to compute it anew."""


def are_few(changes: int, among: int) -> bool:
    """Return True if it is quicker to take over changes one by one than to make all anew."""
    return changes <= max(FEW, among // PART)


FollowerT = TypeVar("FollowerT", bound=Follower)


class OpenIndex:
    """The open alerts by the latest question, and what is kept about them."""

    def __init__(self) -> None:
        self._opened: Sequence[Alert] = ()
        self._entries: dict[str, OpenEntry] = {}
        self._kept: BoundedMap[Hashable, tuple[object, Any]] = BoundedMap(MOST_KEPT)
        self._is_whole = True

    @property
    def entries(self) -> Collection[OpenEntry]:
        """The open alerts, in no order."""
        return self._entries.values()

    @property
    def keeps_texts(self) -> bool:
        """Whether there are so few that their texts may be kept."""
        return len(self._entries) <= MOST_TEXTS

    def follow(self, opened: Sequence[Alert]) -> "OpenIndex":
        """Take over the open alerts of this moment; return the index."""
        # compares identities first, so it costs nothing where nothing has changed
        if self._is_whole and opened == self._opened:
            return self
        if not self._is_whole:  # an error has ended the last time halfway
            self._entries, self._kept = {}, BoundedMap(MOST_KEPT)
        self._opened, self._is_whole = opened, False
        moves = [*self._changed(opened), *self._gone(opened)]
        for key, (_, kept) in list(self._kept.items()):
            if not kept.follow(moves):
                del self._kept[key]
        self._is_whole = True
        return self

    def kept(
        self, key: Hashable, make: Callable[[Collection[OpenEntry]], FollowerT], basis: object = None
    ) -> FollowerT:
        """Return what is kept under a key; it is made from all open alerts if it is not there.

        Args:
            basis: What it is made with beside the alerts, such as the inventory; another one makes it anew.
        """
        known: tuple[object, FollowerT] | None = self._kept.use(key)
        if known is None or known[0] is not basis:
            known = self._kept[key] = (basis, make(self.entries))
        return known[1]

    def _changed(self, opened: Iterable[Alert]) -> Iterable[Move]:
        entries = self._entries
        known = entries.get
        changed = [
            alert
            for alert in opened
            if (entry := known(alert.fingerprint)) is None or entry.alert is not alert
        ]
        for alert in changed:
            entry = known(alert.fingerprint)
            if entry is None:
                entry = entries[alert.fingerprint] = OpenEntry(alert)
                yield Move(entry, None, alert)
            else:
                old = entry.alert
                entry.replace(alert)
                yield Move(entry, old, alert)

    def _gone(self, opened: Sequence[Alert]) -> Iterable[Move]:
        """Remove those that are not open any more; the others are in the index already."""
        if len(self._entries) == len(opened):
            return
        for fingerprint in self._entries.keys() - {alert.fingerprint for alert in opened}:
            entry = self._entries.pop(fingerprint)
            yield Move(entry, entry.alert, None)


open_index: web.AppKey[OpenIndex] = web.AppKey("open_index", OpenIndex)
