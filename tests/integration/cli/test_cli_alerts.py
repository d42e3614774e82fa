"""`opsconductor alerts` and `token` as commands, against the real API and database."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest

from opsconductor.model.alert import Alert
from opsconductor.model.command import Command
from opsconductor.model.enums import Severity, Status
from opsconductor.store.access.keys import principal_of_key
from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import DOWNSTREAM, FARTHEST, UPSTREAM, Caller, Stage, problem
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]


async def test_alerts_are_seen_and_handled_with_the_local_key(
    stage: Stage, terminal: Terminal, tmp_path: Path
) -> None:
    """Without any set-up: list, show, ack, note, resolve; ids may be shortened to either end."""
    await ensure_local_token(stage.pool, tmp_path)
    (alert, _) = await stage.report(
        problem("bad one", severity=Severity.CRITICAL), problem("other", device_ip="10.1.1.2")
    )
    listed = await terminal.run("alerts", "list")
    assert listed.index("bad one") < listed.index("other")
    assert str(alert.id)[-8:] in listed
    short = str(alert.id)[-8:]
    text = await terminal.run("alerts", "ack", short, "--note", "mine")
    assert "acknowledged" in text
    assert max(map(len, text.splitlines())) < 200, "as wide as its content"
    await terminal.run("alerts", "note", short, "fibre cut at km 14")
    shown = await terminal.run("alerts", "show", short)
    assert str(alert.id) in shown
    assert "fibre cut at km 14" in shown
    assert "local-cli" in shown
    await terminal.run("alerts", "resolve", str(alert.id))
    assert "bad one" not in await terminal.run("alerts", "list")
    (found,) = json.loads(await terminal.run("alerts", "list", "--status", "resolved", "--json"))
    assert found["id"] == str(alert.id)
    assert json.loads(await terminal.run("alerts", "list", "--search", "nothing like it", "--json")) == []


async def test_a_command_is_for_the_state_that_was_read(
    stage: Stage, terminal: Terminal, tmp_path: Path, operator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner of the alert is named in one line, also when it is acknowledged meanwhile."""
    await ensure_local_token(stage.pool, tmp_path)
    (alert,) = await stage.report(problem("bad one"))
    await operator.post(f"/alerts/{alert.id}/acknowledge")
    text = await terminal.run("alerts", "ack", str(alert.id)[-8:], fails=True)
    assert text.startswith(
        f"Error: {str(alert.id)[-8:]} bad one: the alert is acknowledged by the operator since"
    )
    assert "Nothing was changed." in text
    assert "active" in await terminal.run("alerts", "unack", str(alert.id), "--note", "not mine")
    text = await terminal.run("alerts", "unack", str(alert.id), fails=True)
    assert "the alert is active, not acknowledged. Nothing was changed." in text
    carry_out = stage.command

    async def taken_first(command: Command) -> Alert:
        monkeypatch.undo()
        await operator.post(f"/alerts/{alert.id}/acknowledge")
        return await carry_out(command)

    monkeypatch.setattr(stage, "command", taken_first)
    text = await terminal.run("alerts", "resolve", str(alert.id), fails=True)
    assert "acknowledged by the operator" in text
    assert stage.engine.open_alerts()[0].status is Status.ACKNOWLEDGED


async def test_the_shown_id_may_be_shortened_further(
    stage: Stage, terminal: Terminal, tmp_path: Path
) -> None:
    """The first four letters of the eight that the table shows are enough."""
    await ensure_local_token(stage.pool, tmp_path)
    (alert,) = await stage.report(problem("bad one"))
    assert "bad one" in await terminal.run("alerts", "show", str(alert.id)[-8:-4])


async def test_show_keeps_the_lines_of_a_message(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """Each on a line of its own, its control characters escaped."""
    await ensure_local_token(stage.pool, tmp_path)
    (alert,) = await stage.report(problem("bad one", message="first fault\nsecond \x1b[2Jfault"))
    shown = await terminal.run("alerts", "show", str(alert.id)[-8:])
    message, continued = shown[shown.index("first fault") :].splitlines()[:2]
    assert (message.strip(), continued.strip()) == ("first fault", "second \\x1b[2Jfault")


async def test_show_lists_the_varbinds_of_a_trap(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """Name, value and meaning of each varbind are one row; one without name has its OID."""
    await ensure_local_token(stage.pool, tmp_path)
    status = {"oid": "1.3.6.1.2.1.2.2.1.8.7", "name": "ifOperStatus.7", "type": "INTEGER", "value": 2}
    text = {"oid": "1.3.6.1.4.1.99999.1.0", "type": "OCTET STRING", "value": "PSU 2\nfailed"}
    raw = {"varbinds": [status | {"meaning": "down"}, text]}
    (alert,) = await stage.report(problem("Link down", raw_data=lambda: raw))
    shown = await terminal.run("alerts", "show", str(alert.id)[-8:])
    rows = [" ".join(line.split()) for line in shown.splitlines()]
    assert "varbind value meaning" in rows
    assert "ifOperStatus.7 2 down" in rows
    assert "1.3.6.1.4.1.99999.1.0 PSU 2\\nfailed" in rows
    found = json.loads(await terminal.run("alerts", "show", str(alert.id), "--json"))
    assert [each["meaning"] for each in found["varbinds"]] == ["down", None]


async def test_json_holds_every_alert(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """More alerts than fit on a page of the API are all printed; `--limit` asks for fewer."""
    await ensure_local_token(stage.pool, tmp_path)
    await stage.report(*(problem("one of many", resource=f"ifIndex={number}") for number in range(450)))
    found = json.loads(await terminal.run("alerts", "list", "--json"))
    assert len({alert["id"] for alert in found}) == 450
    assert len(json.loads(await terminal.run("alerts", "list", "--json", "--limit", "7"))) == 7
    assert "250 not shown" in await terminal.run("alerts", "list")


async def test_cause_and_root_are_shown(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """`show` and `why` name the nearest cause, and the root when that is another alert."""
    await ensure_local_token(stage.pool, tmp_path)
    _, middle, far = await stage.report(
        problem("the root", device_ip=UPSTREAM, is_cutting=True),
        problem("in between", device_ip=DOWNSTREAM, is_cutting=True),
        problem("far away", device_ip=FARTHEST),
    )
    shown = await terminal.run("alerts", "show", str(far.id))
    assert [word in shown for word in ("in between", "root cause", "the root")] == [True] * 3
    assert "root cause" not in await terminal.run("alerts", "show", str(middle.id))
    reason = await terminal.run("alerts", "why", str(far.id))
    assert "because of in between" in reason
    assert "The root cause is the root" in reason
    assert "The root cause" not in await terminal.run("alerts", "why", str(middle.id))


async def test_why_shows_rules_and_messages(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """`alerts why` shows the decision of every rule and the outcome of the messages."""
    await ensure_local_token(stage.pool, tmp_path)
    await stage.use_rule("the bad ones", Severity.CRITICAL)
    (alert,) = await stage.report(problem("bad one"))
    shown = await terminal.run("alerts", "why", str(alert.id)[-8:])
    assert "The alert is active." in shown
    assert [line for line in shown.splitlines() if line != line.rstrip()] == []
    assert "No message about it has been sent" in shown
    as_json = json.loads(await terminal.run("alerts", "why", str(alert.id), "--json"))
    assert as_json["status"] == "active"


async def test_who_would_be_notified(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """`rules who` evaluates the rules on an alert; rules that do not fire have the reason."""
    await ensure_local_token(stage.pool, tmp_path)
    await stage.use_rule("the bad ones", Severity.CRITICAL)
    bad, other = await stage.report(
        problem("bad", severity=Severity.CRITICAL), problem("other", device_ip="10.0.4.1")
    )
    shown = await terminal.run("rules", "who", str(bad.id)[-8:])
    assert shown.strip() == "noc-mail noc@example.net  (rule the bad ones)"
    shown = await terminal.run("rules", "who", str(other.id), "--at", "2026-12-25T03:00")
    assert shown.splitlines() == ["no one", "not by rule the bad ones: severity is major, not critical"]
    as_json = json.loads(await terminal.run("rules", "who", str(bad.id), "--json"))
    assert as_json["recipients"][0]["rule"] == "the bad ones"


async def test_many_alerts_are_listed_counted_changed_and_exported(
    stage: Stage, terminal: Terminal, tmp_path: Path
) -> None:
    """One language of filters for lists, sums, bulk commands and exports; without one nothing changes."""
    await ensure_local_token(stage.pool, tmp_path)
    await stage.report(
        problem("bad one", alert_type="power_failed", severity=Severity.CRITICAL),
        problem("other", device_ip="10.1.1.2"),
    )
    power = ("--filter", "alert_type=power_*")
    listed = await terminal.run("alerts", "list", *power)
    assert "bad one" in listed
    assert "other" not in listed
    assert "critical" in await terminal.run("alerts", "stats")
    assert json.loads(await terminal.run("alerts", "stats", *power, "--json"))["total"] == 1
    await terminal.run("alerts", "bulk", "acknowledge", "--yes", fails=True)
    none = ("--filter", "site=lyon")
    assert await terminal.run("alerts", "bulk", "acknowledge", *none) == "no alert matches\n"
    assert "1 of 1 done" in await terminal.run("alerts", "bulk", "assign", *power, "--to", "anna", "--yes")
    file = tmp_path / "alerts.csv"
    await terminal.run("alerts", "export", "--filter", "assigned_to=anna", "-o", str(file))
    (header, row) = file.read_text().splitlines()
    assert header.startswith("id,source_system")
    assert "bad one" in row


async def test_a_failure_is_reported_in_one_line(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """No key, a wrong key, an unknown id, no daemon: each message has the cause and the remedy."""
    assert "OPSCONDUCTOR_TOKEN" in await terminal.run("alerts", "list", fails=True)
    wrong = await terminal.run("alerts", "--token", "ops_no_no", "list", fails=True)
    assert "unknown, revoked or expired" in wrong
    await ensure_local_token(stage.pool, tmp_path)
    assert "no alert has an id" in await terminal.run("alerts", "show", "00000000", fails=True)
    assert "found zz" in await terminal.run("alerts", "show", "zz", fails=True)
    away = await terminal.run("alerts", "--url", "http://127.0.0.1:1", "list", fails=True)
    assert "Is the daemon running?" in away
    assert "Traceback" not in away


async def test_watch_shows_new_alerts_by_itself(stage: Stage, terminal: Terminal, operator: Caller) -> None:
    """`alerts watch` prints the table anew when something changes."""
    terminal.environment["OPSCONDUCTOR_TOKEN"] = str(operator.key)
    process = await terminal.start("alerts", "watch")
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while b"no alerts" not in await process.stdout.readline():
            pass
        await stage.report(problem("just now"))
        while b"just now" not in await process.stdout.readline():
            pass
    process.terminate()
    await process.communicate()


async def test_keys_are_made_listed_and_revoked(stage: Stage, terminal: Terminal) -> None:
    """The key is alone on the last line and works; the list never shows it; revoked, it is refused."""
    made = await terminal.run("token", "create", "--role", "viewer", "--name", "wall", "--expires", "90d")
    key = made.splitlines()[-1]
    someone = await principal_of_key(stage.pool, key)
    assert someone is not None
    assert someone.permissions == {"alerts:read", "config:read", "datasets:read"}
    listed = await terminal.run("token", "list")
    assert "wall" in listed
    assert key not in listed
    assert "already" in await terminal.run("token", "create", "--role", "admin", "--name", "wall", fails=True)
    await terminal.run("token", "revoke", "wall")
    assert await principal_of_key(stage.pool, key) is None
    assert "no key" in await terminal.run("token", "revoke", "wall", fails=True)
    assert "90" in await terminal.run(
        "token", "create", "--role", "viewer", "--name", "x", "--expires", "x", fails=True
    )


async def test_people_decide_in_place_of_the_source(stage: Stage, terminal: Terminal, tmp_path: Path) -> None:
    """Severity, tags, assignee and the end of an alert are changed and undone; related ones are shown."""
    await ensure_local_token(stage.pool, tmp_path)
    (alert,) = await stage.report(problem("bad one"))
    short = str(alert.id)[-8:]
    text = await terminal.run("alerts", "severity", short, "--set", "critical", "--reason", "customer calls")
    assert "critical" in text
    await terminal.run("alerts", "tag", short, "--add", "vip", "--add", "=1+1")
    await terminal.run("alerts", "assign", short, "--to", "anna")
    (row,) = csv.DictReader(
        io.StringIO(await terminal.run("alerts", "list", "--filter", "tag=vip", "--output", "csv"))
    )
    assert (row["severity"], row["reported_severity"], row["assigned_to"]) == ("critical", "major", "anna")
    assert row["tags"] == "vip,=1+1"
    await terminal.run("alerts", "severity", short, "--withdraw")
    await terminal.run("alerts", "tag", short, "--remove", "vip")
    await terminal.run("alerts", "resolve", short)
    assert "active" in await terminal.run("alerts", "reopen", short, "--note", "too early")
    assert "earlier: none" in await terminal.run("alerts", "related", short)
    for wrong in (("severity", short), ("tag", short)):
        assert "Usage" in await terminal.run("alerts", *wrong, fails=True)
    text = await terminal.run(
        "alerts", "bulk", "shelve", "--filter", "assigned_to=anna", "--for", "2h", "--yes"
    )
    assert "1 of 1 done" in text
    (found,) = json.loads(await terminal.run("alerts", "list", "--output", "json"))
    assert (found["severity"], found["own_tags"]) == ("major", ["=1+1"])
    assert found["shelved_by"] == "local-cli"
