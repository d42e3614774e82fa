"""Application of published inventories: in the database, then between two batches in the engine."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from time import perf_counter, time

from opsconductor import metrics
from opsconductor.app.configuring.loading import read_inventory
from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.configuring.takeover import take_on
from opsconductor.config.settings import Settings
from opsconductor.errors import InventoryConflict, StoreError
from opsconductor.guard import guarded
from opsconductor.inventory.enforce import Bounds, enforce
from opsconductor.model.inventory.listed import Inventory, InventoryChanges, InventoryLoss, LossLimits
from opsconductor.pipeline.loop import PipelineLoop
from opsconductor.store.access.audit import Author
from opsconductor.store.inventory.devices import InventoryPlan
from opsconductor.store.inventory.missing import (
    MissingDependency,
    forget_missing,
    note_decision,
    read_missing,
)

log = logging.getLogger(__name__)


def bounds_of(settings: Settings, *, is_accepted: bool = False) -> Bounds:
    """Return the limits on retiring when an inventory is applied."""
    limits = LossLimits(largest=settings.inventory.largest_loss, smallest=settings.inventory.smallest_loss)
    return Bounds(keep=settings.retention.dependencies, limits=limits, is_accepted=is_accepted)


MOST_NAMED = 20
"""Conflicts named in one log line; `opsconductor inventory status` shows all."""


@dataclass(slots=True)
class Inventories:
    """Applies inventories published by connectors; several at once are several transactions and one reload.

    Attributes:
        waiting: Losses that await confirmation, by connector.
    """

    live: Runtime
    worker: PipelineLoop
    tasks: asyncio.TaskGroup
    waiting: dict[str, InventoryLoss] = field(default_factory=dict)
    _offered: dict[str, Inventory] = field(default_factory=dict)
    _written: int = 0
    _in_force: int = 0
    _conflicts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _taking: set[asyncio.Task[Exception | None]] = field(default_factory=set)

    async def publish(self, connector: str, inventory: Inventory) -> InventoryChanges:
        """Apply an inventory; returns once the engine uses it.

        If too much would be retired at once, that stays until an operator confirms it.

        Raises:
            StoreUnavailable: The database is away; publish again later.
        """
        return await self._put(connector, inventory, is_accepted=False)

    async def accept(self, connector: str, expected: tuple[int, int], by: Author) -> InventoryChanges:
        """Retire what awaits confirmation.

        Args:
            expected: Number of devices and dependencies that the operator has seen.
            by: The operator, for the audit log.

        Raises:
            InventoryConflict: Nothing waits, it is not known yet in this run, or it has changed.
            StoreUnavailable: The database is away; nothing was changed.
        """
        loss, offered = self.waiting.get(connector), self._offered.get(connector)
        if loss is None:
            raise InventoryConflict(f"nothing of {connector} waits for confirmation")
        if offered is None:
            raise InventoryConflict(f"{connector} has not been read since the start; try again when it has")
        if (loss.devices, loss.dependencies) != expected:
            raise InventoryConflict(f"by now {loss.summary} would be retired: check again")
        changes = await self._put(connector, offered, is_accepted=True)
        details = {
            "gone": loss.summary,
            "before": {"devices": loss.known_devices, "dependencies": loss.known_dependencies},
            "after": {
                "devices": loss.known_devices - loss.devices,
                "dependencies": loss.known_dependencies - loss.dependencies,
            },
            "names": list(loss.names),
        }
        await note_decision(self.live.pool, by, "inventory.accept", connector, details)
        return changes

    async def missing(self, connector: str | None) -> list[MissingDependency]:
        """Return the dependencies that their inventories no longer list; raises StoreUnavailable."""
        return await read_missing(self.live.pool, connector)

    async def forget(self, connector: str | None, by: Author) -> list[MissingDependency]:
        """Remove the dependencies that their inventories no longer list; return them.

        Raises:
            StoreUnavailable: The database is away; nothing was removed.
        """
        gone = await forget_missing(self.live.pool, connector, by)
        if gone:
            self._written += 1
            await self._bring_into_force()
        return gone

    def present_waiting(self) -> dict[str, InventoryLoss]:
        """Return the losses that await confirmation, by connector, of enabled ones."""
        connectors = self.live.configuration.connectors
        return {name: loss for name, loss in self.waiting.items() if name in connectors}

    async def _put(self, connector: str, inventory: Inventory, *, is_accepted: bool) -> InventoryChanges:
        started = perf_counter()
        bounds = bounds_of(self.live.settings, is_accepted=is_accepted)
        try:
            plan = await enforce(self.live.pool, connector, inventory, bounds)
        except (StoreError, asyncio.CancelledError):
            self._written += 1  # it is unknown whether it was committed
            raise
        self._written += not plan.is_empty
        if self._in_force < self._written:
            await self._bring_into_force()
        self._withhold(connector, inventory, plan)
        _measure(connector, plan)
        self._log_conflicts(connector, plan.conflicts)
        if not plan.is_empty:
            log.info(
                "inventory applied: %s",
                plan.changes.summary,
                extra={"connector": connector, "seconds": round(perf_counter() - started, 2)},
            )
        return plan.changes

    def _withhold(self, connector: str, inventory: Inventory, plan: InventoryPlan) -> None:
        """Store a loss that awaits confirmation; log it if it has changed."""
        if plan.large_loss is None or not plan.is_withheld:
            self._offered.pop(connector, None)
            if self.waiting.pop(connector, None) is not None:
                log.info(
                    "nothing of the inventory awaits confirmation any more", extra={"connector": connector}
                )
            return
        if self.waiting.get(connector) != plan.large_loss:
            log.warning(
                "too much would be retired at once: %s stay until opsconductor inventory accept %s",
                plan.large_loss.summary,
                connector,
                extra={"connector": connector, "found": "; ".join(plan.large_loss.names)},
            )
        self.waiting[connector], self._offered[connector] = plan.large_loss, inventory

    async def finish(self) -> None:
        """Cancel what is not applied yet: the daemon stops, and reads it at the next start."""
        for task in self._taking:
            task.cancel()
        if self._taking:
            await asyncio.wait(self._taking)

    async def _bring_into_force(self) -> None:
        """Make the engine use what is stored, even if the connector that published it is stopped."""
        task = self.tasks.create_task(self._take_on(self._written), name="apply inventory")
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)
        failure = await asyncio.shield(task)
        if failure is not None:
            raise failure

    async def _take_on(self, wanted: int) -> Exception | None:
        """Return any error: raised here it would end the daemon."""
        async with self.live.changing:
            if self._in_force >= wanted:
                return None
            written = self._written
            try:
                inventory = await read_inventory(
                    self.live.pool, self.live.settings.inventory.confidence_floor
                )
            except StoreError as error:
                return error
            configuration = replace(self.live.configuration, inventory=inventory)
            with guarded() as taking:
                await take_on(configuration, self.live, self.worker)
            if taking.error is None:
                self._in_force = written
            return taking.error

    def _log_conflicts(self, connector: str, conflicts: tuple[str, ...]) -> None:
        """Log conflicts if they have changed."""
        if conflicts and conflicts != self._conflicts.get(connector):
            log.warning(
                "addresses are claimed by two devices each, the first keeps them",
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
