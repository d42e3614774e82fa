"""Changes of alerts between two messages of the live feed, and the part of them that a client follows."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from opsconductor.api.alert_pages import filter_of
from opsconductor.api.auth.rows import AlertRows
from opsconductor.api.http.alert_parameters import AlertFilterParameters
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.parameters import HiddenChoice
from opsconductor.api.http.single_flight import turns
from opsconductor.api.listing import matching
from opsconductor.connector.settings.shape import Shape
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert
from opsconductor.pipeline.feed import FeedBatch
from opsconductor.store.alerts.filter import AlertFilter

MOST_GATHERED = 500
"""Above this number of changed alerts, reading one page again is cheaper for both sides."""
MOST_OUTSIDE = 10_000
"""Maximum number of alerts remembered as left; beyond it some are named twice."""

Kind = Literal["created", "updated", "resolved"]


POSITION = Shape("^[0-9A-Za-z-]*$", "the position of an earlier message: letters, digits and -")


class FeedParameters(AlertFilterParameters):
    """Filter of the live feed, and where to resume; without a filter every change is sent."""

    hidden: HiddenChoice = Field(
        HiddenChoice.ALSO, description="Alerts that a maintenance window hides: left out, too, or alone."
    )
    last_event_id: Annotated[str, POSITION] = Field(
        "",
        max_length=40,
        description="Resume after this position, as the header `Last-Event-ID` does.",
    )


@dataclass(slots=True)
class Gathered:
    """Changes since the last message: the latest state of each alert."""

    alerts: dict[UUID, Alert] = field(default_factory=dict)
    created: set[UUID] = field(default_factory=set)
    is_incomplete: bool = False
    position: str = ""

    def add(self, batch: FeedBatch) -> None:
        """Add alerts; a batch without any means that some were dropped."""
        self.alerts.update((alert.id, alert) for alert in batch.alerts)
        self.created |= batch.created
        self.position = batch.position
        if not batch.alerts or len(self.alerts) > MOST_GATHERED:
            self.is_incomplete = True
            self.alerts.clear()

    def kind_of(self, alert: Alert) -> Kind:
        """Return what has happened to an alert."""
        if not alert.status.is_open:
            return "resolved"
        return "created" if alert.id in self.created else "updated"


async def gather(queue: asyncio.Queue[FeedBatch], longest_s: float) -> Gathered:
    """Wait for a change, at most this long, and return everything available."""
    gathered = Gathered()
    try:
        async with asyncio.timeout(longest_s):
            gathered.add(await queue.get())
    except TimeoutError:
        return gathered
    while not queue.empty():
        gathered.add(queue.get_nowait())
    return gathered


class VisibleAlerts:
    """The alerts that a caller with row filters sees.

    One that it does not see any more is named once as left; of those that it never saw, it learns nothing.
    What a caller that resumes saw before is not known: it has to read its list again.
    """

    def __init__(self, call: Call) -> None:
        """Take the call of the client."""
        self._live, self._turns = call.parts.engine, call.request.app[turns]
        self._seen: set[UUID] = set()

    async def begin(self, rows: AlertRows) -> None:
        """Remember what the caller may have from a list before the first message."""
        if rows.conditions:
            known = self._live().known_alerts()
            self._seen = await asyncio.to_thread(lambda: {alert.id for alert in known if rows.has(alert)})

    async def keep(self, gathered: Gathered, rows: AlertRows) -> Sequence[UUID]:
        """Remove the alerts that the caller may not see; return the ids of those that it saw before."""
        if not rows.conditions:
            return ()
        found = await rows.shown(tuple(gathered.alerts.values()), self._live(), self._turns)
        shown = {alert.id: alert for alert in found}
        left = [each for each in gathered.alerts if each not in shown and each in self._seen]
        gathered.alerts = shown
        self._seen.update(shown)
        self._seen.difference_update(left)
        return left


class FollowedAlerts:
    """The alerts that a client follows.

    An alert that changes so that it does not match any more is named once as `left`: the client may have
    it from a list. What is new and does not match is not named.
    """

    def __init__(self, call: Call) -> None:
        """Read the filter from the query of a call."""
        self._call = call
        self._given: FeedParameters = call.query
        self._is_all = self._given.filter() == AlertFilter(is_hidden=()) and not self._given.is_by_inventory
        self._inventory: InventorySnapshot | None = None
        self._filter = AlertFilter()
        self._outside: set[UUID] = set()

    async def choose(self, gathered: Gathered) -> tuple[Sequence[Alert], Sequence[UUID]]:
        """Return the alerts that match, and the ids of those that have left."""
        changed = tuple(gathered.alerts.values())
        if not changed or self._is_all:
            return changed, ()
        wanted = await self._wanted()
        chosen = [
            alert
            for alert in matching(changed, replace(wanted, root_id=()))
            if not wanted.root_id or self._is_below(alert, wanted.root_id)
        ]
        inside = {alert.id for alert in chosen}
        others = [each for each in gathered.alerts if each not in inside]
        left = [each for each in others if each not in gathered.created and each not in self._outside]
        self._outside -= inside
        if len(self._outside) > MOST_OUTSIDE:
            self._outside.clear()
        self._outside.update(others)
        return chosen, left

    async def _wanted(self) -> AlertFilter:
        """Return the filter, with the devices of sites and roles by the inventory in force.

        What the caller may see is looked at before, see `VisibleAlerts`.
        """
        inventory = self._call.parts.engine().inventory
        if self._inventory is not inventory:
            self._filter = replace(await filter_of(self._call, self._given), rows=())
            self._inventory = inventory
        return self._filter

    def _is_below(self, alert: Alert, causes: Iterable[UUID]) -> bool:
        """Return whether an alert is a consequence of one of them, over any number of steps."""
        seen: set[UUID] = set()
        cause = alert.correlated_to_id
        while cause is not None and cause not in seen:
            if cause in causes:
                return True
            seen.add(cause)
            found = self._call.parts.engine().get(cause)
            cause = None if found is None else found.correlated_to_id
        return False
