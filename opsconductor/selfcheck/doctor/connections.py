"""Examination of connections to the outside: each connector's own check, sockets, samples."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC

from connectors.snmp_trap.config import SnmpTrapConfig
from opsconductor.app.checks import check_within
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.rejection import Rejection
from opsconductor.guard import guarded
from opsconductor.model.enums import ConnectorStatus
from opsconductor.selfcheck.doctor.finding import DoctorFinding, SampleOfBytes, bad, ok, warning
from opsconductor.selfcheck.doctor.setup import judge_communities

WITHIN_S = 5.0
MOST_REJECTIONS = 10
LOOK = "see the log, and the README of its type"
BUFFER_REMEDY = (
    "sysctl -w net.core.rmem_max={bytes}, and keep it in /etc/sysctl.d/;"
    " or let systemd open the socket with ReceiveBuffer={bytes}"
)

Statuses = Mapping[str, tuple[ConnectorStatus, str | None]]


async def examine_connections(connectors: RunningConnectors, statuses: Statuses) -> list[DoctorFinding]:
    """Run the checks of all connectors concurrently."""
    parts = {name: found.part for name, found in connectors.registry.built.items()}
    names = list(parts)
    checks = await asyncio.gather(*(check_within(WITHIN_S, parts[name]) for name in names))
    findings: list[DoctorFinding] = []
    for name, check in zip(names, checks, strict=True):
        area = "channels" if name in connectors.registry.channels else "connectors"
        findings += judge_connection(area, name, check, statuses.get(name))
        config = connectors.config_of(name)
        if isinstance(config, SnmpTrapConfig):
            findings += judge_communities(name, config)
    for name, (status, error) in statuses.items():
        if name not in parts and status is ConnectorStatus.ERROR:
            findings.append(bad("connectors", f"{name}: {error}", LOOK))
    return findings


def judge_rejections(rejections: Sequence[Rejection]) -> list[DoctorFinding]:
    """Return findings on repeatedly rejected messages."""
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
        text = f"{rest} more senders are rejected repeatedly"
        findings.append(warning("connectors", text, "opsconductor connectors status"))
    return findings


def samples_of(connectors: RunningConnectors) -> list[SampleOfBytes]:
    """Return the messages that connectors could not decode, latest last."""
    found: list[SampleOfBytes] = []
    for name, keeper in connectors.registry.sample_keepers():
        with guarded():  # a third-party connector may keep anything
            found += [
                SampleOfBytes(
                    connector=name,
                    reason=reason,
                    at=sample.received_at.astimezone(UTC),
                    peer=sample.peer,
                    first_bytes=sample.first_bytes.hex(),
                )
                for reason, samples in keeper.samples.by_reason().items()
                for sample in samples
            ]
    return sorted(found, key=lambda sample: sample.at)


def judge_connection(
    area: str, name: str, check: CheckResult, status: tuple[ConnectorStatus, str | None] | None
) -> Sequence[DoctorFinding]:
    """Return the finding on a connector from its own check and its supervisor's status."""
    if status is not None and status[0] is ConnectorStatus.ERROR:
        return [bad(area, f"{name}: {status[1]}", LOOK)]
    if status is not None and status[0] is ConnectorStatus.DEGRADED:
        return [bad(area, f"{name} works only partly: {status[1]}", LOOK)]
    if not check.ok:
        return [bad(area, f"{name}: {check.message}", LOOK)]
    return [ok(area, f"{name}: {check.message}"), *_sockets(name, check.details)]


def _sockets(name: str, details: Mapping[str, object]) -> Sequence[DoctorFinding]:
    """Return findings on receive buffers, where a check reports them (`snmp_trap`)."""
    granted, wanted = details.get("receive_buffer_bytes"), details.get("requested_bytes")
    if not isinstance(granted, Mapping) or not isinstance(wanted, int):
        return []
    return [
        ok("sockets", f"{name}: {port} has {size:,} bytes of receive buffer")
        if size >= wanted
        else warning(
            "sockets",
            f"{name}: {port} has {size:,} bytes of receive buffer, {wanted:,} were requested",
            BUFFER_REMEDY.format(bytes=wanted),
        )
        for port, size in granted.items()
    ]
