"""NetBox's objects in memory, kept in line with it: read whole at first, then only what has changed."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from connectors.netbox.changes import (
    ENDS,
    Mark,
    Plan,
    cable,
    moved,
    plan_ends,
    plan_of,
    read_changes,
    read_newest,
)
from connectors.netbox.client import Client
from connectors.netbox.objects import Port
from connectors.netbox.reading import Progress, read_some, read_whole
from connectors.netbox.tables import Holdings, Table, tables
from connectors.netbox.threads import in_thread

CABLES = Table(
    name="cables",
    path="dcim/cables",
    kind="dcim.cable",
    fields="id,a_terminations,b_terminations",
    parse=cable,
)


class Mirror:
    """What is known of one NetBox.

    Attributes:
        holdings: Replaced as a whole, and only when everything was read.
    """

    def __init__(self, ifindex_field: str) -> None:
        self.holdings = Holdings()
        self._tables = tables(ifindex_field)
        self._mark = Mark()

    async def read_all(self, client: Client, progress: Progress) -> None:
        """Read everything anew; what changes meanwhile is seen by the next look at the changelog."""
        mark = await in_thread(partial(read_newest, client))
        read = await read_whole(client, self._tables.values(), progress)
        self.holdings, self._mark = Holdings(**read), mark

    async def catch_up(self, client: Client, progress: Progress) -> bool:
        """Read again what has changed since; tells whether there was anything."""
        changes = await in_thread(partial(read_changes, client, self._mark))
        fresh = [each for each in changes if each.id not in self._mark.seen]
        plan = await in_thread(partial(plan_of, fresh, self.holdings))
        if plan.cables:
            ends = await read_some(client, CABLES, plan.cables, progress)
            await in_thread(partial(plan_ends, plan, ends, self.holdings))
        if plan:
            self.holdings = await self._read_again(client, plan.bounded(), progress)
        self._mark = moved(self._mark, changes)
        return bool(plan)

    async def _read_again(self, client: Client, plan: Plan, progress: Progress) -> Holdings:
        whole = await read_whole(client, [self._tables[name] for name in sorted(plan.whole)], progress)
        parts = dict[str, Mapping[int, Any]](whole)
        for name, ids in plan.single.items():
            table = self._tables[name]
            found = await read_some(client, table, ids, progress)
            if name in ENDS.values():  # what is at the other end now has to tell of it too
                found |= await read_some(client, table, _behind(found) - ids, progress)
            known: Mapping[int, Any] = getattr(self.holdings, name)
            parts[name] = {key: row for key, row in known.items() if key not in ids} | found
        return replace(self.holdings, **parts)


def _behind(ports: Mapping[int, Port]) -> set[int]:
    return {far.id for port in ports.values() for far in port.far_ends if far.kind in ENDS}
