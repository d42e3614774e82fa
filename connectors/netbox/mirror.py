"""In-memory copy of NetBox's objects: read completely at first, then by changes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from connectors.netbox.changes import (
    ENDS,
    LINKS,
    ChangeMark,
    PullPlan,
    cable,
    moved,
    plan_ends,
    plan_of,
    read_changes,
    read_newest,
)
from connectors.netbox.client import NetboxClient
from connectors.netbox.failures import MayNotView
from connectors.netbox.objects import PatchPort
from connectors.netbox.reading import Progress, read_some, read_viewable, read_whole
from connectors.netbox.tables import CHANGE, CHANGES, Holdings, ListTable, tables
from connectors.netbox.threads import in_thread

CABLES = ListTable(
    name="cables",
    path="dcim/cables",
    kind="dcim.cable",
    fields="id,a_terminations,b_terminations",
    parse=cable,
)


class Mirror:
    """Copy of one NetBox.

    Attributes:
        holdings: Replaced as a whole, and only when everything was read.
    """

    def __init__(self, ifindex_field: str) -> None:
        self.holdings = Holdings()
        self._tables = tables(ifindex_field)
        self._mark = ChangeMark()

    async def read_all(self, client: NetboxClient, progress: Progress) -> None:
        """Read everything that may be viewed.

        Changes made meanwhile are found by the next read of the changelog.
        """
        mark = await in_thread(partial(_newest_viewable, client))
        read, refused = await read_viewable(client, self._tables.values(), progress)
        unread = [*refused, *([] if mark else [CHANGE])]
        if not await in_thread(partial(client.may_view, CABLES.path)):
            unread.append(CABLES.kind)
        self.holdings, self._mark = Holdings(**read, unread=tuple(sorted(unread))), mark or ChangeMark()

    async def has_right_again(self, client: NetboxClient) -> bool:
        """Return True if a list that could not be viewed now can be."""
        paths = {table.kind: table.path for table in (*self._tables.values(), CABLES)} | {CHANGE: CHANGES}
        for kind in self.holdings.unread:
            if await in_thread(partial(client.may_view, paths[kind])):
                return True
        return False

    async def catch_up(self, client: NetboxClient, progress: Progress) -> bool:
        """Read what has changed; return whether there was anything.

        Raises:
            MayNotView: A permission was lost since everything was read.
        """
        if CHANGE in self.holdings.unread:
            return False
        changes = await in_thread(partial(read_changes, client, self._mark))
        fresh = [each for each in changes if each.id not in self._mark.seen]
        plan = await in_thread(partial(plan_of, fresh, self.holdings))
        if plan.cables:
            await self._plan_cables(client, plan, progress)
        if plan:
            self.holdings = await self._read_again(client, plan.bounded(), progress)
        self._mark = moved(self._mark, changes)
        return bool(plan)

    async def _plan_cables(self, client: NetboxClient, plan: PullPlan, progress: Progress) -> None:
        """Add the ends of changed cables; if cables may not be viewed, all interfaces are read."""
        if CABLES.kind in self.holdings.unread:
            plan.whole.update(LINKS)
            return
        ends = await read_some(client, CABLES, plan.cables, progress)
        await in_thread(partial(plan_ends, plan, ends, self.holdings))

    async def _read_again(self, client: NetboxClient, plan: PullPlan, progress: Progress) -> Holdings:
        unread = {name for name, table in self._tables.items() if table.kind in self.holdings.unread}
        wanted = [self._tables[name] for name in sorted(plan.whole - unread)]
        whole = await read_whole(client, wanted, progress)
        parts: dict[str, Any] = {**whole}
        for name, ids in plan.single.items():
            table = self._tables[name]
            if name in unread:
                continue
            found = await read_some(client, table, ids, progress)
            if name in ENDS.values():  # read the objects at the new far ends too: their rows name this end
                found |= await read_some(client, table, _behind(found) - ids, progress)
            known: Mapping[int, Any] = getattr(self.holdings, name)
            parts[name] = {key: row for key, row in known.items() if key not in ids} | found
        return replace(self.holdings, **parts)


def _newest_viewable(client: NetboxClient) -> ChangeMark | None:
    """Return the end of the changelog; None: the token's user may not view it."""
    try:
        return read_newest(client)
    except MayNotView:
        return None


def _behind(ports: Mapping[int, PatchPort]) -> set[int]:
    return {far.id for port in ports.values() for far in port.far_ends if far.kind in ENDS}
