"""`opsconductor event send` as a command, against the real API and database."""

from pathlib import Path

import pytest

from opsconductor.cli.event import AWAY
from tests.support.api.api_stage import Caller, Stage
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]

ONE = ("--device", "srv1", "--type", "storage_backup_failed")


@pytest.fixture
def script(terminal: Terminal, operator: Caller) -> Terminal:
    """A terminal with a key."""
    terminal.environment["OPSCONDUCTOR_TOKEN"] = str(operator.key)
    return terminal


async def test_one_event_is_sent_and_ended_with_options(stage: Stage, script: Terminal) -> None:
    """The values of the options are in the alert."""
    more = (
        "--severity",
        "major",
        "--resource",
        "job=1",
        "--title",
        "Backup failed",
        "--tag",
        "a",
        "--tag",
        "b",
    )
    assert await script.run("event", "send", *ONE, *more) == "1 event committed\n"
    row = await stage.pool.fetchrow("SELECT severity, resource, title, tags, status FROM alerts")
    assert tuple(row) == ("major", "job=1", "Backup failed", ["a", "b"], "active")
    await script.run("event", "send", *ONE, "--resource", "job=1", "--clear")
    assert await stage.pool.fetchval("SELECT status FROM alerts") == "resolved"


async def test_a_file_is_sent_and_its_ids_count_once(stage: Stage, script: Terminal, tmp_path: Path) -> None:
    """The command says so, and it is no failure."""
    path = tmp_path / "events.csv"
    path.write_text("device,alert_type,id\nsrv1,storage_backup_failed,job-7\nsrv2,storage_backup_failed,\n")
    assert await script.run("event", "send", str(path)) == "2 events committed\n"
    assert await script.run("event", "send", str(path)) == "2 events committed, 1 of them known before\n"
    assert await stage.pool.fetchval("SELECT sum(occurrence_count) FROM alerts") == 3


async def test_nothing_is_sent_while_something_is_wrong(
    stage: Stage, script: Terminal, tmp_path: Path
) -> None:
    """All faults of a file, each with its line, and exit status 2."""
    path = tmp_path / "bad.csv"
    path.write_text("device,alert_type,severity\nsrv1,backup,major\nsrv2,storage_backup_failed,awful\n")
    process = await script.start("event", "send", str(path))
    output = (await process.communicate())[0].decode()
    assert process.returncode == 2
    assert [line.split(":")[0] for line in output.splitlines()] == ["line 2", "line 3"]
    assert "found awful, expected 'critical'" in output
    assert "alert_type: found backup, expected an alert type such as storage_backup_failed: " in output
    assert await stage.pool.fetchval("SELECT count(*) FROM alerts") == 0
    for arguments in (("--device", "srv1", str(path)), ()):
        process = await script.start("event", "send", *arguments)
        assert b"give either" in (await process.communicate())[0]
        assert process.returncode == 2


async def test_a_missing_permission_is_reported(script: Terminal, viewer: Caller) -> None:
    """Exit status 1, one line, and the missing permission."""
    process = await script.start("event", "send", *ONE, "--token", str(viewer.key))
    output = (await process.communicate())[0].decode()
    assert process.returncode == 1
    assert output == "Error: the viewer may not do this; it needs the permission 'events:write'\n"


async def test_a_daemon_that_is_away_is_reported(script: Terminal) -> None:
    """With the status by which scripts know that they may try again."""
    process = await script.start("event", "send", *ONE, "--url", "http://127.0.0.1:1")
    output = (await process.communicate())[0].decode()
    assert process.returncode == AWAY
    assert "no answer from http://127.0.0.1:1: Connection refused. " in output
    assert "Is the daemon running?" in output
    assert "Traceback" not in output
