"""Chains of causes: the parent of each consequence is its nearest cause, up to the root of the chain."""

from collections.abc import Iterable, MutableMapping


class Link:
    """An alert in a chain.

    Attributes:
        number: The number of its id.
        cause: Its nearest cause; None: it is the root.
        below: Number of its direct and indirect consequences.
    """

    __slots__ = ("below", "cause", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.cause: Link | None = None
        self.below = 0


class Chains:
    """Forest of consequences, with the number of direct and indirect consequences of each alert.

    A change takes as many steps as the chain is long, however many alerts are below the one that moves.
    Alerts are identified by the number of their id (`UUID.int`): a UUID is slow to hash and to compare.

    Attributes:
        changed: Alerts whose `impacted` may be outdated, the longest outdated first.
    """

    def __init__(self) -> None:
        self.changed: MutableMapping[int, None] = {}
        self._links: dict[int, Link] = {}

    def move(self, alert_id: int, cause_id: int | None) -> None:
        """Move an alert, with all its consequences, under another cause; None: it becomes a root.

        What would close a cycle becomes a root: that comes only from a damaged database or an old inventory.
        """
        link = self._links.get(alert_id)
        if link is None:
            if cause_id is None or cause_id == alert_id:
                return
            link = self._links[alert_id] = Link(alert_id)
        old = link.cause
        if cause_id == (old.number if old is not None else None):
            return
        new = self._link(cause_id) if cause_id is not None else None
        if new is link or (link.below and link in _chain(new)):
            new = None
        link.cause = new
        lost, gained = _apart(old, new)
        amount = 1 + link.below
        self._add(gained, amount)
        self._add(lost, -amount)
        if new is None and not link.below:
            del self._links[alert_id]

    def chain(self, alert_id: int) -> list[int]:
        """Return an alert, then its causes up to the root."""
        link = self._links.get(alert_id)
        return [alert_id] if link is None else [each.number for each in _chain(link)]

    def count(self, alert_id: int) -> int:
        """Return the number of direct and indirect consequences of an alert."""
        link = self._links.get(alert_id)
        return link.below if link is not None else 0

    def _link(self, number: int) -> Link:
        link = self._links.get(number)
        if link is None:
            link = self._links[number] = Link(number)
        return link

    def _add(self, links: Iterable[Link], amount: int) -> None:
        changed = self.changed
        for link in links:
            changed[link.number] = None
            link.below += amount
            if not link.below and link.cause is None:
                del self._links[link.number]


def _chain(link: Link | None) -> list[Link]:
    """Return an alert, then its causes up to the root; None: empty."""
    found = []
    while link is not None:
        found.append(link)
        link = link.cause
    return found


def _apart(one: Link | None, other: Link | None) -> tuple[list[Link], list[Link]]:
    """Return two chains without what they have in common: that keeps its number."""
    first, second = _chain(one), _chain(other)
    while first and second and first[-1] is second[-1]:
        del first[-1], second[-1]
    return first, second
