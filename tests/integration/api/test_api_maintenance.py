"""Maintenance windows and shelves through the API and the command line, with the real engine and database."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opsconductor.model.enums import Severity
from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import Caller, Reply, Stage, problem
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

EDGE, OTHER = "10.9.9.9", "10.9.9.8"


def found(reply: Reply) -> Any:
    """Return the data, to look into it."""
    return reply.data


def found_in(value: Any) -> Any:
    """Return a part of an error, to look into it."""
    return value


async def connect(stage: Stage, **connectors: tuple[str, dict[str, object]]) -> None:
    """Store enabled connectors: type and configuration by name."""
    rows = [(name, kind, config) for name, (kind, config) in connectors.items()]
    await stage.pool.executemany("INSERT INTO connectors (name, type, config) VALUES ($1, $2, $3)", rows)


async def sent(stage: Stage) -> list[tuple[str, str]]:
    """Read kind and device of every notification in the outbox."""
    rows = await stage.pool.fetch("SELECT kind, facts FROM notification_outbox ORDER BY position")
    return [(row["kind"], row["facts"]["device_ip"]) for row in rows]


async def audited(stage: Stage) -> list[tuple[str, str, str]]:
    """Read who has changed which window."""
    rows = await stage.pool.fetch(
        "SELECT actor, action, subject FROM audit_log WHERE action LIKE 'maintenance.%' ORDER BY created_at"
    )
    return [tuple(row) for row in rows]


async def test_a_silence_holds_new_alerts_until_it_is_ended(stage: Stage, operator: Caller) -> None:
    """It is active when the answer comes; list, alert and `why` show it; its end sends open alerts."""
    await stage.use_rule("all")
    wanted = {"conditions": {"device_ip_pattern": EDGE}, "lasts": "2h", "reason": "fibre", "name": "fibre"}
    made = found(await operator.post("/maintenance", wanted))
    assert (made["state"], made["muted"], made["created_by"]) == ("active", 0, "the operator")
    (alert, _) = await stage.report(problem(), problem(device_ip=OTHER))
    assert await sent(stage) == [("problem", OTHER)]
    (listed,) = found(await operator.get("/maintenance"))
    assert (listed["muted"], listed["held"]) == (1, 1)
    shown = found(await operator.get(f"/alerts/{alert.id}"))
    assert shown["muted_by"] == "maintenance fibre"
    assert shown["muted_until"] == made["end_at"]
    why = found(await operator.get(f"/alerts/{alert.id}/why?for=noc@example.net"))
    assert "muted: maintenance fibre, until" in why["answer"]
    assert why["is_held"] is True
    ended = found(await operator.post(f"/maintenance/{made['id']}/end"))
    assert (ended["state"], ended["muted"]) == ("over", 0)
    assert (await sent(stage))[1:] == [("problem", EDGE)]
    assert await audited(stage) == [
        ("the operator", "maintenance.add", "maintenance_window fibre"),
        ("the operator", "maintenance.end", "maintenance_window fibre"),
    ]


async def test_the_end_is_moved_and_a_window_is_deleted(stage: Stage, operator: Caller) -> None:
    """A later end is that of its alerts; deleting it releases them."""
    await stage.use_rule("all")
    made = found(await operator.post("/maintenance", {"behind": EDGE, "lasts": "30m"}))
    assert made["name"].startswith(f"{EDGE} 2")
    (alert,) = await stage.report(problem())
    end_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    moved = found(await operator.ask("PATCH", f"/maintenance/{made['id']}", json={"end_at": end_at}))
    assert datetime.fromisoformat(moved["end_at"]) == datetime.fromisoformat(end_at)
    held = stage.engine.get(alert.id)
    assert held is not None
    assert held.muted_until == datetime.fromisoformat(end_at)
    assert (await operator.ask("DELETE", f"/maintenance/{made['id']}", json={})).status == 200
    assert await sent(stage) == [("problem", EDGE)]
    assert found(await operator.get("/maintenance")) == []
    assert (await operator.post(f"/maintenance/{made['id']}/end")).status == 404
    assert (await operator.ask("DELETE", f"/maintenance/{made['id']}", json={})).status == 404


async def test_an_invalid_window_is_refused_with_the_expected_value(stage: Stage, operator: Caller) -> None:
    """As in files: key, value found and value expected; a window for everything must be confirmed."""
    del stage
    edge = {"device_ip_pattern": EDGE}
    faults: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("conditions", "conditions, behind, or everything: true", {"lasts": "1h"}),
        ("end_at", "either end_at or lasts", {"conditions": edge}),
        ("conditions.site2", "an unknown key", {"conditions": {"site2": "x"}, "lasts": "1h"}),
        ("conditions", "for notification rules", {"conditions": {"minimum_age": "1h"}, "lasts": "1h"}),
        ("behind", "a device of the inventory", {"behind": "core-9", "lasts": "1h"}),
        ("body", "an end_at after start_at", {"conditions": edge, "end_at": "2020-01-01T00:00:00Z"}),
    )
    for name, words, body in faults:
        reply = await operator.post("/maintenance", body)
        assert (reply.status, reply.error["code"]) == (422, "invalid"), words
        (fault,) = found_in(reply.error["details"])
        assert (fault["name"], words in f"{fault['found']} {fault['expected']}") == (name, True), fault
    first = {"conditions": edge, "lasts": "1h", "name": "twice"}
    assert (await operator.post("/maintenance", first)).status == 200
    again = await operator.post("/maintenance", first)
    assert (again.status, again.error["code"]) == (409, "exists")
    assert (await operator.post("/maintenance", {"everything": True, "lasts": "1h"})).status == 200


async def test_a_viewer_may_look_only(viewer: Caller) -> None:
    """Muting is for operators."""
    assert (await viewer.get("/maintenance")).status == 200
    assert (await viewer.post("/maintenance", {"everything": True, "lasts": "1h"})).status == 403


async def test_one_alert_is_shelved_and_taken_from_the_shelf(stage: Stage, operator: Caller) -> None:
    """The alert and its history have who, why and until when; a higher severity unshelves it."""
    await stage.use_rule("all")
    (alert,) = await stage.report(problem(severity=Severity.MINOR))
    body = {"lasts": "2h", "notes": "spare part"}
    shelved = found(await operator.post(f"/alerts/{alert.id}/shelve", body))
    assert shelved["muted_by"] == "shelved by the operator: spare part"
    assert shelved["muted_until"] == shelved["shelved_until"]
    story = found(await operator.get(f"/alerts/{alert.id}"))["history"]
    assert (story[-1]["user_name"], story[-1]["notes"]) == ("the operator", "spare part")
    back = found(await operator.post(f"/alerts/{alert.id}/unshelve"))
    assert (back["muted_by"], back["shelved_until"]) == (None, None)
    assert (await operator.post(f"/alerts/{alert.id}/unshelve")).status == 409
    assert await sent(stage) == [("problem", EDGE)]
    await operator.post(f"/alerts/{alert.id}/shelve", body)
    await stage.report(problem(severity=Severity.CRITICAL))
    assert await sent(stage) == [("problem", EDGE), ("worse", EDGE)]
    assert found(await operator.get(f"/alerts/{alert.id}"))["shelved_until"] is None


async def test_maintenance_on_the_command_line(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """Add, list, extend, end, delete by name; its effect is shown in words; alerts show it."""
    await ensure_local_token(stage.pool, tmp_path)
    await stage.use_rule("all")
    output = await terminal.run(
        *("maintenance", "add", "--device", EDGE, "--behind", "--for", "1h30m"),
        *("--reason", "fibre work", "--name", "fibre"),
    )
    assert "fibre: active, until" in output
    assert f"mutes {EDGE} and what is behind it" in output
    (alert,) = await stage.report(problem())
    listed = await terminal.run("maintenance", "list")
    assert "1 muted, 1 to be notified at its end" in listed
    assert "[maintenance fibre]" in await terminal.run("alerts", "list")
    assert "Not notified: maintenance fibre, until" in await terminal.run("alerts", "why", str(alert.id))
    (before,) = json.loads(await terminal.run("maintenance", "list", "--json"))
    await terminal.run("maintenance", "extend", "fibre", "--for", "1h")
    (after,) = json.loads(await terminal.run("maintenance", "list", "--json"))
    moved = datetime.fromisoformat(after["end_at"]) - datetime.fromisoformat(before["end_at"])
    assert moved == timedelta(hours=1)
    assert "fibre: over" in await terminal.run("maintenance", "end", "fibre")
    assert await sent(stage) == [("problem", EDGE)]
    await terminal.run("maintenance", "delete", "fibre")
    await terminal.run("maintenance", "add", "--device", EDGE, "--for", "1h", "--hide", "--name", "hide")
    assert "1 open alert hidden by maintenance windows: see --hidden" in await terminal.run("alerts", "list")
    assert "[maintenance hide]" in await terminal.run("alerts", "list", "--hidden")
    await terminal.run("maintenance", "delete", "hide")
    assert "no maintenance windows" in await terminal.run("maintenance", "list")
    assert "no maintenance window has the name" in await terminal.run("maintenance", "end", "x", fails=True)
    await terminal.run(
        "maintenance", "add", "--device", "sw-*", "--device", "10.*", "--tag", "lab", "--for", "1h"
    )
    (window,) = json.loads(await terminal.run("maintenance", "list", "--json"))
    assert window["conditions"] == {
        "any": [{"device_ip_pattern": ["10.*"]}, {"device_name": ["sw-*"]}],
        "device_tags": ["lab"],
    }


async def test_begin_and_end_are_announced(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """The messages are in the outbox with the window, that of the end before the alerts that it held."""
    await ensure_local_token(stage.pool, tmp_path)
    await stage.use_rule("all")
    mail = {"host": "127.0.0.1", "from": "noc@example.net", "tls": "none"}
    tickets = {"routing_key": "R" * 32}
    await connect(stage, **{"noc-mail": ("email", mail), "duty": ("pagerduty", tickets)})
    fibre = ("maintenance", "add", "--device", EDGE, "--for", "1h", "--name", "fibre", "--announce")
    output = await terminal.run(*fibre, "noc-mail:noc@example.net", "--announce", "noc-mail:boss@example.net")
    assert "announced to noc-mail noc@example.net, boss@example.net" in output
    await stage.report(problem())
    await terminal.run("maintenance", "end", "fibre")
    rows = await stage.pool.fetch("SELECT * FROM notification_outbox ORDER BY position")
    announced = [(row["kind"], row["recipient"], row["facts"].get("window", {}).get("event")) for row in rows]
    assert announced == [
        *(("maintenance", f"{who}@example.net", "begun") for who in ("noc", "boss")),
        *(("maintenance", f"{who}@example.net", "over") for who in ("noc", "boss")),
        ("problem", "noc@example.net", None),
    ]
    assert {(row["alert_id"] is None, row["window_id"] is None) for row in rows[:4]} == {(True, False)}
    for wrong, reason in (
        ("pager:1", 'found "pager", expected a connector that sends notifications'),
        ("noc-mail", "expected a recipient for noc-mail"),
        ("duty:1", "opens an incident, a ticket or a state"),
    ):
        again = [each.replace("fibre", "again") for each in fibre]
        assert reason in " ".join((await terminal.run(*again, wrong, fails=True)).split())


async def test_a_channel_is_named_by_its_type(stage: Stage, operator: Caller) -> None:
    """Of several of a type one must be named; what is stored is the name."""
    mail = {"host": "127.0.0.1", "from": "noc@example.net", "tls": "none"}
    await connect(stage, **{"noc-mail": ("email", mail)})
    body = {
        "behind": EDGE,
        "lasts": "1h",
        "announce": [{"type": "email", "recipients": ["noc@example.net"]}],
    }
    made = found(await operator.post("/maintenance", body))
    assert made["announce"] == [{"channel": "noc-mail", "recipients": ["noc@example.net"]}]
    body |= {"name": "slack", "announce": [{"type": "slack"}]}
    refused = await operator.post("/maintenance", body)
    assert (refused.status, refused.error["details"][0]["name"]) == (422, "announce.0.type")


async def test_shelving_on_the_command_line(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """With a reason; `why` repeats it."""
    await ensure_local_token(stage.pool, tmp_path)
    (alert,) = await stage.report(problem())
    short = str(alert.id)[-8:]
    output = await terminal.run("alerts", "shelve", short, "--for", "2h", "--reason", "spare part")
    assert "[shelved by local-cli: spare part]" in output
    assert "shelved by local-cli: spare part, until" in await terminal.run("alerts", "why", short)
    assert "shelved" not in await terminal.run("alerts", "unshelve", short)


async def test_a_window_that_recurs_is_added_and_its_occurrence_ended(stage: Stage, operator: Caller) -> None:
    """Its rule is that of RFC 5545; ending it leaves the next occurrences."""
    await stage.use_rule("all")
    begun = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
    body = {
        "conditions": {"device_ip_pattern": EDGE},
        "start_at": begun.isoformat(),
        "recurring": {"rule": "freq=daily", "zone": "UTC"},
        "lasts": "2h",
        "name": "nightly",
    }
    made = found(await operator.post("/maintenance", body))
    assert made["recurring"] == {"rule": "FREQ=DAILY", "zone": "UTC", "duration": "2h"}
    assert (made["state"], made["end_at"]) == ("active", None)
    assert datetime.fromisoformat(made["state_until"]) == begun + timedelta(hours=2)
    await stage.report(problem())
    assert await sent(stage) == []
    ended = found(await operator.post(f"/maintenance/{made['id']}/end"))
    assert ended["state"] == "planned"
    assert datetime.fromisoformat(ended["state_until"]) == begun + timedelta(days=1)
    assert await sent(stage) == [("problem", EDGE)]
    again = await operator.post(f"/maintenance/{made['id']}/end")
    assert "a window that is not active" in str(again.error["details"])
    reply = await operator.post("/maintenance", body | {"name": "b", "recurring": {"rule": "FREQ=X"}})
    assert (reply.status, reply.error["code"]) == (422, "invalid")


async def test_what_a_file_declares_is_ended_and_only_taken_over_for_more(
    stage: Stage, operator: Caller
) -> None:
    """Ending it now changes no declaration; moving its end and deleting it need `take_over`."""
    begun = datetime.now(UTC) - timedelta(hours=1)
    await stage.pool.execute(
        "INSERT INTO maintenance_windows (name, conditions, start_at, end_at, provisioned_from) "
        "VALUES ('nightly', $1, $2, $3, '/etc/opsconductor/windows.yaml')",
        {"device_ip_pattern": [EDGE]}, begun, begun + timedelta(hours=3),
    )  # fmt: skip
    (window,) = found(await operator.get("/maintenance"))
    path = f"/maintenance/{window['id']}"
    ended = found(await operator.post(f"{path}/end"))
    assert (ended["state"], ended["declared_in"]) == ("over", "/etc/opsconductor/windows.yaml")
    assert datetime.fromisoformat(ended["end_at"]) < begun + timedelta(hours=2)
    later = {"end_at": (begun + timedelta(hours=4)).isoformat()}
    for reply in (await operator.ask("PATCH", path, json=later), await operator.ask("DELETE", path, json={})):
        assert (reply.status, reply.error["code"]) == (409, "declared_in_file")
    moved = found(await operator.ask("PATCH", f"{path}?take_over=true", json=later))
    assert (moved["state"], moved["declared_in"]) == ("active", None)
    last = "SELECT details -> 'taken_over' FROM audit_log WHERE action = 'maintenance.end' ORDER BY seq DESC"
    assert await stage.pool.fetchval(last) == ["maintenance_window nightly"]
    assert (await operator.ask("DELETE", path, json={})).status == 200
