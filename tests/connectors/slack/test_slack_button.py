"""The acknowledge button in Slack: only Slack can press it, and the message names the person."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from aiohttp import web

from connectors.slack.channel import SlackChannel
from connectors.slack.config import SlackConfig
from opsconductor.connector.acknowledging import AckOutcome, AckState
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.post import Post
from opsconductor.errors import DecodeError, Refused
from tests.support.notify.hook_server import Hook, hooked
from tests.support.notify.notices import notice
from tests.support.snmp.trap_listener import until

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
NOTICE = notice(
    recipient="#noc", facts={"severity": "critical", "status": "active"}, rows=(("Device", "sw1"),)
)


@dataclass
class Desk:
    """The daemon's side of acknowledgements.

    Attributes:
        asked: Alert and person of each.
    """

    outcome: AckOutcome
    asked: list[tuple[UUID, str]] = field(default_factory=list)

    async def acknowledge(self, alert_id: UUID, by: str) -> AckOutcome:
        """Answer as chosen."""
        self.asked.append((alert_id, by))
        return self.outcome


@asynccontextmanager
async def slack(desk: Desk, **config: Any) -> AsyncIterator[tuple[SlackChannel, Hook, str]]:
    """Run a channel against a server with Slack's answers; yield it, the server and its address."""
    answers = [web.json_response({"ok": True, "channel": "C0123", "ts": "1700000000.000100"})]
    hook = Hook(answers=answers)
    async with hooked(hook) as port:
        api = f"http://localhost:{port}/"
        given = {"bot_token": "xoxb-1-test", "signing_secret": SECRET, "api_url": f"{api}api/", **config}
        context = ConnectorContext(name="slack", data_dir=Path("/nowhere"), acknowledge=desk.acknowledge)
        channel = SlackChannel(SlackConfig.model_validate(given), context)
        working = asyncio.create_task(channel.work())
        try:
            yield channel, hook, api
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            await channel.close()


def payload(message: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Make a payload as Slack documents it for block_actions, of the button in a message."""
    blocks = [block for each in message["attachments"] for block in each["blocks"]]
    (button,) = [each for block in blocks if block["type"] == "actions" for each in block["elements"]]
    return {
        "type": "block_actions",
        "user": {"id": "U061F7AUR", "username": "anna", "name": "anna", "team_id": "T0CAG"},
        "api_app_id": "A02",
        "container": {"type": "message_attachment", "message_ts": "1700000000.000100", "channel_id": "C0123"},
        "trigger_id": "12466734323.1395872398",
        "channel": {"id": "C0123", "name": "noc"},
        "message": {"bot_id": "B01", "type": "message", "ts": "1700000000.000100", **message},
        "response_url": "https://hooks.slack.com/actions/T0CAG/1/2",
        "actions": [{**button, "block_id": "/DS", "action_ts": "1700000060.000200"}],
        **changes,
    }


def post(document: dict[str, Any], *, secret: str = SECRET, age_s: int = 0) -> Post:
    """Sign a post as Slack does."""
    body = urlencode({"payload": json.dumps(document)}).encode()
    at = str(int(NOW.timestamp()) - age_s)
    signature = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={signature}"}
    return Post(headers=headers, query={}, body=body, peer="192.0.2.1", received_at=NOW)


async def sent(channel: SlackChannel, hook: Hook) -> dict[str, Any]:
    """Send a message and return it as received by Slack."""
    await channel.send(NOTICE)
    message: dict[str, Any] = json.loads(hook.requests.pop().body)
    return {name: message[name] for name in ("text", "attachments")}


DONE = AckOutcome(state=AckState.DONE, text="Acknowledged by anna by Slack.")


async def test_a_press_acknowledges_and_the_message_says_who(caplog: pytest.LogCaptureFixture) -> None:
    """In the name of the person; the button is gone from the message, everything else stays."""
    desk = Desk(DONE)
    async with slack(desk) as (channel, hook, _):
        message = await sent(channel, hook)
        press = post(payload(message))
        assert not channel.is_proven(press)
        assert (await channel.receive(press)).status == 200
        await until(lambda: bool(hook.requests))
    assert desk.asked == [(NOTICE.alert_id, "anna by Slack")]
    (update,) = hook.requests
    document = json.loads(update.body)
    assert (update.path, document["channel"], document["ts"]) == (
        "/api/chat.update",
        "C0123",
        "1700000000.000100",
    )
    blocks = document["attachments"][0]["blocks"]
    assert [block["type"] for block in blocks] == ["section", "context", "context"]
    assert blocks[1]["elements"][0]["text"] == DONE.text
    assert document["text"] == message["text"]
    assert not caplog.records


async def test_a_webhook_is_updated_by_the_address_that_came_with_the_press() -> None:
    """Without the token of a bot; and only if that address is Slack's."""
    desk = Desk(DONE)
    async with hooked(Hook()) as elsewhere:
        outside = f"http://localhost:{elsewhere}/actions"
        async with slack(desk) as (bot, hook, api):
            message = await sent(bot, hook)
        async with slack(desk, bot_token=None, webhook_url="https://hooks.slack.com/x") as (
            channel,
            hook,
            api,
        ):
            await channel.receive(post(payload(message, response_url=outside)))
            await channel.receive(post(payload(message, response_url=f"{api}api/actions/1")))
            await until(lambda: bool(hook.requests))
            (update,) = hook.requests
    assert len(desk.asked) == 2
    document = json.loads(update.body)
    assert (update.path, document["replace_original"]) == ("/api/actions/1", True)


async def test_what_could_not_be_stored_leaves_the_button() -> None:
    """The person sees the reason, and can press again."""
    desk = Desk(AckOutcome(state=AckState.UNSETTLED, text="Please try again."))
    async with slack(desk) as (channel, hook, api):
        message = await sent(channel, hook)
        await channel.receive(post(payload(message, response_url=f"{api}api/actions/1")))
        await until(lambda: bool(hook.requests))
    document = json.loads(hook.requests[0].body)
    assert document == {"replace_original": False, "text": "Please try again."}


@pytest.mark.parametrize("how", ["wrong", "old", "early", "missing", "other body"])
async def test_only_slack_can_press(how: str) -> None:
    """A wrong or missing signature, a replay and a changed body are refused; nothing is acknowledged."""
    desk = Desk(DONE)
    async with slack(desk) as (channel, hook, _):
        good = payload(await sent(channel, hook))
        made = {
            "wrong": post(good, secret="another secret"),
            "old": post(good, age_s=301),
            "early": post(good, age_s=-301),
            "missing": Post(headers={}, query={}, body=b"payload=1", peer="", received_at=NOW),
            "other body": post(good),
        }[how]
        if how == "other body":
            other = post(
                payload({"attachments": [{"blocks": [good["message"]["attachments"][0]["blocks"][1]]}]})
            )
            made = Post(headers=made.headers, query={}, body=other.body, peer="", received_at=NOW)
        with pytest.raises(Refused) as refused:
            await channel.receive(made)
        assert refused.value.status == 401
    assert desk.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=",
        b"payload=%7B%7D",
        b"payload=[]",
        urlencode({"payload": json.dumps({"actions": [{"action_id": "x", "value": "y"}]})}).encode(),
        urlencode({"payload": json.dumps({"actions": "x"})}).encode(),
        urlencode({"payload": "[" * 100_000}).encode(),
        b"\xff\xfe",
    ],
)
async def test_something_else_of_slack_is_no_press(body: bytes) -> None:
    """Signed, but none of ours."""
    at = str(int(NOW.timestamp()))
    signature = hmac.new(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={signature}"}
    async with slack(Desk(DONE)) as (channel, _, __):
        with pytest.raises(DecodeError, match="not_an_action"):
            await channel.receive(Post(headers=headers, query={}, body=body, peer="", received_at=NOW))


async def test_without_a_signing_secret_no_post_is_taken() -> None:
    """And the message has no button of its own."""
    async with slack(Desk(DONE), signing_secret=None) as (channel, hook, _):
        message = await sent(channel, hook)
        assert "actions" not in json.dumps(message)
        with pytest.raises(Refused):
            channel.is_proven(Post(headers={}, query={}, body=b"", peer="", received_at=NOW))


async def test_a_message_that_is_gone_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    """It is acknowledged all the same; another failure of Slack is one line in the log."""
    desk = Desk(DONE)
    async with slack(desk) as (channel, hook, _):
        message = await sent(channel, hook)
        hook.answers[:] = [
            web.json_response({"ok": False, "error": "message_not_found"}),
            web.json_response({"ok": False, "error": "invalid_auth"}),
        ]
        for _ in range(2):
            await channel.receive(post(payload(message)))
        await until(lambda: len(hook.requests) == 2 and bool(caplog.records))
    assert len(desk.asked) == 2
    assert [record.message for record in caplog.records] == [
        "a message could not be brought up to date after an acknowledgement"
    ]
    assert "xoxb" not in caplog.text
