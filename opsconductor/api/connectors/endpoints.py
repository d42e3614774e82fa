"""The endpoints of connectors."""

from opsconductor.api.configuration.documents import REFUSES
from opsconductor.api.configuration.rows import EditParameters, Resource, endpoints_of
from opsconductor.api.configuration.views import ChangedRowView
from opsconductor.api.connectors.states import (
    check_connector,
    check_declared_connector,
    disable_connector,
    enable_connector,
    list_connectors,
    read_connector,
    test_channel,
)
from opsconductor.api.connectors.types import (
    ConnectorTypeView,
    ListedTypeView,
    list_connector_types,
    read_connector_type,
)
from opsconductor.api.connectors.views import CheckView, ConnectorView
from opsconductor.api.handlers.inbound_webhooks import receive, validate
from opsconductor.api.http.endpoint import Endpoint
from opsconductor.api.http.parameters import AnyParameters, TestMessage
from opsconductor.api.http.responses import JSON
from opsconductor.api.views import PostView
from opsconductor.config.provision.declared.tables import DeclaredConnector
from opsconductor.config.provision.rows import ProvisionTable

CONNECTORS = "/api/v1/connectors"
CONNECTOR = f"{CONNECTORS}/{{name}}"
TYPES = f"{CONNECTORS}/types"
ROWS = Resource(
    table=ProvisionTable.CONNECTORS, path="/connectors", read_path="/config/connectors", tag="connectors"
)
_AS_PAGERDUTY = "Post to a connector as the client libraries of PagerDuty do, which append this path"
WEBHOOKS = (
    ("", "Post to a connector; answered once it is committed"),
    ("/v2/enqueue", _AS_PAGERDUTY),
    ("/v2/change/enqueue", _AS_PAGERDUTY),
)
"""Paths below the webhook of a connector."""

CONNECTOR_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=CONNECTORS,
        handler=list_connectors,
        summary="List the connectors and their status",
        permission="config:read",
        answers=list[ConnectorView],
        tag="connectors",
    ),
    Endpoint(
        method="GET",
        path=TYPES,
        handler=list_connector_types,
        summary="List the installed connector types",
        permission="config:read",
        answers=list[ListedTypeView],
        tag="connectors",
    ),
    Endpoint(
        method="GET",
        path=f"{TYPES}/{{name}}",
        handler=read_connector_type,
        summary="Read a connector type, with the schema of its configuration",
        permission="config:read",
        answers=ConnectorTypeView,
        tag="connectors",
    ),
    Endpoint(
        method="POST",
        path=f"{CONNECTORS}/check",
        handler=check_declared_connector,
        records="connector.check",
        summary="Check whether a connector that is not saved would work",
        permission="config:write",
        accepts={JSON: DeclaredConnector},
        answers=CheckView,
        refuses=REFUSES,
        tag="connectors",
    ),
    Endpoint(
        method="GET",
        path=CONNECTOR,
        handler=read_connector,
        summary="Read the status of a connector, and its row",
        permission="config:read",
        answers=ConnectorView,
        tag="connectors",
    ),
    *endpoints_of(ROWS),
    *(
        Endpoint(
            method="POST",
            path=f"{CONNECTOR}/{name}",
            handler=handler,
            summary=summary,
            permission="config:write",
            records="",
            query=EditParameters,
            answers=ChangedRowView[DeclaredConnector],
            refuses=(409, 422),
            tag="connectors",
        )
        for name, handler, summary in (
            ("enable", enable_connector, "Switch a connector on"),
            ("disable", disable_connector, "Switch a connector off"),
        )
    ),
    Endpoint(
        method="POST",
        path=f"{CONNECTOR}/check",
        handler=check_connector,
        records="connector.check",
        summary="Check whether a connector would work",
        permission="system:write",
        answers=CheckView,
        tag="connectors",
    ),
    Endpoint(
        method="POST",
        path=f"{CONNECTOR}/test",
        handler=test_channel,
        records="connector.test",
        summary="Send a marked test message through a running channel",
        permission="system:write",
        body=TestMessage,
        answers=CheckView,
        tag="connectors",
    ),
    Endpoint(
        method="OPTIONS",
        path=f"{CONNECTOR}/webhook",
        handler=validate,
        summary="Ask whether a sender of CloudEvents may post to a connector",
        permission=None,
        knows_callers=True,
        query=AnyParameters,
        tag="connectors",
    ),
    *(
        Endpoint(
            method="POST",
            path=f"{CONNECTOR}/webhook{added}",
            handler=receive,
            summary=summary,
            permission=None,
            knows_callers=True,
            query=AnyParameters,
            answers=PostView,
            refuses=(408, 413, 415, 422),
            tag="connectors",
        )
        for added, summary in WEBHOOKS
    ),
)
