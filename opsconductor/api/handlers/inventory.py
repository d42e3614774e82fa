"""Inventories: losses that await confirmation, and missing dependencies."""

from dataclasses import asdict

from aiohttp import web

from opsconductor.api.http.endpoint import Call, Endpoint
from opsconductor.api.http.parameters import AcceptBody, ForgetBody
from opsconductor.api.http.responses import answer
from opsconductor.api.views import AcceptedView, ForgottenView, MissingView, WaitingView

INVENTORY = "/api/v1/inventory"


async def list_waiting(call: Call) -> web.Response:
    """Respond with the losses that await confirmation, by inventory."""
    waiting = call.parts.inventories.present_waiting()
    return answer([WaitingView(connector=name, **asdict(loss)) for name, loss in sorted(waiting.items())])


async def accept(call: Call) -> web.Response:
    """Confirm a loss, if it still has the size that the operator has seen."""
    body = call.body
    expected = (body.devices, body.dependencies)
    changes = await call.parts.inventories.accept(body.connector, expected, call.author)
    return answer(AcceptedView(connector=body.connector, summary=changes.summary))


async def forget(call: Call) -> web.Response:
    """Respond with the dependencies missing from their inventories; remove them if that is confirmed."""
    body, inventories = call.body, call.parts.inventories
    if body.confirm:
        found = await inventories.forget(body.connector, call.author)
    else:
        found = await inventories.missing(body.connector)
    shown = [MissingView.model_validate(each) for each in found]
    return answer(ForgottenView(is_forgotten=body.confirm, dependencies=shown))


INVENTORY_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=f"{INVENTORY}/waiting",
        handler=list_waiting,
        summary="List losses of inventories that await confirmation",
        permission="config:read",
        answers=list[WaitingView],
        tag="inventory",
    ),
    Endpoint(
        method="POST",
        path=f"{INVENTORY}/accept",
        handler=accept,
        summary="Confirm a loss: retire what the inventory no longer lists",
        permission="system:write",
        body=AcceptBody,
        answers=AcceptedView,
        refuses=(409,),
        tag="inventory",
    ),
    Endpoint(
        method="POST",
        path=f"{INVENTORY}/forget",
        handler=forget,
        summary="List or remove dependencies that are missing from their inventories",
        permission="system:write",
        body=ForgetBody,
        answers=ForgottenView,
        tag="inventory",
    ),
)
