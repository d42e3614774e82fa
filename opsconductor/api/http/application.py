"""Builds the aiohttp application of the API and the operator's page."""

import asyncio
import json
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from time import perf_counter

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from opsconductor.api.auth.authenticator import Authenticator
from opsconductor.api.auth.login_throttle import LoginThrottle
from opsconductor.api.auth.passkeys import PasskeyChallenges
from opsconductor.api.auth.password_worker import PasswordWorker
from opsconductor.api.auth.rows import RowResolver
from opsconductor.api.auth.second_factor import challenges
from opsconductor.api.auth.sessions import limits, passwords
from opsconductor.api.dependencies import Dependencies
from opsconductor.api.handlers.accounts.oidc_pages import add_oidc_pages
from opsconductor.api.handlers.ack_page import add_ack_page
from opsconductor.api.handlers.events import repeats
from opsconductor.api.handlers.idempotency import IdempotencyKeys
from opsconductor.api.handlers.inbound_webhooks import Posts, posts
from opsconductor.api.handlers.live.following import close_streams, streams
from opsconductor.api.handlers.live.texts import AlertTexts, texts
from opsconductor.api.handlers.page import add_page
from opsconductor.api.handlers.repeated_posts import Shortcuts, shortcuts
from opsconductor.api.http.clients import Clients, clients, located
from opsconductor.api.http.compression import compressed
from opsconductor.api.http.connections import Connections, connections
from opsconductor.api.http.endpoint import serve
from opsconductor.api.http.measuring import note_request
from opsconductor.api.http.openapi import describe
from opsconductor.api.http.request_ids import add_request_id, identified
from opsconductor.api.http.responses import JSON, enveloped, failure
from opsconductor.api.http.route_paths import refuse_doubles, route_path
from opsconductor.api.http.single_flight import SingleFlight, turns
from opsconductor.api.opened.index import OpenIndex, open_index
from opsconductor.api.routes import ENDPOINTS, ROOT

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "OpsConductor",
}


def build_api(parts: Dependencies) -> web.Application:
    """Build the application; run it with `server.serving`.

    Its clean-up ends the live feeds and waits for the requests in progress.
    """
    app = web.Application(
        middlewares=[identified, located, measured, compressed, enveloped], client_max_size=parts.body_bytes
    )
    app[streams] = set()
    app[texts] = AlertTexts()
    app[clients] = Clients(parts.trusted_proxies, parts.metrics_networks, parts.accounts.proxy.user_header)
    app[connections] = Connections(parts.limits)
    app[turns] = SingleFlight()
    app[open_index] = OpenIndex()
    app[posts] = Posts()
    app[shortcuts] = Shortcuts()
    app[limits] = LoginThrottle()
    app[challenges] = PasskeyChallenges(parts.accounts.vault_key)
    app[passwords] = PasswordWorker()
    app[repeats] = IdempotencyKeys(parts.database)
    gate, resolver = Authenticator(parts.database, parts.local_key), RowResolver()
    refuse_doubles((endpoint.method, endpoint.path) for endpoint in ENDPOINTS)
    paths = [endpoint.path for endpoint in ENDPOINTS]
    # aiohttp tries paths that begin alike in this order: those to which senders post first
    for endpoint in sorted(ENDPOINTS, key=lambda each: not each.knows_callers):
        path = route_path(endpoint.path, paths)
        app.router.add_route(endpoint.method, path, serve(endpoint, parts, gate, resolver))
    _add_description(app)
    add_page(app, version("opsconductor"))
    add_ack_page(app, parts)
    add_oidc_pages(app, parts, gate)
    app.on_response_prepare.append(add_request_id)
    app.on_response_prepare.append(secure)
    app.on_shutdown.append(close_streams)
    app.on_cleanup.append(_end_passwords)
    return app


async def _end_passwords(app: web.Application) -> None:
    """End the thread that hashes passwords."""
    app[passwords].close()


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count requests and their duration by declared route and status."""
    started = perf_counter()
    request.app[connections].asked(request.protocol)
    resource = request.match_info.route.resource
    route = "none" if resource is None else resource.canonical
    status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as refused:
        status = refused.status
        raise
    finally:
        note_request(route, status, perf_counter() - started)
    return response


async def secure(_request: web.Request, response: web.StreamResponse) -> None:
    """Add security headers; wrap aiohttp's own answer to a programming error."""
    response.headers.update(SECURITY_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    is_bare = response.status == HTTPStatus.INTERNAL_SERVER_ERROR and response.content_type != JSON
    if is_bare and isinstance(response, web.Response):
        body = failure("internal", "internal error; the daemon's log has the reason").encode()
        response.body = body
        response.content_type = JSON
        response.headers[hdrs.CONTENT_LENGTH] = str(len(body))


def _add_description(app: web.Application) -> None:
    """Serve the OpenAPI document, generated in a thread by the first request for it."""

    @cache
    def document() -> bytes:
        return json.dumps(describe(ENDPOINTS, version("opsconductor"))).encode()

    async def openapi(_request: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(document), content_type=JSON)

    app.router.add_get(f"{ROOT}/system/openapi.json", openapi)
