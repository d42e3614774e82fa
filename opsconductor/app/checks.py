"""Checks of connectors, guarded against errors and delays of their code."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping

from opsconductor.app.connectors.running import close_channel
from opsconductor.app.connectors.specs import PlanError, plan_of
from opsconductor.config.secrets import OpenVault
from opsconductor.connector.checking.conformance import build_connector
from opsconductor.connector.connector_type import Connector
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import ConnectorError
from opsconductor.guard import guarded
from opsconductor.model.aside import reason_of
from opsconductor.model.masking import known_secrets
from opsconductor.model.text import storable, storable_text
from opsconductor.store.configuration import ConnectorRow

log = logging.getLogger(__name__)

CHECK_WITHIN_S = 30.0


async def check_row(row: ConnectorRow, vault: OpenVault, context: ConnectorContext) -> CheckResult:
    """Return the result of the check of a connector that does not run: it is built for it, and closed."""
    try:
        spec = plan_of(row, vault)
    except PlanError as error:
        return CheckResult(ok=False, message=f"cannot run: {error}")
    with guarded() as checking:
        built = build_connector(spec.connector_type, spec.config, context)
    if checking.error is not None:
        return CheckResult(ok=False, message=f"cannot be built: {reason_of(checking.error)}")
    found = await check_within(CHECK_WITHIN_S, built.part)
    if built.channel is not None:
        await close_channel(row.name, built.channel)
    return found


async def check_within(seconds: float, part: Connector) -> CheckResult:
    """Return the result of a connector's own check; a failure or timeout is a result as well."""
    return await tried_within(seconds, part.check, type(part).__name__)


async def tried_within(
    seconds: float, ask: Callable[[], Awaitable[CheckResult]], name: str = "the channel"
) -> CheckResult:
    """Return the result of a check or test; a failure or timeout is a result as well."""
    with guarded() as checking:
        async with asyncio.timeout(seconds):
            found = await ask()
            if not isinstance(found, CheckResult):
                raise TypeError(f"{name}.check returned {type(found).__name__} instead of a CheckResult")
            if not isinstance(found.message, str) or not isinstance(found.details, Mapping):
                raise TypeError(
                    f"{name}.check returned a CheckResult whose message is not str or details not a mapping"
                )
            details = json.loads(known_secrets.hide(json.dumps(storable(found.details))))
            message = known_secrets.hide(storable_text(found.message))
            return CheckResult(ok=bool(found.ok), message=message, details=details)
    if isinstance(checking.error, TimeoutError):
        return CheckResult(ok=False, message=f"no answer within {seconds:g} s")
    assert checking.error is not None
    if isinstance(checking.error, (ConnectorError, OSError)):
        text = known_secrets.hide(str(checking.error)) or type(checking.error).__name__
        return CheckResult(ok=False, message=text)
    log.error("the check of a connector failed", exc_info=checking.error)
    return CheckResult(ok=False, message=f"its check failed: {reason_of(checking.error)}")
