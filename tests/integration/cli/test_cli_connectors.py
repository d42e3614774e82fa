"""`opsconductor connectors` as a command, against the real API."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from opsconductor.api.interfaces.connectors import ConnectorState
from opsconductor.connector.interface import CheckResult
from opsconductor.model.enums import ConnectorStatus
from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import Stage
from tests.support.daemons.terminal import Terminal

DETAILS = {
    "server": "https://prtg.example",
    "tls": False,
    "buffers": {"[::]:162": 7, "b": None},
    "topics": ["a", "b"],
}
pytest_plugins = ["tests.integration.api_fixtures"]


def state(name: str, status: ConnectorStatus, error: str | None = None) -> ConnectorState:
    """Make the state of a connector that takes posts."""
    return ConnectorState(
        name=name,
        type="prtg",
        role="source",
        enabled=True,
        status=status,
        error_message=error,
        takes_posts=True,
        last_poll_at=None,
        last_success_at=datetime.now(UTC),
        alerts_received=12_345,
        alerts_today=7,
    )


class Trying:
    """A connector with a given check result."""

    def __init__(self, *, ok: bool, message: str) -> None:
        self._check = CheckResult(ok=ok, message=message, details=DETAILS)

    async def check(self) -> CheckResult:
        """Return the result."""
        return self._check


async def test_status_shows_a_connector_that_is_down_and_fails(stage: Stage, terminal: Terminal) -> None:
    """The table has state, counts and fault; the exit status shows whether all are connected."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.desk.known = [state("good", ConnectorStatus.CONNECTED)]
    output = await terminal.run("connectors", "status")
    for part in ("good", "connected", "12,345", "s ago", "posts: /api/v1/connectors/good/webhook"):
        assert part in output
    stage.desk.known.append(state("lame", ConnectorStatus.ERROR, "no route\x1b[2J to host"))
    output = await terminal.run("connectors", "status", fails=True)
    assert "no route" in output
    assert "\x1b" not in output
    rows = json.loads(await terminal.run("connectors", "status", "--json", fails=True))
    assert [(row["name"], row["status"]) for row in rows] == [("good", "connected"), ("lame", "error")]


async def test_check_lets_connectors_try(stage: Stage, terminal: Terminal) -> None:
    """Each result is printed; one that would not work makes the command fail; so does an unknown name."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.desk.parts["good"] = Trying(ok=True, message="PRTG 24 answers")
    stage.desk.parts["lame"] = Trying(ok=False, message="passhash is wrong")
    output = await terminal.run("connectors", "check", "good")
    assert "ok  good: PRTG 24 answers" in output
    lines = [line.strip() for line in output.splitlines()[1:]]
    assert lines == ["server: https://prtg.example", "tls: no", "buffers: [::]:162: 7, b: -", "topics: a, b"]
    output = await terminal.run("connectors", "check", "good", "lame", fails=True)
    assert "bad lame: passhash is wrong" in output
    assert "bad gone: there is no connector 'gone'" in await terminal.run(
        "connectors", "check", "gone", fails=True
    )


async def test_without_names_all_try_that_are_switched_on(stage: Stage, terminal: Terminal) -> None:
    """A disabled one is skipped; one that cannot run is reported like others."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.desk.parts["good"] = Trying(ok=True, message="PRTG 24 answers")
    off = replace(state("off", ConnectorStatus.UNKNOWN), enabled=False)
    stage.desk.known = [state("good", ConnectorStatus.CONNECTED), state("lame", ConnectorStatus.ERROR), off]
    found = json.loads(await terminal.run("connectors", "check", "--json", fails=True))
    assert {name: check["ok"] for name, check in found.items()} == {"good": True, "lame": False}
