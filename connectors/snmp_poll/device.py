"""Polling of one device: reads the due checks, evaluates them, and keeps state for the next poll."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from connectors.snmp_poll.definition import PORT_COLUMNS, CheckDefinition
from connectors.snmp_poll.evaluate import LONGEST_TEXT, Case, Memory, evaluate_check
from connectors.snmp_poll.measure import measured
from connectors.snmp_poll.reading import (
    Gathering,
    Read,
    confirm_gone,
    read_names,
    read_ports,
    read_scalars,
)
from connectors.snmp_poll.report import PollFinding, PollReport
from connectors.snmp_poll.rows import NOTHING
from connectors.snmp_poll.uptime import has_restarted
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.address import device_of
from opsconductor.model.enums import Category, Severity
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.message.plausible import Answer
from opsconductor.snmp.security.access import SnmpAccess

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
LOOK_AGAIN_S = 1800.0
"""A table that a device does not have is tried again after half an hour: it may have been upgraded."""
PORTS_KNOWN_S = 3600.0
"""Port names are read again after an hour: they rarely change."""
MOST_FINDINGS = 1_000
REACHABILITY = "reachability"
UNREACHABLE = "network_device_unreachable"
POLL_FAILED = "network_poll_failed"
VALUES_UNKNOWN = "network_values_unknown"
MOST_DOUBTS = 5
RESTARTED = "network_cold_start"
"""As the trap coldStart is mapped, so that both make one alert."""


def key_of(address: str, port: int) -> str:
    """Return the part of a scope that identifies a device."""
    return address if port == 161 else f"{address}/{port}"  # noqa: PLR2004 - the usual


@dataclass(slots=True, kw_only=True)
class DevicePoll:
    """One polled device.

    Attributes:
        misses: Consecutive polls without an answer.
        patience: Misses after which it counts as unreachable.
        unknown_until_s: Checks that the device does not support, and when they are tried again.
    """

    address: str
    port: int
    name: str | None
    access: SnmpAccess
    misses_allowed: int
    context: ConnectorContext
    permits: asyncio.Semaphore
    misses: int = 0
    memories: dict[str, Memory] = field(default_factory=dict)
    unknown_until_s: dict[str, float] = field(default_factory=dict)
    quiet: set[str] = field(default_factory=set)
    _uptime: tuple[int, float] | None = None
    _ports_until_s: float = 0.0
    _failed: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The part of a scope that identifies the device."""
        return key_of(self.address, self.port)

    def client(self) -> SnmpClient:
        """Return a client for one poll."""
        return SnmpClient(self.address, self.port, self.access, self.permits)

    async def poll(self, due: Sequence[CheckDefinition]) -> Sequence[PollReport]:
        """Poll once; a poll that fails clears nothing and reports only the failure."""
        at = self.context.now()
        try:
            async with self.client() as client:
                reports = await self._look(client, due, at)
        except Unreachable as error:
            self.misses += 1
            if self.misses < self.misses_allowed:
                return ()
            return self._snapshot(REACHABILITY, at, [_unreachable(str(error)), *self._failures()])
        except Rejected as error:
            self.misses = 0
            failed = _poll_failed("", "Polling Refused - {device_name}", str(error))
            return self._snapshot(REACHABILITY, at, [failed, *self._failures()])
        self.misses = 0
        return [*self._snapshot(REACHABILITY, at, self._failures()), *reports]

    def end(self, scopes: Iterable[str]) -> Sequence[PollReport]:
        """Clear everything listed in scopes that are no longer polled."""
        at = self.context.now()
        return [self._report("snapshot", scope, at, ()) for scope in scopes]

    def end_all(self) -> Sequence[PollReport]:
        """Clear everything listed for a device that is no longer polled."""
        return self.end([REACHABILITY, *self.memories])

    def take_over(self, before: "DevicePoll", checks: Sequence[CheckDefinition]) -> Sequence[PollReport]:
        """Take over the state of the same device; clear what is no longer checked."""
        names = {check.name for check in checks}
        self.misses, self._uptime = before.misses, before._uptime  # noqa: SLF001 - one of us
        self._ports_until_s = before._ports_until_s  # noqa: SLF001
        self.memories = {name: memory for name, memory in before.memories.items() if name in names}
        return self.end([name for name in before.memories if name not in names])

    async def _look(
        self, client: SnmpClient, due: Sequence[CheckDefinition], at: datetime
    ) -> Sequence[PollReport]:
        now_s = asyncio.get_running_loop().time()
        known = [check for check in due if self.unknown_until_s.get(check.name, 0.0) <= now_s]
        found = await self._scalars(client, known)
        reports = self._restarts(found.get(SYS_UP_TIME), now_s, at)
        for check in known:
            self._failed.pop(check.name, None)
            try:
                reports += await self._check(client, check, found, at)
            except Rejected as error:
                self._failed[check.name] = str(error)
        await self._learn_ports(client, known, now_s)
        return reports

    async def _learn_ports(self, client: SnmpClient, checks: Sequence[CheckDefinition], now_s: float) -> None:
        """Read the names of all ports once an hour and after a restart, for traps that carry none."""
        if now_s < self._ports_until_s or not any(PORT_COLUMNS & {*check.names.values()} for check in checks):
            return
        self._ports_until_s = now_s + PORTS_KNOWN_S
        with suppress(Rejected, Unreachable):  # what the checks have found stands without the names
            names = await read_ports(client, checks)
            self.context.learn_ports(device_of(self.address, self.name), names)

    async def _scalars(
        self, client: SnmpClient, checks: Sequence[CheckDefinition]
    ) -> Mapping[str, Answer | None]:
        """Read all single values together; a refused one is read again with its check, which then fails."""
        try:
            return await read_scalars(client, checks, SYS_UP_TIME)
        except Rejected:
            return await client.get([SYS_UP_TIME])

    async def _check(
        self, client: SnmpClient, check: CheckDefinition, found: Mapping[str, Answer | None], at: datetime
    ) -> list[PollReport]:
        at_s = asyncio.get_running_loop().time()
        memory = self.memories.get(check.name)
        if memory is None or memory.check is not check:
            memory = self.memories[check.name] = Memory(check)
        if not found.keys() >= set(check.scalars.values()):
            found = await read_scalars(client, [check])
        gathering = Gathering(check)
        gathering.add_scalars(found)
        await gathering.read_table(client)
        sample = gathering.sample(at_s)
        gone = [index for index in memory.sample.rows if index not in sample.rows] if memory.sample else []
        if gone:
            await confirm_gone(client, check, gone)
        if sample.is_empty:
            self.unknown_until_s[check.name] = at_s + LOOK_AGAIN_S
        recorded = measured(check, sample, memory.sample, address=self.address, name=self.name, at=at)
        self.context.measure(tuple(recorded))
        listed, over = evaluate_check(check, sample, memory, self._severity_of)
        if len(listed) > MOST_FINDINGS:
            raise Rejected(f"{check.name} finds more than {MOST_FINDINGS} problems at once")
        reports = self._snapshot(check.name, at, await _findings(client, memory, listed))
        if over:
            ended = [case.finding(severity=Severity.CLEAR) for case in over]
            reports.append(self._report("over", check.name, at, ended))
        return reports

    def _severity_of(self, alert_type: str, resource: str) -> Severity | None:
        device = device_of(self.address, self.name)
        return self.context.severity_of(device, alert_type, resource)

    def _restarts(self, uptime: Answer | None, now_s: float, at: datetime) -> list[PollReport]:
        before, self._uptime = self._uptime, (uptime, now_s) if isinstance(uptime, int) else None
        if before is None or self._uptime is None:
            return []
        if not has_restarted(before[0], self._uptime[0], now_s - before[1]):
            return []
        self.unknown_until_s.clear()
        self._ports_until_s = 0.0
        for memory in self.memories.values():
            memory.sample = None
        message = f"sysUpTime was {before[0] / 100:.0f} s, and is {self._uptime[0] / 100:.0f} s"
        finding = PollFinding(
            alert_type=RESTARTED,
            category=Category.NETWORK,
            severity=Severity.WARNING,
            title="Device Cold Start - {device_name}",
            message=message,
        )
        return [self._report("event", "", at, [finding])]

    def _failures(self) -> list[PollFinding]:
        return [
            _poll_failed(f"check={name}", f"Check {name} Failed - {{device_name}}", why)
            for name, why in self._failed.items()
        ] + [_values_unknown(name, reasons) for name, reasons in self.implausible.items()]

    @property
    def implausible(self) -> Mapping[str, Sequence[str]]:
        """Implausible values with the reason, by check."""
        return {name: memory.implausible for name, memory in self.memories.items() if memory.implausible}

    def _snapshot(self, scope: str, at: datetime, findings: Sequence[PollFinding]) -> list[PollReport]:
        """Report all problems of a scope; an empty scope is reported once."""
        if findings:
            self.quiet.discard(scope)
        elif scope in self.quiet:
            return []
        else:
            self.quiet.add(scope)
        return [self._report("snapshot", scope, at, findings)]

    def _report(self, kind: str, scope: str, at: datetime, findings: Sequence[PollFinding]) -> PollReport:
        return PollReport.model_validate({
            "kind": kind,
            "address": self.address,
            "name": self.name,
            "scope": f"{self.key}/{scope}",
            "at": at,
            "findings": tuple(findings),
        })  # fmt: skip


async def _findings(client: SnmpClient, memory: Memory, listed: Sequence[Case]) -> Sequence[PollFinding]:
    """Return the problems with the names of their rows, which are read once per problem."""
    check, indexes = memory.check, {case.index for case in listed}
    new = sorted(indexes - memory.names.keys()) if check.names else []
    read: Mapping[str, Mapping[str, Read]] = dict.fromkeys(new, NOTHING)
    with suppress(Rejected):  # an alert without the name of its port is better than none
        read = await read_names(client, check, new) if new else {}
    memory.names = {index: each for index, each in {**memory.names, **read}.items() if index in indexes}
    return [case.finding(memory.names.get(case.index, NOTHING)) for case in listed]


def _unreachable(why: str) -> PollFinding:
    return PollFinding(
        alert_type=UNREACHABLE,
        category=Category.NETWORK,
        severity=Severity.CRITICAL,
        title="Device Unreachable - {device_name}",
        message=why,
        is_cutting=True,
    )


def _values_unknown(check: str, reasons: Sequence[str]) -> PollFinding:
    """Return a low-severity report of implausible values."""
    more = f"; and {len(reasons) - MOST_DOUBTS} more" if len(reasons) > MOST_DOUBTS else ""
    return PollFinding(
        alert_type=VALUES_UNKNOWN,
        category=Category.NETWORK,
        severity=Severity.INFO,
        resource=f"check={check}",
        title=f"Values Unknown - {{device_name}} check {check}",
        message=("; ".join(reasons[:MOST_DOUBTS]) + more)[:LONGEST_TEXT],
    )


def _poll_failed(resource: str, title: str, why: str) -> PollFinding:
    return PollFinding(
        alert_type=POLL_FAILED,
        category=Category.NETWORK,
        severity=Severity.MINOR,
        resource=resource,
        title=title,
        message=why,
    )
