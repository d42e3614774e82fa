"""Verification of one alert by a single poll of its device."""

import asyncio
import re
from collections.abc import Sequence

from connectors.snmp_poll.definition import CheckDefinition, Rule
from connectors.snmp_poll.device import SYS_UP_TIME, UNREACHABLE, DevicePoll
from connectors.snmp_poll.evaluate import Case, cases_of
from connectors.snmp_poll.reading import Gathering, read_scalars
from opsconductor.connector.interface import VerifyResult, VerifyState
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Severity
from opsconductor.snmp.client.client import SnmpClient

INDEX = "{index}"
_ARCS = re.compile(r"[0-9]+(\.[0-9]+)*")


def can_verify(checks: Sequence[CheckDefinition], alert: Alert) -> bool:
    """Return True if a check of the device raises such alerts."""
    return alert.alert_type == UNREACHABLE or any(_rules(check, alert) for check in checks)


async def verify(device: DevicePoll, checks: Sequence[CheckDefinition], alert: Alert) -> VerifyResult:
    """Poll once; without an answer the state is unknown, unless the alert is about reachability."""
    try:
        async with device.client() as client:
            if alert.alert_type == UNREACHABLE:
                await client.get([SYS_UP_TIME])
                return VerifyResult(answer=VerifyState.OVER, finding=f"{client.name} answers")
            for check in checks:
                if _rules(check, alert):
                    verdict = await _look(client, check, alert)
                    if verdict is not None:
                        return verdict
    except (Unreachable, Rejected) as error:
        is_it = alert.alert_type == UNREACHABLE and isinstance(error, Unreachable)
        return VerifyResult(answer=VerifyState.STANDS if is_it else VerifyState.UNKNOWN, finding=str(error))
    return VerifyResult(answer=VerifyState.UNKNOWN, finding=f"the device has no {alert.resource}")


def _rules(check: CheckDefinition, alert: Alert) -> Sequence[Rule]:
    """Return the rules that raise such an alert and can be evaluated by one poll."""
    return [
        rule
        for rule in check.rules
        if rule.alert_type == alert.alert_type and not any(formula.rated for formula in rule.formulas)
    ]


async def _look(client: SnmpClient, check: CheckDefinition, alert: Alert) -> VerifyResult | None:
    """Return the state of the alert by one check; None: the check does not cover it."""
    rules = _rules(check, alert)
    gathering = Gathering(check)
    if check.scalars:
        gathering.add_scalars(await read_scalars(client, [check]))
    index = _index(rules, alert.resource)
    if index is None:
        await gathering.read_table(client)
    else:
        await gathering.read_row(client, index)
    sample = gathering.sample(asyncio.get_running_loop().time())

    def severity_of(alert_type: str, resource: str) -> Severity | None:
        return alert.severity if (alert_type, resource) == (alert.alert_type, alert.resource) else None

    cases = [
        case
        for _, case in cases_of(check, sample, None, severity_of)
        if case.rule in rules and case.resource == alert.resource
    ]
    verdict = _verdict([case for case in cases if case.is_known])
    implausible = list(dict.fromkeys(reason for case in cases for reason in case.implausible))
    if verdict is None and implausible:
        return VerifyResult(answer=VerifyState.UNKNOWN, finding="; ".join(implausible))
    return verdict


def _verdict(cases: Sequence[Case]) -> VerifyResult | None:
    if not cases:
        return None
    for case in cases:
        if case.severity is not None or (case.rule.over and case.rule.over.of(case.row) is not True):
            return VerifyResult(answer=VerifyState.STANDS, finding=case.evidence)
    return VerifyResult(answer=VerifyState.OVER, finding=cases[0].evidence)


def _index(rules: Sequence[Rule], resource: str) -> str | None:
    """Return the row of a resource such as `ifIndex=7`; None: the whole table must be read."""
    for rule in rules:
        before, found, after = rule.resource.partition(INDEX)
        if found and "{" not in before + after and resource.startswith(before) and resource.endswith(after):
            index = resource[len(before) : len(resource) - len(after)]
            if _ARCS.fullmatch(index):
                return index
    return None
