"""The SNMP poller: one task for each device currently named by addresses or inventory."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import random

from connectors.snmp_poll.config import PollTarget, SnmpPollConfig
from connectors.snmp_poll.definition import CheckDefinition
from connectors.snmp_poll.device import REACHABILITY, DevicePoll, key_of
from connectors.snmp_poll.normalize import normalize
from connectors.snmp_poll.report import PollReport
from connectors.snmp_poll.schedule import Hand, visit_forever
from connectors.snmp_poll.trial import try_all
from connectors.snmp_poll.verify import can_verify, verify
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult as Tried
from opsconductor.connector.interface import Emit, VerifyResult
from opsconductor.errors import Unreachable
from opsconductor.model.alert import Alert
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import NormalizedAlert, Snapshot

FOLLOW_INVENTORY_S = 15.0
MOST_TRIED = 20

Who = tuple[str, int]
"""Address and port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A device that is currently polled."""

    device: DevicePoll
    checks: Sequence[CheckDefinition]
    target: PollTarget
    task: asyncio.Task[None]


class Left(dict[Who, DevicePoll]):
    """The polled devices, kept for the next run: after a failure, or with a new configuration."""

    def close(self) -> None:
        """Do nothing: no resource is held."""


class SnmpPollSource:
    """Polls its devices until cancelled, and verifies single alerts on request."""

    def __init__(self, config: SnmpPollConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._permits = asyncio.Semaphore(config.max_in_flight)
        self._visited: dict[Who, Visited] = {}
        self._left: Left = context.handover.setdefault("devices", Left())
        self._ports = sorted({target.port for target in config.targets})

    async def run(self, emit: Emit) -> None:
        """Keep one task running for each device to poll."""

        async def hand(device: DevicePoll, reports: Sequence[PollReport]) -> None:
            self._context.report_polling()
            if device.misses:
                self._report_if_none_answers()
            else:
                self._context.report_up()
            await self._hand_on(emit, reports)

        self._context.report_up()  # with the first answer it would take as long as the spread
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    await self._follow(tasks, emit, hand)
                    await asyncio.sleep(FOLLOW_INVENTORY_S)
        finally:
            self._visited.clear()

    def normalize(self, raw: RawEvent) -> Sequence[NormalizedAlert] | Snapshot:
        """Return the reports of a poll; pure."""
        return normalize(raw)

    def redacted(self, raw: RawEvent) -> bytes:
        """Return the report unchanged: it contains no secrets."""
        return raw.payload

    async def check(self) -> Tried:
        """Poll the first devices once and report whether they answer."""
        wanted = list(self._config.devices_of(tuple(self._context.devices())))
        devices = [self._device(address, name, target) for address, name, target in wanted[:MOST_TRIED]]
        polled = [visited.device for visited in self._visited.values()]
        implausible = {
            device.key: [reason for reasons in device.implausible.values() for reason in reasons]
            for device in polled
            if device.implausible
        }
        return await try_all(devices, left_out=len(wanted) - len(devices), implausible=implausible)

    def abandoned(self, scopes: Collection[str]) -> Collection[str]:
        """Return the scopes of devices that are no longer polled and of checks that no longer exist."""
        polled = {
            f"{self._context.name}/{key_of(address, target.port)}/{looked_at}"
            for address, _, target in self._config.devices_of(tuple(self._context.devices()))
            for looked_at in (REACHABILITY, *(check.name for check in self._config.checks_of(target)))
        }
        return set(scopes) - polled

    def can_verify(self, alert: Alert) -> bool:
        """Return True if a poll of its device can confirm the alert."""
        return any(can_verify(visited.checks, alert) for visited in self._visited_of(alert))

    async def verify(self, alert: Alert) -> VerifyResult:
        """Poll once for the alert."""
        visited = next(each for each in self._visited_of(alert) if can_verify(each.checks, alert))
        return await verify(visited.device, visited.checks, alert)

    def _visited_of(self, alert: Alert) -> Sequence[Visited]:
        """Return the devices polled at the alert's address; called for every new alert, so keep it fast."""
        found = (self._visited.get((alert.device_ip or "", port)) for port in self._ports)
        return [visited for visited in found if visited is not None]

    async def _follow(self, tasks: asyncio.TaskGroup, emit: Emit, hand: Hand) -> None:
        """Start polling new devices; stop those that were removed or whose access has changed."""
        wanted = {
            (address, target.port): (address, name, target)
            for address, name, target in self._config.devices_of(tuple(self._context.devices()))
        }
        for who, visited in list(self._visited.items()):
            if who not in wanted or wanted[who][1:] != (visited.device.name, visited.target):
                await self._leave(who)
        for who in [who for who in self._left if who not in wanted]:
            await self._hand_on(emit, self._left.pop(who).end_all())
        for who, (address, name, target) in wanted.items():
            if who not in self._visited:
                device = self._device(address, name, target)
                if who in self._left:
                    ended = device.take_over(self._left[who], self._config.checks_of(target))
                    await self._hand_on(emit, ended)
                self._left[who] = device
                self._visited[who] = self._begin(tasks, device, target, hand)

    def _begin(self, tasks: asyncio.TaskGroup, device: DevicePoll, target: PollTarget, hand: Hand) -> Visited:
        checks = self._config.checks_of(target)
        interval_s = (target.poll_interval or self._config.poll_interval).total_seconds()
        spread_s = self._config.jitter.total_seconds() if self._config.jitter else interval_s
        task = tasks.create_task(
            visit_forever(device, checks, interval_s, hand, first_in_s=random() * spread_s)  # noqa: S311 - jitter
        )
        return Visited(device=device, checks=checks, target=target, task=task)

    async def _leave(self, who: Who) -> None:
        visited = self._visited.pop(who)
        visited.task.cancel()
        await asyncio.wait({visited.task})

    async def _hand_on(self, emit: Emit, reports: Sequence[PollReport]) -> None:
        await emit([self._event(report) for report in reports])

    def _report_if_none_answers(self) -> None:
        """Report the connector as down only if no device answers; a single one has an alert instead."""
        devices = [visited.device for visited in self._visited.values()]
        if devices and all(device.misses for device in devices):
            self._context.report_down(Unreachable(f"none of {len(devices)} devices answers"))

    def _device(self, address: str, name: str | None, target: PollTarget) -> DevicePoll:
        return DevicePoll(
            address=address,
            port=target.port,
            name=name,
            access=self._config.access_of(target),
            misses_allowed=self._config.misses,
            context=self._context,
            permits=self._permits,
        )

    def _event(self, report: PollReport) -> RawEvent:
        return RawEvent(
            connector=self._context.name,
            payload=report.model_dump_json().encode(),
            received_at=self._context.now(),
            peer=report.address,
            local=report.scope,
        )
