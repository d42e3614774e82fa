"""`opsconductor channels` as a command, against the real API."""

import json

from opsconductor.connector.interface import CheckResult
from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import Stage
from tests.support.daemons.terminal import Terminal

pytest_plugins = ["tests.integration.api_fixtures"]


class Part:
    """A channel of the stage."""

    async def check(self) -> CheckResult:
        """Work."""
        return CheckResult(ok=True, message="works")


async def test_a_test_message_is_sent_or_refused(stage: Stage, terminal: Terminal) -> None:
    """The outcome is printed, and is the exit status; an unknown channel is named."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.desk.parts["mail"] = Part()  # type: ignore[assignment]
    assert "to ada by" in await terminal.run("channels", "test", "mail", "ada")
    found = json.loads(await terminal.run("channels", "test", "mail", "--json"))
    assert (found["ok"], found["message"].startswith("to its own by")) == (True, True)
    assert "to unknown" in await terminal.run("channels", "test", "mail", "unknown", fails=True)
    assert "no running channel 'pager'" in await terminal.run("channels", "test", "pager", fails=True)
