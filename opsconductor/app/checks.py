"""Lets a connector try whether it would work, whatever it does."""

import asyncio
import logging

from opsconductor.connector.connector_type import Connector
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import ConnectorError
from opsconductor.guard import guarded
from opsconductor.model.aside import reason_of

log = logging.getLogger(__name__)


async def check_within(seconds: float, part: Connector) -> CheckResult:
    """Return what a connector's own check finds; that it fails or takes too long is a finding as well."""
    with guarded() as checking:
        async with asyncio.timeout(seconds):
            found = await part.check()
            if not isinstance(found, CheckResult):
                raise TypeError(
                    f"{type(part).__name__}.check returned {type(found).__name__} instead of a Check"
                )
            return found
    if isinstance(checking.error, TimeoutError):
        return CheckResult(ok=False, message=f"no answer within {seconds:g} s")
    assert checking.error is not None
    if isinstance(checking.error, (ConnectorError, OSError)):
        return CheckResult(ok=False, message=str(checking.error) or type(checking.error).__name__)
    log.error("the check of a connector failed", exc_info=checking.error)
    return CheckResult(ok=False, message=f"its check failed: {reason_of(checking.error)}")
