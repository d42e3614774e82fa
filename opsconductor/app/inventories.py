"""Puts what inventory systems publish into force: in the database, then between two batches in the engine."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from time import perf_counter, time

from opsconductor import metrics
from opsconductor.app.configuration import read_inventory
from opsconductor.app.live import Live
from opsconductor.app.takeover import take_on
from opsconductor.errors import StoreError
from opsconductor.inventory.enforce import enforce
from opsconductor.model.inventory import Inventory, InventoryChanges
from opsconductor.pipeline.worker import Worker
from opsconductor.store.inventory import InventoryPlan

log = logging.getLogger(__name__)

MOST_NAMED = 20
"""Conflicts that one log line names; `opsconductor inventory status` shows all."""


@dataclass(slots=True)
class Inventories:
    """Takes inventories from connectors; several at once are several transactions and one takeover.

    Attributes:
        worker: Set once it is built; nobody publishes before.
    """

    live: Live
    tasks: asyncio.TaskGroup
    worker: Worker = field(init=False)
    _written: int = 0
    _in_force: int = 0
    _conflicts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _taking: set[asyncio.Task[BaseException | None]] = field(default_factory=set)

    async def publish(self, connector: str, inventory: Inventory) -> InventoryChanges:
        """Put an inventory into force; returns once the engine works with it.

        Raises:
            StoreUnavailable: The database is away; publish again later.
        """
        started = perf_counter()
        keep = self.live.settings.retention.dependencies
        try:
            plan = await enforce(self.live.pool, connector, inventory, keep)
        except (StoreError, asyncio.CancelledError):
            self._written += 1  # nobody knows whether it was committed
            raise
        self._written += not plan.is_empty
        if self._in_force < self._written:
            await self._bring_into_force()
        _measure(connector, plan)
        self._tell_conflicts(connector, plan.conflicts)
        if not plan.is_empty:
            log.info(
                "inventory is in force: %s",
                plan.changes.summary,
                extra={"connector": connector, "seconds": round(perf_counter() - started, 2)},
            )
        return plan.changes

    async def finish(self) -> None:
        """Give up what is not in force yet: the daemon stops, and reads it when it starts."""
        for task in self._taking:
            task.cancel()
        await asyncio.gather(*self._taking, return_exceptions=True)

    async def _bring_into_force(self) -> None:
        """Have the engine take over what is written, also when the connector that wrote it is stopped."""
        task = self.tasks.create_task(self._take_on(self._written), name="take on inventory")
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)
        failure = await asyncio.shield(task)
        if failure is not None:
            raise failure

    async def _take_on(self, wanted: int) -> BaseException | None:
        """Give what went wrong, whatever it is: raised here it would end the daemon."""
        async with self.live.changing:
            if self._in_force >= wanted:
                return None
            written = self._written
            try:
                inventory = await read_inventory(self.live.pool)
            except StoreError as error:
                return error
            configuration = replace(self.live.configuration, inventory=inventory)
            taking = take_on(configuration, self.live, self.worker)
            (failure,) = await asyncio.gather(taking, return_exceptions=True)
            if failure is None:
                self._in_force = written
            return failure

    def _tell_conflicts(self, connector: str, conflicts: tuple[str, ...]) -> None:
        """Name conflicts when they are others than before."""
        if conflicts and conflicts != self._conflicts.get(connector):
            log.warning(
                "addresses are wanted by two devices each, the first keeps them",
                extra={
                    "connector": connector,
                    "amount": len(conflicts),
                    "found": "; ".join(conflicts[:MOST_NAMED]),
                },
            )
        self._conflicts[connector] = conflicts


def _measure(connector: str, plan: InventoryPlan) -> None:
    devices, dependencies = plan.sizes
    amounts = {"devices": devices, "dependencies": dependencies, "conflicts": len(plan.conflicts)}
    for kind, amount in amounts.items():
        metrics.inventory_rows.labels(connector, kind).set(amount)
    metrics.inventory_published_timestamp_seconds.labels(connector).set(time())
