"""The API while the daemon waits for its database at the start."""

from collections.abc import Callable
from hmac import compare_digest
from http import HTTPStatus

from aiohttp import web

from opsconductor.api.http.application import secure
from opsconductor.api.http.connections import ClientLimits, Connections, connections
from opsconductor.api.http.responses import answer, enveloped, refusal
from opsconductor.api.routes import ROOT

BEARER = "Bearer "
RETRY_AFTER_S = 5


def build_starting_api(
    reason: Callable[[], str], local_key: Callable[[], str | None], limits: ClientLimits
) -> web.Application:
    """Build the application: health answers `failing` with the reason, everything else 503 with it.

    Args:
        reason: What the start waits for, or does.
        local_key: The key of the local command line, the only one that can be checked without a database.
            Only its holder gets the reason, since it may contain hosts and accounts.
    """

    def reason_for(request: web.Request) -> str:
        key = local_key()
        given = request.headers.get("Authorization", "").removeprefix(BEARER)
        is_local = key is not None and compare_digest(given.encode(errors="replace"), key.encode())
        return reason() if is_local else ""

    async def health(request: web.Request) -> web.Response:
        shown = {"status": "failing"}
        if why := reason_for(request):
            shown["reason"] = f"starting: {why}"
        return answer(shown, status=HTTPStatus.SERVICE_UNAVAILABLE)

    async def unavailable(request: web.Request) -> web.Response:
        why = reason_for(request) or "it waits for its database"
        message = f"the daemon is starting: {why}; try again in a moment"
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        raise refusal(web.HTTPServiceUnavailable, "starting", message, headers=headers)

    app = web.Application(middlewares=[enveloped])
    app[connections] = Connections(limits)
    app.router.add_get(f"{ROOT}/system/health", health)
    app.router.add_route("*", "/{path:.*}", unavailable)
    app.on_response_prepare.append(secure)
    return app
