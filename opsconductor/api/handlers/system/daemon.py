"""The daemon: health, statistics, settings, loss ledger, metrics."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from opsconductor import metrics
from opsconductor.api.handlers.system.views import DaemonStatsView, LedgerOverTime, SettingView
from opsconductor.api.http.clients import clients
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import answer, any_json

JSON_LINES = "application/x-ndjson"


async def health(call: Call) -> web.Response:
    """Respond with the status to all, the details only with a key that is not limited to some rows."""
    state = call.parts.health()
    is_welcome = call.principal is not None and not call.principal.is_limited
    shown = state if is_welcome else {"status": state["status"]}
    is_failing = state["status"] == "failing"
    return answer(shown, status=HTTPStatus.SERVICE_UNAVAILABLE if is_failing else HTTPStatus.OK)


async def examine(call: Call) -> web.StreamResponse:
    """Examine the daemon; findings are in the answer, whose HTTP status is always 200.

    As JSON lines first each step when it is done, then the report.
    """
    facts, done = call.parts.facts, asyncio.Queue[str]()
    if call.query.format == "json":
        return answer(await facts.examine(done.put_nowait))
    response = web.StreamResponse(headers={"Content-Type": JSON_LINES, "X-Accel-Buffering": "no"})
    await response.prepare(call.request)
    waiting = set(facts.doctor_steps)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(facts.examine(done.put_nowait))
        while waiting and not work.done():
            line = {
                "waiting": [each for each in facts.doctor_steps if each in waiting],
                "of": len(facts.doctor_steps),
            }
            await response.write(json.dumps(line).encode() + b"\n")
            step = tasks.create_task(done.get())
            await asyncio.wait({step, work}, return_when=asyncio.FIRST_COMPLETED)
            if step.done():
                waiting.discard(step.result())
            else:
                step.cancel()
    await response.write(any_json.dump_json({"report": work.result()}) + b"\n")
    await response.write_eof()
    return response


async def stats(call: Call) -> web.Response:
    """Respond with what the daemon uses and holds."""
    return answer(DaemonStatsView.model_validate(await call.parts.facts.stats(datetime.now(UTC))))


async def settings(call: Call) -> web.Response:
    """Respond with the settings in force; secrets are masked."""
    found = await asyncio.to_thread(call.parts.facts.settings)  # the first time it reads source files
    return answer([SettingView.model_validate(each) for each in found])


async def ledger(call: Call) -> web.Response:
    """Respond with the loss ledger of the last hours."""
    now = datetime.now(UTC)
    since = now - timedelta(hours=call.query.hours)
    return answer(LedgerOverTime.model_validate(await call.parts.facts.ledger(since, now)))


async def reload(call: Call) -> web.Response:
    """Apply the provisioning files and the database's configuration; faults are in the answer."""
    return answer(await call.parts.reload())


async def show_metrics(call: Call) -> web.Response:
    """Respond with the metrics in Prometheus' text format.

    They name connectors and channels, so they need a key with `config:read`, or an address in
    `api.metrics_networks`.

    Raises:
        web.HTTPUnauthorized: Neither.
        web.HTTPForbidden: The key lacks the permission.
    """
    if not call.request.app[clients].may_read_metrics(call.request):
        await call.gate.admit(call.request, "config:read")
    return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
