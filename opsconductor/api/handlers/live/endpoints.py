"""Endpoints of the live feed."""

from http import HTTPStatus

from opsconductor.api.handlers.live.events import stream
from opsconductor.api.handlers.live.gathering import FeedParameters
from opsconductor.api.handlers.live.websocket import follow_by_socket
from opsconductor.api.http.endpoint import Endpoint
from opsconductor.store.access.permissions import Rows

LIVE_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/alerts/stream",
        handler=stream,
        summary="Follow changes as server-sent events: alerts, left, reload, database, heartbeat",
        permission="alerts:read",
        query=FeedParameters,
        rows=Rows.OWN,
        media="text/event-stream",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/ws/alerts",
        handler=follow_by_socket,
        summary="Follow changes over a WebSocket: alert.created, alert.updated, alert.resolved",
        permission="alerts:read",
        query=FeedParameters,
        rows=Rows.OWN,
        succeeds=HTTPStatus.SWITCHING_PROTOCOLS,
        refuses=(426,),
    ),
)
