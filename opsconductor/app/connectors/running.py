"""Building of the configured connectors, and supervision of the sources."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pydantic import BaseModel

from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.app.registry import ConnectorRegistry
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.checking.conformance import BuiltConnector, build_connector
from opsconductor.connector.connector_type import ChannelType, ConnectorType
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import Channel, Emit, Worker
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.connector.supervise import STOP_WITHIN_S, ConnectorHealth, supervise
from opsconductor.guard import guarded
from opsconductor.model.aside import reason_of
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.inventory.listed import Inventory, InventoryChanges

log = logging.getLogger(__name__)

SETTLE_S = 5.0
"""How long a start or reload waits for new sources to report their status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """A connector to run: its type and its validated configuration, secrets resolved."""

    name: str
    connector_type: ConnectorType
    config: BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """A connector that is built but not yet running."""

    plan: ConnectorSpec
    health: ConnectorHealth
    connector: BuiltConnector
    traits: ChannelTraits | None


class Provider(Protocol):
    """Returns the contexts of connectors."""

    def context_of(self, health: ConnectorHealth, /) -> ConnectorContext:
        """Return the context of one connector."""

    def forget(self, connector: str, /) -> None:
        """Discard what a connector has left for its successor: there will be none."""


@dataclass(frozen=True, slots=True)
class ChannelWork:
    """The work of a channel beside sending, to be supervised as a source is."""

    worker: Worker

    async def run(self, feed: None) -> None:
        """Work until cancelled."""
        del feed
        await self.worker.work()


@dataclass(slots=True)
class RunningConnectors:
    """The running connectors, replaced as a whole on reload.

    Attributes:
        publish: Receives the inventory published by the connector of a name.
        registry: Index of the running connectors.
    """

    emit: Emit
    publish: Callable[[str, Inventory], Awaitable[InventoryChanges]]
    provider: Provider
    status: StatusKeeper
    tasks: asyncio.TaskGroup
    registry: ConnectorRegistry = field(default_factory=ConnectorRegistry)
    _plans: dict[str, ConnectorSpec] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def change_to(self, plans: Mapping[str, ConnectorSpec]) -> frozenset[str]:
        """Build new ones, stop removed or changed ones, start new ones; the others continue undisturbed.

        A connector that cannot be built has the status error and does not run; the others do.

        Returns the names of new connectors, once every new source has reported success or failure,
        or is slow to do so.
        """
        wanted = [plan for name, plan in plans.items() if self._plans.get(name) != plan]
        made = {plan.name: self._build(plan) for plan in wanted}
        gone = {name: plan for name, plan in self._plans.items() if plans.get(name) != plan}
        await self._stop(list(gone))
        for name, plan in gone.items():
            if name not in plans or plans[name].connector_type != plan.connector_type:
                self.provider.forget(name)
        started = [self._start(new) for new in made.values() if isinstance(new, _New)]
        for name, failure in made.items():
            if isinstance(failure, Exception):
                self.status.report(name, ConnectorStatus.ERROR, f"cannot be built: {reason_of(failure)}")
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                for health in started:
                    await health.settled.wait()
        return frozenset(made)

    def config_of(self, name: str) -> BaseModel | None:
        """Return the configuration of a running connector, secrets resolved, or None if there is none."""
        plan = self._plans.get(name)
        return None if plan is None else plan.config

    def types(self) -> dict[str, ConnectorType]:
        """Return the type of every running connector."""
        return {name: plan.connector_type for name, plan in self._plans.items()}

    def listening(self) -> dict[str, Sequence[ListenAddress]]:
        """Return the listen addresses of connectors with ports of their own."""
        found: dict[str, Sequence[ListenAddress]] = {}
        for name, each in self.registry.built.items():
            with guarded():  # a third-party connector may return anything
                if each.listener is not None:
                    listed = tuple(each.listener.listening)
                    found[name] = [address for address in listed if isinstance(address, ListenAddress)]
        return found

    async def stop_sources(self) -> None:
        """Stop all sources."""
        await self._stop_tasks(list(self._running))

    async def close_channels(self) -> None:
        """Close the connections of all channels."""
        for name, channel in self.registry.channels.items():
            await close_channel(name, channel)
        self.registry.channels.clear()

    def _build(self, plan: ConnectorSpec) -> _New | Exception:
        """Build a connector; on failure log and return the reason."""
        health = self.status.health_of(plan.name, plan.connector_type.role)
        context = self.provider.context_of(health)
        with guarded() as building:
            built = build_connector(plan.connector_type, plan.config, context)
            kind = plan.connector_type
            traits = kind.traits_of(plan.config) if isinstance(kind, ChannelType) else None
            return _New(plan=plan, health=health, connector=built, traits=traits)
        assert building.error is not None
        for passed in context.sockets:
            passed.close()
        log.error(
            "a connector cannot be built, it does not run",
            extra={"connector": plan.name, "error": reason_of(building.error)},
            exc_info=building.error,
        )
        return building.error

    def _start(self, new: _New) -> ConnectorHealth:
        plan, built, registry = new.plan, new.connector, self.registry
        self._plans[plan.name] = plan
        registry.built[plan.name] = built
        if built.verifier is not None:
            registry.verifiers[plan.name] = built.verifier
        if built.channel is not None:
            assert new.traits is not None
            registry.traits[plan.name] = new.traits
            registry.channels[plan.name] = built.channel
            new.health.settled.set()
            if built.worker is not None:
                working = supervise(ChannelWork(built.worker), None, new.health)
                self._running[plan.name] = self.tasks.create_task(working, name=f"channel {plan.name}")
            return new.health
        if built.source is not None:
            registry.sources[plan.name] = built.source
            running = supervise(built.source, self.emit, new.health)
        else:
            assert built.inventory is not None
            running = supervise(built.inventory, partial(self.publish, plan.name), new.health)
        self._running[plan.name] = self.tasks.create_task(
            running, name=f"{plan.connector_type.role} {plan.name}"
        )
        return new.health

    async def _stop(self, names: list[str]) -> None:
        await self._stop_tasks([name for name in names if name in self._running])
        for name in names:
            del self._plans[name], self.registry.built[name]
            self.registry.verifiers.pop(name, None)
            self.registry.traits.pop(name, None)
            channel = self.registry.channels.pop(name, None)
            if channel is not None:
                await close_channel(name, channel)

    async def _stop_tasks(self, names: list[str]) -> None:
        tasks = [self._running.pop(name) for name in names]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def close_channel(name: str, channel: Channel) -> None:
    """Close the connections of a channel; that it fails or takes too long is only logged."""
    with guarded() as closing:
        async with asyncio.timeout(STOP_WITHIN_S):
            await channel.close()
    if closing.error is not None:
        log.error(
            "a channel cannot be closed",
            extra={"connector": name, "error": reason_of(closing.error)},
            exc_info=closing.error,
        )
