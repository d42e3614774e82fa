"""What operators do with alerts; each becomes a command to the engine and returns after the commit."""

import asyncio

from aiohttp import web

from opsconductor.api.alerts import stored_alert
from opsconductor.api.endpoint import Call
from opsconductor.api.envelope import answer, refusal
from opsconductor.api.live import standing_of
from opsconductor.api.views import AlertView
from opsconductor.errors import AlertConflict, AlertNotFound
from opsconductor.model.command import Acknowledge, Assign, Command, Note, Resolve, Unacknowledge

PATIENCE_S = 15.0
"""Longer than the database and the spool may take together to keep a change."""


async def acknowledge(call: Call) -> web.Response:
    """Someone takes care of it."""
    return await _do(call, Acknowledge(alert_id=call.id, operator=call.operator, notes=call.body.notes))


async def unacknowledge(call: Call) -> web.Response:
    """Nobody takes care of it any more."""
    return await _do(call, Unacknowledge(alert_id=call.id, operator=call.operator, notes=call.body.notes))


async def resolve(call: Call) -> web.Response:
    """An operator declares it over."""
    return await _do(call, Resolve(alert_id=call.id, operator=call.operator, notes=call.body.notes))


async def note(call: Call) -> web.Response:
    """Put a remark into its history."""
    return await _do(call, Note(alert_id=call.id, operator=call.operator, notes=call.body.notes))


async def assign(call: Call) -> web.Response:
    """Put it into someone's hands."""
    wanted = call.body
    command = Assign(
        alert_id=call.id, operator=call.operator, assigned_to=wanted.assigned_to, notes=wanted.notes
    )
    return await _do(call, command)


async def _do(call: Call, command: Command) -> web.Response:
    """Hand a command to the engine, which knows open alerts only; tell the closed from the unknown."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            alert = await call.parts.pipeline.command(command)
    except TimeoutError as error:
        message = "neither the database nor the spool takes changes now; see whether it was done later"
        headers = {"Retry-After": "15"}
        raise refusal(web.HTTPServiceUnavailable, "unsettled", message, headers=headers) from error
    except AlertNotFound as error:
        row = await stored_alert(call)
        raise AlertConflict(f"the alert is {row['status']}; only open alerts can be changed") from error
    return answer(AlertView.model_validate(alert), meta=standing_of(call.parts.database.standing()))
