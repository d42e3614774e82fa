"""Examines what connects to the outside: each connector by its own check, sockets and samples."""

import asyncio
from collections.abc import Mapping, Sequence

from connectors.snmp_trap.config import SnmpTrapConfig
from opsconductor.app.built_in import NAMES
from opsconductor.app.connectors import LiveConnectors
from opsconductor.app.doctor.finding import Finding, SampleOfBytes, bad, ok, warning
from opsconductor.app.doctor.setup import judge_communities
from opsconductor.connector.interface import Channel, Check, InventorySource, Source
from opsconductor.connector.rejection import Rejection
from opsconductor.model.enums import ConnectorStatus

WITHIN_S = 5.0
MOST_REJECTIONS = 10
LOOK = "see the log, and the README of its type"
BUFFER_REMEDY = (
    "sysctl -w net.core.rmem_max={bytes}, and keep it in /etc/sysctl.d/;"
    " or let systemd open the socket with ReceiveBuffer={bytes}"
)

Statuses = Mapping[str, tuple[ConnectorStatus, str | None]]


async def examine_connections(connectors: LiveConnectors, statuses: Statuses) -> list[Finding]:
    """Ask every connector whether it works, all at once."""
    parts: dict[str, Source | Channel | InventorySource] = {
        **connectors.sources,
        **connectors.inventories,
        **connectors.channels,
    }
    names = [name for name in parts if name not in NAMES]
    # whatever a check raises is a finding about its connector
    checks = await asyncio.gather(*(_check(parts[name]) for name in names), return_exceptions=True)
    findings: list[Finding] = []
    for name, check in zip(names, checks, strict=True):
        area = "channels" if name in connectors.channels else "connectors"
        findings += judge_connection(area, name, check, statuses.get(name))
        config = connectors.config_of(name)
        if isinstance(config, SnmpTrapConfig):
            findings += judge_communities(name, config)
    for name, (status, error) in statuses.items():
        if name not in parts and status is ConnectorStatus.ERROR:
            findings.append(bad("connectors", f"{name}: {error}", LOOK))
    return findings


def judge_rejections(rejections: Sequence[Rejection]) -> list[Finding]:
    """Judge what connectors reject again and again."""
    findings = [
        warning(
            "connectors",
            f"{each.connector}: {each.count:,} messages of {each.sender} rejected since "
            f"{each.first_at:%Y-%m-%d %H:%M:%S} UTC: {each.explanation}"
            + (f" [{each.first_bytes}]" if each.first_bytes else ""),
            each.remedy,
        )
        for each in rejections[:MOST_REJECTIONS]
    ]
    if rest := len(rejections) - len(findings):
        text = f"{rest} more senders are rejected again and again"
        findings.append(warning("connectors", text, "opsconductor connectors status"))
    return findings


def samples_of(connectors: LiveConnectors) -> list[SampleOfBytes]:
    """Collect the messages that connectors could not decode, the latest last."""
    found = [
        SampleOfBytes(
            connector=name,
            reason=reason,
            at=sample.received_at,
            peer=sample.peer,
            first_bytes=sample.first_bytes.hex(),
        )
        for name, source in connectors.sources.items()
        if (kept := getattr(source, "samples", None)) is not None
        for reason, samples in kept.by_reason().items()
        for sample in samples
    ]
    return sorted(found, key=lambda sample: sample.at)


async def _check(part: Source | Channel | InventorySource) -> Check:
    async with asyncio.timeout(WITHIN_S):
        return await part.check()


def judge_connection(
    area: str, name: str, check: Check | BaseException, status: tuple[ConnectorStatus, str | None] | None
) -> Sequence[Finding]:
    """Judge a connector by its own check, or what the check raised, and by what its supervisor knows."""
    if status is not None and status[0] is ConnectorStatus.ERROR:
        return [bad(area, f"{name}: {status[1]}", LOOK)]
    if status is not None and status[0] is ConnectorStatus.DEGRADED:
        return [bad(area, f"{name} works in part only: {status[1]}", LOOK)]
    if isinstance(check, TimeoutError):
        return [bad(area, f"{name}: no answer within {WITHIN_S:g} s", LOOK)]
    if isinstance(check, BaseException):
        return [bad(area, f"{name}: its check failed: {check!r}", LOOK)]
    if not check.ok:
        return [bad(area, f"{name}: {check.message}", LOOK)]
    return [ok(area, f"{name}: {check.message}"), *_sockets(name, check.details)]


def _sockets(name: str, details: Mapping[str, object]) -> Sequence[Finding]:
    """Judge receive buffers, where a check tells of them (`snmp_trap`)."""
    granted, wanted = details.get("receive_buffer_bytes"), details.get("requested_bytes")
    if not isinstance(granted, Mapping) or not isinstance(wanted, int):
        return []
    return [
        ok("sockets", f"{name}: {port} has {size:,} bytes of receive buffer")
        if size >= wanted
        else warning(
            "sockets",
            f"{name}: {port} has {size:,} bytes of receive buffer, {wanted:,} are wanted",
            BUFFER_REMEDY.format(bytes=wanted),
        )
        for port, size in granted.items()
    ]
