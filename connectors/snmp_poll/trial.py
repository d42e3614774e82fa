"""Tries whether devices answer: what "Test connection" shows."""

import asyncio
from collections.abc import Mapping, Sequence

from connectors.snmp_poll.device import SYS_UP_TIME, DevicePoll
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.security.access import SnmpVersion

SILENT = "does not answer"
HINT = "; a wrong community looks the same, and so does a device that does not know our address"


async def try_all(
    devices: Sequence[DevicePoll], *, left_out: int, doubts: Mapping[str, Sequence[str]]
) -> CheckResult:
    """Ask all devices at once.

    Args:
        left_out: Further ones that are not tried.
        doubts: Values that are not believed at present and why, by device.
    """
    if not devices:
        return CheckResult(ok=False, message="no device: the inventory has none that the targets select")
    answers = dict(zip(devices_by_name(devices), await asyncio.gather(*map(_try, devices)), strict=True))
    faults = [answer for answer in answers.values() if answer]
    message = f"{len(answers) - len(faults)} of {len(answers)} devices answer"
    if left_out:
        message += f", {left_out} more are not tried"
    if faults:
        message += f"; {faults[0]}"
    details: dict[str, object] = {name: fault or "answers" for name, fault in answers.items()}
    if doubts:
        message += f"; values of {len(doubts)} devices are not believed, see the details"
        details["not believed"] = {name: list(reasons) for name, reasons in doubts.items()}
    return CheckResult(ok=not faults, message=message, details=details)


def devices_by_name(devices: Sequence[DevicePoll]) -> Sequence[str]:
    """Name devices as scopes do."""
    return [device.key for device in devices]


async def _try(device: DevicePoll) -> str:
    """Say why a device does not answer; empty: it does."""
    try:
        async with device.client() as client:
            await client.get([SYS_UP_TIME])
    except Rejected as error:
        return str(error)
    except Unreachable as error:
        is_guess = SILENT in str(error) and device.access.version is not SnmpVersion.V3
        return str(error) + (HINT if is_guess else "")
    return ""
