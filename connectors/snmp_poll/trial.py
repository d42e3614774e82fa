"""Connection test of the devices, for "Test connection"."""

import asyncio
from collections.abc import Mapping, Sequence

from connectors.snmp_poll.device import SYS_UP_TIME, DevicePoll
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.security.access import SnmpVersion

SILENT = "does not answer"
HINT = "; a wrong community and an access list without our address look the same"


async def try_all(
    devices: Sequence[DevicePoll], *, left_out: int, implausible: Mapping[str, Sequence[str]]
) -> CheckResult:
    """Return the result for all devices, polled concurrently.

    Args:
        left_out: Number of further devices that are not tested.
        implausible: Values that are currently implausible with the reason, by device.
    """
    if not devices:
        return CheckResult(ok=False, message="no device in the inventory matches the targets")
    answers = dict(zip(devices_by_name(devices), await asyncio.gather(*map(_try, devices)), strict=True))
    faults = [answer for answer in answers.values() if answer]
    message = f"{len(answers) - len(faults)} of {len(answers)} devices answer"
    if left_out:
        message += f", {left_out} more are not tested"
    if faults:
        message += f"; {faults[0]}"
    details: dict[str, object] = {name: fault or "answers" for name, fault in answers.items()}
    if implausible:
        message += f"; values of {len(implausible)} devices are implausible, see the details"
        details["implausible"] = {name: list(reasons) for name, reasons in implausible.items()}
    return CheckResult(ok=not faults, message=message, details=details)


def devices_by_name(devices: Sequence[DevicePoll]) -> Sequence[str]:
    """Return the device names as used in scopes."""
    return [device.key for device in devices]


async def _try(device: DevicePoll) -> str:
    """Return why a device does not answer; empty if it does."""
    try:
        async with device.client() as client:
            await client.get([SYS_UP_TIME])
    except Rejected as error:
        return str(error)
    except Unreachable as error:
        is_guess = SILENT in str(error) and device.access.version is not SnmpVersion.V3
        return str(error) + (HINT if is_guess else "")
    return ""
