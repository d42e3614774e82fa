"""Chains of causes: the parent of each consequence is its nearest cause, up to the root of the chain."""

from collections.abc import Callable, Iterable, MutableMapping


class Link:
    """An alert that has consequences.

    Attributes:
        number: The number of its id.
        cause: Its nearest cause; None: it is the root.
        below: Number of its direct and indirect consequences.
        is_rejected: Whether it has a cause that would close a cycle.
    """

    __slots__ = ("below", "cause", "is_rejected", "number")

    def __init__(self, number: int, cause: "Link | None") -> None:
        self.number = number
        self.cause = cause
        self.below = 0
        self.is_rejected = False


class Chains:
    """Forest of consequences, with the number of direct and indirect consequences of each alert.

    A change takes as many steps as the chain is long, however many alerts are below the one that moves. Most
    alerts have no consequences: of these only their causes are kept, where the alerts are.
    Alerts are identified by the number of their id (`UUID.int`): a UUID is slow to hash and to compare.

    Attributes:
        changed: Alerts whose `impacted` may be outdated, the longest outdated first.
    """

    def __init__(self, cause_of: Callable[[int], int | None]) -> None:
        """Begin without alerts.

        Args:
            cause_of: Returns the nearest cause of an alert; None: it has none.
        """
        self.changed: MutableMapping[int, None] = {}
        self._cause_of = cause_of
        self._links: dict[int, Link] = {}

    def move(self, alert_id: int, before: int | None, after: int | None) -> None:
        """Move an alert, with all its consequences, from one cause under another; None: it is a root.

        What would close a cycle becomes a root: that comes only from a damaged database or an old inventory.
        """
        links = self._links
        link = links.get(alert_id)
        if link is not None:
            old = link.cause
        else:
            old = links[before] if before is not None else None
            if after == alert_id:
                link = links[alert_id] = Link(alert_id, old)
        new = self._link(after) if after is not None else None
        amount = 1
        if link is not None:
            amount += link.below
            link.is_rejected = link in _chain(new)
            if new is not None and link.is_rejected:
                self._drop_unused(new)
                new = None
            link.cause = new
            self._drop_unused(link)
        if new is not None and new.cause is old:  # the cause begins, between the alert and its former one
            self._add((new,), amount)
        elif old is not None and old.cause is new:  # it is over
            self._add((old,), -amount)
        else:
            lost, gained = _apart(old, new)
            self._add(gained, amount)
            self._add(lost, -amount)

    def chain(self, alert_id: int) -> list[int]:
        """Return an alert, then its causes up to the root."""
        link = self._links.get(alert_id)
        if link is not None:
            return [each.number for each in _chain(link)]
        cause = self._cause_of(alert_id)
        return [alert_id] if cause is None else [alert_id, *self.chain(cause)]

    def count(self, alert_id: int) -> int:
        """Return the number of direct and indirect consequences of an alert."""
        link = self._links.get(alert_id)
        return link.below if link is not None else 0

    def _link(self, number: int) -> Link:
        """Return the link of an alert that has or gets consequences."""
        link = self._links.get(number)
        if link is None:
            cause = self._cause_of(number)
            link = self._links[number] = Link(number, self._links[cause] if cause is not None else None)
        return link

    def _add(self, links: Iterable[Link], amount: int) -> None:
        changed = self.changed
        for link in links:
            changed[link.number] = None
            link.below += amount
            if not link.below:
                self._drop_unused(link)

    def _drop_unused(self, link: Link) -> None:
        if not link.below and not link.is_rejected:
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
