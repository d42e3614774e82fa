"""Golden cases of channels that speak HTTP: a notification, the server's answers, and what must be sent.

A case is `tests/connectors/NAME/cases/CASE.yaml` with `config` (`{server}` is the address of the test's
server), `notification` (what differs from the usual one), `answers` (status, headers, json or text), and what
is expected: `receipt` or `unreachable` or `rejected`, and `requests`, which may be left out.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml
from aiohttp import web

from connectors import CHANNELS
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import Rejected, Unreachable
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification
from tests.support.notify.hook_server import Hook, Request, hooked
from tests.support.notify.notices import notice

FACTS = {
    "id": "019cb5e0-0000-7000-8000-0000000000aa",
    "title": "Link Down",
    "severity": "critical",
    "status": "active",
    "priority": "P1",
    "device_name": "core-sw1",
    "device_ip": "192.0.2.1",
    "category": "network",
    "alert_type": "network_link_down",
    "resource": "ifIndex=7",
    "message": "ifOperStatus=down <b>&",
    "occurred_at": "2026-03-04T05:06:07+00:00",
    "site": "Zürich",
}
ROWS = (("Device", "core-sw1 (192.0.2.1)"), ("Site", "Zürich"), ("Severity", "critical"))
URL = "https://opsconductor.example.net/?alert=019cb5e0-0000-7000-8000-0000000000aa"
SHOWN_HEADERS = (
    "Authorization",
    "X-Gotify-Key",
    "X-Auth-Token",
    "Content-Type",
    "Idempotency-Key",
    "X-Priority",
)


def cases_of_channels(folder: Path) -> list[Path]:
    """List the cases of all channels."""
    return sorted(path for name in CHANNELS for path in (folder / name / "cases").glob("*.yaml"))


async def outcome_of_sending(case: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Send the notification of a case and return the requests and the result."""
    hook = Hook(answers=[_answer(each) for each in case.get("answers", [])])
    async with hooked(hook) as port:
        server = f"http://localhost:{port}"
        config = json.loads(json.dumps(case["config"]).replace("{server}", server))
        channel_type = CHANNELS[kind]
        checked = channel_type.config.model_validate(config)
        channel = channel_type.build(checked, ConnectorContext(name=kind, data_dir=Path("/nowhere")))
        outcome: dict[str, Any] = {}
        try:
            receipt = await channel.send(notification_of(case.get("notification", {})))
            outcome["receipt"] = {"detail": receipt.detail, "metadata": dict(receipt.metadata)}
        except Unreachable as error:
            waits = error.retry_after.total_seconds() if error.retry_after is not None else None
            outcome["unreachable"] = {"text": str(error), "retry_after_s": waits}
        except Rejected as error:
            outcome["rejected"] = str(error)
        finally:
            await channel.close()
        outcome["requests"] = [_shown(request) for request in hook.requests]
        found: dict[str, Any] = json.loads(
            json.dumps(outcome, ensure_ascii=False).replace(server, "{server}")
        )
        return found


def notification_of(changes: Mapping[str, Any]) -> Notification:
    """Make the notification of a case."""
    given = {**changes, "facts": {**FACTS, **changes.get("facts", {})}}
    if "kind" in given:
        given["kind"] = NotificationKind(given["kind"])
    return notice(**{"rows": ROWS, "url": URL, **given})


def _answer(given: Mapping[str, Any]) -> web.Response:
    headers = given.get("headers", {})
    status = given.get("status", 200)
    if "json" in given:
        return web.json_response(given["json"], status=status, headers=headers)
    return web.Response(text=given.get("text", ""), status=status, headers=headers)


def _shown(request: Request) -> dict[str, Any]:
    headers = {name: request.headers[name] for name in SHOWN_HEADERS if name in request.headers}
    kind = headers.get("Content-Type", "")
    shown: dict[str, Any] = {"method": request.method, "path": request.path, "headers": headers}
    if "json" in kind:
        shown["json"] = json.loads(request.body)
    elif "form-urlencoded" in kind:
        shown["form"] = dict(parse_qsl(request.body.decode()))
    elif request.body:
        shown["text"] = request.body.decode()
    return shown


def read_case(path: Path) -> dict[str, Any]:
    """Return the content of a case."""
    found: dict[str, Any] = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    return found
