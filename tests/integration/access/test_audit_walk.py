"""Every endpoint that changes something records who, from where, before and after in the audit log."""

from typing import Any

import pytest
from aiohttp import ClientSession

from opsconductor.api.configuration.endpoints import RESOURCES
from opsconductor.api.routes import ENDPOINTS
from tests.integration.api.test_api_configuration import CASES, HOOK
from tests.support.api.accounts import PASSWORD
from tests.support.api.api_stage import Caller, Stage, caller, problem

pytest_plugins = ["tests.integration.api_fixtures"]

ROOT = "/api/v1"
CHANGES_NOTHING = {
    "POST /connectors/check": "checks what is sent",
    "POST /connectors/{name}/check": "checks",
    "POST /dependencies/preview": "previews",
    "POST /oid-mappings/explain": "explains",
    "POST /rules/who": "answers",
    "POST /rules/test": "tests beside the configuration",
    "DELETE /rules/test/{id}": "ends a test",
    "POST /password-links/look": "answers",
    "POST /session/passkey/options": "answers",
    "POST /me/passkeys/options": "answers",
    "POST /me/second-factor": "counts once it is confirmed",
    "OPTIONS /connectors/{name}/webhook": "answers a sender",
    "POST /alert-rules/try": "tries a rule on stored points",
}
SENDERS = {
    "POST /events": "reports become alerts with a history",
    "POST /metrics": "values become points",
    "POST /metrics/prometheus": "the same",
    "POST /metrics/otlp": "the same",
    "POST /connectors/{name}/webhook": "reports become alerts with a history",
    "POST /connectors/{name}/webhook/v2/enqueue": "the same",
    "POST /connectors/{name}/webhook/v2/change/enqueue": "the same",
}
ELSEWHERE_OR_WITHOUT_VALUES = {
    "POST /session": "test_api_audit",
    "DELETE /session": "test_api_audit",
    "POST /session/proxy": "test_outside_sign_in",
    "POST /session/password": "test_passkeys",
    "POST /session/passkey": "test_passkeys",
    "POST /me/passkeys": "test_passkeys",
    "POST /me/passkeys/{id}/remove": "test_passkeys",
    "PATCH /me/passkeys/{id}": "test_passkeys",
    "POST /me/password": "test_sign_in",
    "POST /me/second-factor/confirm": "test_second_factor",
    "POST /me/second-factor/remove": "test_second_factor",
    "DELETE /users/{name}/second-factor": "test_second_factor",
    "POST /password-links/use": "test_sign_in",
    "POST /inventory/accept": "test_inventory_live",
    "POST /inventory/forget": "test_inventory_live",
    "POST /oid-mappings/confirm": "test_api_mapping_list",
    "POST /mibs": "test_api_mibs",
    "DELETE /mibs/{name}": "test_api_mibs",
    "DELETE /set-aside/{id}": "test_aside_commands",
    "POST /set-aside/{id}/retry": "test_aside_commands",
    "POST /notifications/given-up/resend": "messages are sent again; an entry with their number",
    "POST /oncall/overrides": "an override is made; an entry with its values",
    "DELETE /oncall/overrides/{id}": "it ends; an entry with its person",
    "POST /oncall/import": "an entry with the number of overrides",
    "POST /connectors/{name}/test": "sends a message; an entry without values",
    "POST /system/reload": "an entry without values",
    "DELETE /me/sessions": "sessions end; an entry with their number",
    "DELETE /users/{name}/sessions": "the same",
    "DELETE /sessions/{id}": "the same",
    "POST /anomalies/{id}/acknowledge": "an entry with the status",
    "POST /anomalies/{id}/assign": "an entry with the person",
    "POST /anomalies/{id}/resolve": "an entry with the status",
    "POST /anomalies/{id}/feedback": "an entry with the judgement",
    "POST /models": "test_detector_models: an entry with the hyperparameters",
    "POST /models/{id}/evaluate": "the same: an entry with days and seed",
    "POST /models/{id}/promote": "the same: an entry with the figures",
    "POST /models/{id}/retire": "the same: an entry with the version",
    "DELETE /series/{name}": "test_api_series",
    "POST /reports": "a report is made; an entry without values",
    "DELETE /reports/{id}": "an entry without values",
    "POST /datasets": "an entry with name and sharing",
    "PATCH /datasets/{id}": "an entry with what changes",
    "DELETE /datasets/{id}": "an entry with name and size",
    "POST /uploads": "a file is announced",
    "PUT /uploads/{id}": "a part of a file",
    "DELETE /uploads/{id}": "an upload ends",
    "POST /analyses": "an entry with the dataset",
    "POST /analyses/{id}/rerun": "the same",
    "POST /analyses/{id}/cancel": "an entry without values",
    "DELETE /analyses/{id}": "an entry without values",
    "PUT /credentials/{name}": "test_cli_vault_server: an entry with the name, never the secret",
    "DELETE /credentials/{name}": "the same",
    "POST /password-links": "a link is made; an entry without values",
}


@pytest.fixture
async def admin(stage: Stage, http: ClientSession, url: str) -> Caller:
    """Yield a client with all permissions."""
    return await caller(stage, http, url, "admin")


class Walk:
    """Makes requests, and compares the audit log before and after each."""

    def __init__(self, stage: Stage, by: Caller) -> None:
        self.stage, self.by = stage, by
        self.done: set[str] = set()
        self.faults: list[str] = []

    async def go(self, method: str, path: str, template: str, body: object = None) -> Any:
        """Make a request that changes something; `template` is its path as it is declared."""
        last = await self.stage.pool.fetchval("SELECT coalesce(max(seq), 0) FROM audit_log")
        options: dict[str, Any] = {} if body is None else {"json": body}
        headers = {"Content-Type": "application/json"}
        if isinstance(body, bytes):
            options, headers = {"data": body}, {"Content-Type": "text/csv"}
        reply = await self.by.ask(method, path, headers=headers, **options)
        name = f"{method} {template}"
        assert reply.status == 200, (name, reply.error)
        entries = await self.stage.pool.fetch(
            "SELECT actor, remote_ip::text, details FROM audit_log WHERE seq > $1", last
        )
        own = [each for each in entries if each["actor"] == "the admin" and each["remote_ip"]]
        if not any(has_values(each["details"]) for each in own):
            self.faults.append(f"{name}: {[dict(each) for each in entries]}")
        self.done.add(name)
        return reply.data


def has_values(details: dict[str, Any]) -> bool:
    """Look for the value before and after, or those of each row."""
    parts = [details, *details.get("values", {}).values()]
    return any(part.keys() & {"before", "after"} for part in parts)


async def test_every_writing_endpoint_leaves_what_was_and_what_is(stage: Stage, admin: Caller) -> None:
    """Walk all of them; the others are listed above with the reason."""
    walk = Walk(stage, admin)
    await _configuration(walk)
    await _alerts(walk)
    await _people(walk)
    assert walk.faults == []
    writing = {f"{each.method} {each.path.removeprefix(ROOT)}" for each in ENDPOINTS if each.method != "GET"}
    listed = CHANGES_NOTHING.keys() | SENDERS.keys() | ELSEWHERE_OR_WITHOUT_VALUES.keys()
    assert writing - listed - walk.done == set()
    assert listed - writing == set()


async def _configuration(walk: Walk) -> None:
    hook = "/connectors"
    await walk.go("POST", hook, hook, HOOK)
    for verb in ("disable", "enable"):
        await walk.go("POST", f"{hook}/hook/{verb}", f"{hook}/{{name}}/{verb}")
    await walk.go("PUT", f"{hook}/hook", f"{hook}/{{name}}", {**HOOK, "enabled": False})
    await walk.go("PATCH", f"{hook}/hook", f"{hook}/{{name}}", {"enabled": True})
    await walk.go("POST", "/people", "/people", {"name": "someone"})
    rows = {**CASES, **MORE}
    for resource in RESOURCES:
        path = resource.path.removeprefix(ROOT)
        row, part, *_ = rows[path]
        made = (await walk.go("POST", path, path, row))["row"]
        one, template = f"{path}/{made['id']}", f"{path}/{{name}}"
        await walk.go("PATCH", one, template, part)
        await walk.go("PUT", one, template, made["row"])
        await walk.go("DELETE", one, template)
    link = {"device_ip": "10.0.0.8", "depends_on_ip": "10.0.0.9"}
    await walk.go("POST", "/dependencies/bulk", "/dependencies/bulk", {"put": [link]})
    lines = b"device_ip,depends_on_ip\n10.0.0.7,10.0.0.9\n"
    await walk.go("POST", "/dependencies/import", "/dependencies/import", lines)
    document = {"devices": [{"name": "x", "ip_address": "10.0.0.9"}]}
    await walk.go("POST", "/config/apply", "/config/apply", document)
    await walk.go("DELETE", f"{hook}/hook", f"{hook}/{{name}}")


async def _alerts(walk: Walk) -> None:
    (alert,) = await walk.stage.report(problem())
    bodies: dict[str, Any] = {
        "acknowledge": {},
        "unacknowledge": {},
        "tags": {"add": ["seen"]},
        "severity": {"severity": "critical", "notes": "it matters"},
        "notes": {"notes": "looked at it"},
        "shelve": {"lasts": "1h", "notes": "later"},
        "unshelve": {},
        "assign": {"assigned_to": "anna"},
        "resolve": {},
        "reopen": {},
    }
    for name, body in bodies.items():
        await walk.go("POST", f"/alerts/{alert.id}/{name}", f"/alerts/{{id}}/{name}", body)
    for name, body in {**bodies, "assign": {"assigned_to": "bo"}, "tags": {"remove": ["seen"]}}.items():
        whole = {**body, "ids": [str(alert.id)]}
        await walk.go("POST", f"/alerts/bulk/{name}", f"/alerts/bulk/{name}", whole)
    made = await walk.go("POST", "/maintenance", "/maintenance", {"everything": True, "lasts": "1h"})
    one, template = f"/maintenance/{made['id']}", "/maintenance/{id}"
    await walk.go("PATCH", one, template, {"end_at": "2099-01-01T00:00:00Z"})
    await walk.go("POST", f"{one}/end", f"{template}/end")
    await walk.go("DELETE", one, template)
    [view] = await walk.go("POST", "/views", "/views", {"name": "mine", "query": "site=Lyon"})
    await walk.go("DELETE", f"/views/{view['id']}", "/views/{id}")


async def _people(walk: Walk) -> None:
    role = {"name": "night", "description": "at night", "permissions": ["alerts:read"]}
    await walk.go("POST", "/roles", "/roles", role)
    changed = {**role, "description": "by night"}
    del changed["name"]
    await walk.go("PUT", "/roles/night", "/roles/{name}", changed)
    factor = ("/roles/night/second-factor", "/roles/{name}/second-factor")
    await walk.go("PUT", *factor, {"required": True})
    await walk.go("DELETE", "/roles/night", "/roles/{name}")
    anna = {"username": "anna", "roles": ["viewer"], "password": PASSWORD}
    await walk.go("POST", "/users", "/users", anna)
    await walk.go("PATCH", "/users/anna", "/users/{name}", {"roles": ["operator"]})
    await walk.go("POST", "/api-keys", "/api-keys", {"name": "wall", "roles": ["viewer"]})
    await walk.go("DELETE", "/api-keys/wall", "/api-keys/{name}")


MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "/alert-rules": (
        {
            "name": "hot",
            "metric": "battery_temperature",
            "warning": 40,
            "category": "power",
            "alert_type": "power_hot",
        },
        {"description": "hot batteries"},
    ),
    "/machine-configurations": (
        {"machine_type": "ups", "thresholds": [{"metric": "battery_temperature", "warning": 40}]},
        {"description": "the UPS of all sites"},
    ),
}
"""Rows of the tables that the tests of the configuration do not have."""
