"""Connection test, without side effects."""

from connectors.prtg.client import opened
from connectors.prtg.config import PrtgConfig
from connectors.prtg.listing import TABLE
from connectors.prtg.reading import int_of, text_of
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import ConnectorError

VERSION = "prtg-version"


async def check(config: PrtgConfig, destinations: Destinations) -> CheckResult:
    """Read one sensor and our own rights; each failure has a message of its own."""
    try:
        async with opened(config, destinations) as client:
            table = await client.document(
                TABLE, [("content", "sensors"), ("columns", "objid"), ("count", "1")]
            )
            version, amount = text_of(table.get(VERSION)), int_of(table.get("treesize"))
            if not version or amount is None:
                return CheckResult(ok=False, message=f"{config.place} answers, but not like PRTG: check url")
            if config.api == "v2":
                await client.objects("/experimental/sensors", [("limit", "1")])
            details: dict[str, object] = {"version": version, "sensors": amount, "api": config.api}
            status = await client.document("/api/getstatus.htm", [("id", "0")])
    except ConnectorError as error:
        return CheckResult(ok=False, message=str(error))
    if not amount:
        message = f"PRTG {version} accepts the credentials but shows no sensor: give the user read access"
        return CheckResult(ok=False, message=message, details=details)
    is_reader = text_of(status.get("ReadOnlyUser")).casefold() in {"1", "true"}
    may_acknowledge = text_of(status.get("ReadOnlyAllowAcknowledge")).casefold() in {"1", "true"}
    if config.acknowledge_back and is_reader and not may_acknowledge:
        message = "acknowledge_back is true, but the user may only read: allow it to acknowledge alarms"
        return CheckResult(ok=False, message=message, details=details)
    return CheckResult(ok=True, message=f"PRTG {version} answers and shows {amount} sensors", details=details)
