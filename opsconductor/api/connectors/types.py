"""Connector types: what can be configured, and how."""

import asyncio
from typing import Any

from aiohttp import web
from pydantic import Field

from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, refusal
from opsconductor.api.views import View
from opsconductor.connector.known_type import KnownType


class ListedTypeView(View):
    """A connector type in a list."""

    name: str
    role: str = Field(description="`source`, `channel` or `inventory`; empty: it cannot be used.")
    summary: str = Field(description="The first paragraph of its README.")
    is_third_party: bool
    error: str = Field(description="Why it cannot be used; empty: it can.")


class ConnectorTypeView(ListedTypeView):
    """A connector type."""

    sample: str = Field(description="A provisioning file with all its keys.")
    recipient_example: str = Field(description="A recipient that a channel of this type can reach.")
    config_schema: dict[str, Any] = Field(
        description="JSON Schema 2020-12 of `config`; secrets have `writeOnly`."
    )


async def list_connector_types(call: Call) -> web.Response:
    """Respond with every installed type."""
    known = await asyncio.to_thread(call.parts.connectors.types)
    return answer([ListedTypeView.model_validate(each) for each in known])


async def read_connector_type(call: Call) -> web.Response:
    """Respond with one type."""
    name = call.request.match_info["name"]
    known = await asyncio.to_thread(call.parts.connectors.type_of, name)
    if known is None:
        message = f"there is no connector type {name!r}; GET /api/v1/connectors/types lists them"
        raise refusal(web.HTTPNotFound, "not_found", message)
    return answer(_view(known))


def _view(known: KnownType) -> ConnectorTypeView:
    return ConnectorTypeView(
        name=known.name,
        role=known.role,
        summary=known.summary,
        sample=known.sample,
        is_third_party=known.is_third_party,
        recipient_example=known.recipient_example,
        config_schema=dict(known.schema),
        error=known.error,
    )
