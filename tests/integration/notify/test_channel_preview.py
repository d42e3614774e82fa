"""Messages of a channel in advance, by the API and by the command; nothing is sent."""

import json

from opsconductor.store.access.local_token import ensure_local_token
from tests.support.api.api_stage import Stage, problem
from tests.support.daemons.terminal import Terminal
from tests.support.notify.smtp_server import channel

pytest_plugins = ["tests.integration.api_fixtures"]

TEMPLATES = {
    "subject": "own {{ kind }}: {{ alert.title }}",
    "text": "on {{ alert.device_name or alert.device_ip or 'several' }}\n"
    "{{ 'x' if alert.title != 'Bad' else missing.x }}",
}


async def test_a_message_is_shown_as_the_channel_would_send_it(stage: Stage, terminal: Terminal) -> None:
    """About a sample of a kind, and about an alert as it is."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.desk.parts["mail"] = channel(1, templates=TEMPLATES)  # type: ignore[assignment]
    shown = await terminal.run("channels", "preview", "mail", "--kind", "summary")
    assert shown.startswith("subject:\nown summary: 1 alert: 1 critical; 1 over\n\ntext:\non several\n")
    (alert,) = await stage.report(problem("Fan Failed"))
    found = json.loads(
        await terminal.run("channels", "preview", "mail", "--alert", str(alert.id)[-8:], "--json")
    )
    assert found["parts"] == {"subject": "own problem: Fan Failed", "text": "on 10.9.9.9\nx", "html": ""}
    assert found["error"] == ""


async def test_a_failing_template_is_reported_with_the_default_texts(
    stage: Stage, terminal: Terminal
) -> None:
    """The exit status is 1; a channel that does not run is named."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.desk.parts["mail"] = channel(1, templates=TEMPLATES)  # type: ignore[assignment]
    (alert,) = await stage.report(problem("Bad"))
    shown = await terminal.run("channels", "preview", "mail", "--alert", str(alert.id), fails=True)
    assert "the template fails: templates.text: line 2: 'missing' is undefined" in shown
    assert "subject:\n[MAJOR] Bad" in shown
    assert "no running channel 'pager'" in await terminal.run("channels", "preview", "pager", fails=True)


async def test_default_texts_have_html_in_the_preview(stage: Stage, terminal: Terminal) -> None:
    """To look at it in a browser."""
    await ensure_local_token(stage.pool, terminal.folder)
    stage.desk.parts["mail"] = channel(1)  # type: ignore[assignment]
    shown = await terminal.run("channels", "preview", "mail", "--kind", "recovery", "--html")
    assert shown.startswith("<!DOCTYPE html>")
    assert "The problem is over after 30m" in shown
