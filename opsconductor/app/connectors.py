"""Builds the connectors that the configuration names, and keeps its sources running."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from pydantic import BaseModel

from opsconductor.app.status import StatusKeeper
from opsconductor.connector.interface import (
    Channel,
    Emit,
    InventorySource,
    Kind,
    Role,
    Source,
    Surroundings,
)
from opsconductor.connector.supervise import Standing, supervise
from opsconductor.model.inventory import Inventory, InventoryChanges

SETTLE_S = 5.0
"""How long a start or reload waits for new sources to say whether they work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A connector that is to run: its type and its checked configuration, secrets resolved."""

    name: str
    kind: Kind
    config: BaseModel


class Provider(Protocol):
    """Gives connectors what they may have of the daemon."""

    def surroundings_of(self, standing: Standing, /) -> Surroundings:
        """Put together what one connector gets."""

    def forget(self, connector: str, /) -> None:
        """Let go of what a connector has left for the next one of its kind: there will be none."""


@dataclass(slots=True)
class LiveConnectors:
    """The connectors that run now, changed as a whole on reload.

    Attributes:
        sources: By name; also those removed lately, whose events may still wait in the intake.
        channels: By name.
        inventories: By name.
        publish: Takes what the inventory of a name has.
        parts: Those that run now, whatever their role, by name.
    """

    emit: Emit
    publish: Callable[[str, Inventory], Awaitable[InventoryChanges]]
    provider: Provider
    status: StatusKeeper
    tasks: asyncio.TaskGroup
    sources: dict[str, Source] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    inventories: dict[str, InventorySource] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    _plans: dict[str, Plan] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def change_to(self, plans: Mapping[str, Plan]) -> frozenset[str]:
        """Stop what is gone or different, build and start what is new; the rest runs on untouched.

        Returns the names of what was started, when every new source has said that it works, or has failed,
        or is slow to tell.
        """
        gone = {name: plan for name, plan in self._plans.items() if plans.get(name) != plan}
        await self._stop(list(gone))
        for name, plan in gone.items():
            if name not in plans or plans[name].kind != plan.kind:
                self.provider.forget(name)
        started = [self._start(plan) for name, plan in plans.items() if name not in self._plans]
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                for standing in started:
                    await standing.settled.wait()
        return frozenset(standing.name for standing in started)

    def config_of(self, name: str) -> BaseModel | None:
        """Give the configuration of a connector that runs, secrets resolved; None: there is none."""
        plan = self._plans.get(name)
        return None if plan is None else plan.config

    def part(self, name: str) -> Any | None:
        """Find a connector that runs, whatever its role; None: none of that name does."""
        return self.parts.get(name)

    def kinds(self) -> dict[str, Kind]:
        """Tell the type of every connector that runs."""
        return {name: plan.kind for name, plan in self._plans.items()}

    async def stop_sources(self) -> None:
        """Stop everything that brings events in."""
        await self._stop_tasks(list(self._running))

    async def close_channels(self) -> None:
        """Let go of the connections of all channels."""
        for channel in self.channels.values():
            await channel.close()
        self.channels.clear()

    def _start(self, plan: Plan) -> Standing:
        standing = self.status.standing_of(plan.name, plan.kind.role)
        built = plan.kind.build(plan.config, self.provider.surroundings_of(standing))
        self._plans[plan.name] = plan
        self.parts[plan.name] = built
        if plan.kind.role is Role.CHANNEL:
            self.channels[plan.name] = built
            standing.settled.set()
            return standing
        if plan.kind.role is Role.INVENTORY:
            self.inventories[plan.name] = built
            running = supervise(built, partial(self.publish, plan.name), standing)
        else:
            self.sources[plan.name] = built
            running = supervise(built, self.emit, standing)
        self._running[plan.name] = self.tasks.create_task(running, name=f"{plan.kind.role} {plan.name}")
        return standing

    async def _stop(self, names: list[str]) -> None:
        await self._stop_tasks([name for name in names if name in self._running])
        for name in names:
            del self._plans[name], self.parts[name]
            self.inventories.pop(name, None)
            channel = self.channels.pop(name, None)
            if channel is not None:
                await channel.close()

    async def _stop_tasks(self, names: list[str]) -> None:
        tasks = [self._running.pop(name) for name in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
