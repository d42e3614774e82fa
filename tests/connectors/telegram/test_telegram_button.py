"""The acknowledge button in Telegram: by polling and by webhook, and the message names the person."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from connectors.telegram.channel import TelegramChannel
from connectors.telegram.config import TelegramConfig
from opsconductor.connector.acknowledging import AckOutcome, AckState
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.post import Post
from opsconductor.errors import DecodeError, Refused
from opsconductor.model.enums import NotificationKind
from tests.support.notify.notices import notice
from tests.support.snmp.trap_listener import until

TOKEN, SECRET = "123456:secret-token", "a-secret-of-webhooks"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
NOTICE = notice(recipient="-100123", facts={"severity": "critical", "status": "active"})
DONE = AckOutcome(state=AckState.DONE, text="Acknowledged by Anna Muster by Telegram.")


@dataclass
class BotApi:
    """A Bot API as Telegram documents it: updates stay until an offset confirms them.

    Attributes:
        updates: What has happened and is not confirmed.
        calls: Method and document of each call that is no getUpdates.
        is_conflicting: Another one asks for the updates.
    """

    updates: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    is_conflicting: bool = False

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a method."""
        token, method = request.match_info["token"], request.match_info["method"]
        if token != f"bot{TOKEN}":
            return web.json_response(
                {"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401
            )
        document = await request.json()
        if method == "getUpdates":
            return await self._updates(document)
        self.calls.append((method, document))
        result: Any = True
        if method in {"sendMessage", "editMessageText"}:
            result = {"message_id": 42, "chat": {"id": document["chat_id"]}, "text": document["text"]}
        return web.json_response({"ok": True, "result": result})

    async def _updates(self, asked: dict[str, Any]) -> web.Response:
        if self.is_conflicting:
            text = "Conflict: terminated by other getUpdates request"
            return web.json_response({"ok": False, "error_code": 409, "description": text}, status=409)
        offset = asked.get("offset", 0)
        self.updates[:] = [each for each in self.updates if each["update_id"] >= offset]
        if not self.updates:
            await asyncio.sleep(0.05)
        return web.json_response({"ok": True, "result": self.updates})


@asynccontextmanager
async def telegram(
    api: BotApi, outcome: AckOutcome = DONE, **config: Any
) -> AsyncIterator[tuple[TelegramChannel, list[tuple[UUID, str]], "asyncio.Task[None]"]]:
    """Run a channel against a Bot API; yield it, its acknowledgements, and its task."""
    asked: list[tuple[UUID, str]] = []

    async def acknowledge(alert_id: UUID, by: str) -> AckOutcome:
        asked.append((alert_id, by))
        return outcome

    app = web.Application()
    app.router.add_post("/{token}/{method}", api.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    given = {"token": TOKEN, "api_url": url, "buttons": "polling", "timeout": "5s", **config}
    context = ConnectorContext(name="telegram", data_dir=Path("/nowhere"), acknowledge=acknowledge)
    channel = TelegramChannel(TelegramConfig.model_validate(given), context)
    working = asyncio.create_task(channel.work())
    try:
        yield channel, asked, working
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await working
        await channel.close()
        await runner.cleanup()


def pressed(sent: dict[str, Any], number: int = 7, **changes: Any) -> dict[str, Any]:
    """Make the update of a press of the button in a message, as Telegram documents it."""
    (row,) = sent["reply_markup"]["inline_keyboard"]
    query = {
        "id": "4382bfdwdsb323b2d9",
        "from": {"id": 99, "is_bot": False, "first_name": "Anna", "last_name": "Muster", "username": "anna"},
        "message": {
            "message_id": 42,
            "chat": {"id": -100123, "type": "supergroup"},
            "date": 1772600767,
            "text": "[CRITICAL] Link Down",
            "entities": [{"offset": 0, "length": 10, "type": "bold"}],
        },
        "chat_instance": "1",
        "data": row[0]["callback_data"],
        **changes,
    }
    return {"update_id": number, "callback_query": query}


def post(body: bytes, secret: str = SECRET) -> Post:
    """Post an update as Telegram does."""
    headers = {"x-telegram-bot-api-secret-token": secret}
    return Post(headers=headers, query={}, body=body, peer="149.154.160.1", received_at=NOW)


async def test_a_press_is_polled_acknowledged_and_confirmed() -> None:
    """In the person's name; popup and message show it, the button is gone, the update is confirmed."""
    api = BotApi()
    async with telegram(api) as (channel, asked, _):
        await channel.send(NOTICE)
        ((method, sent),) = api.calls
        assert method == "sendMessage"
        assert len(sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"]) <= 64
        api.updates.append(pressed(sent))
        await until(lambda: len(api.calls) == 3 and not api.updates)
    assert asked == [(NOTICE.alert_id, "Anna Muster by Telegram")]
    (_, popup), (method, edit) = api.calls[1:]
    assert popup == {"callback_query_id": "4382bfdwdsb323b2d9", "text": DONE.text, "show_alert": False}
    assert (method, edit["chat_id"], edit["message_id"]) == ("editMessageText", -100123, 42)
    assert edit["text"].startswith("[CRITICAL] Link Down\n\n")
    assert edit["text"].endswith(DONE.text)
    assert edit["entities"] == [{"offset": 0, "length": 10, "type": "bold"}]
    assert "reply_markup" not in edit


async def test_a_press_comes_by_webhook_with_the_secret_only() -> None:
    """A wrong secret is refused; an update without a press is answered 200, so that it is not repeated."""
    api = BotApi()
    async with telegram(api, buttons="webhook", webhook_secret=SECRET) as (channel, asked, _):
        await channel.send(NOTICE)
        update = pressed(api.calls[0][1])
        with pytest.raises(Refused):
            channel.is_proven(post(b"", "another-secret-of-webhooks"))
        for body in (
            b'{"update_id": 1, "message": {}}',
            json.dumps(pressed(api.calls[0][1], data="x")).encode(),
        ):
            assert (await channel.receive(post(body))).status == 200
        with pytest.raises(DecodeError):
            await channel.receive(post(b"[" * 100_000))
        assert channel.is_proven(post(b""))
        await channel.receive(post(json.dumps(update).encode()))
        await until(lambda: len(api.calls) == 3)
    assert asked == [(NOTICE.alert_id, "Anna Muster by Telegram")]


async def test_an_acknowledgement_of_another_person_is_shown() -> None:
    """As a box to be closed; the message names the other person."""
    api = BotApi()
    outcome = AckOutcome(state=AckState.ALREADY, text="Ben has acknowledged this already.")
    async with telegram(api, outcome) as (channel, _, __):
        await channel.send(NOTICE)
        api.updates.append(pressed(api.calls[0][1]))
        await until(lambda: len(api.calls) == 3)
    assert api.calls[1][1]["show_alert"] is True
    assert "Ben has acknowledged" in api.calls[2][1]["text"]


async def test_what_could_not_be_stored_leaves_the_button() -> None:
    """The person sees the reason, the message is unchanged."""
    api = BotApi()
    outcome = AckOutcome(state=AckState.UNSETTLED, text="Please try again.")
    async with telegram(api, outcome) as (channel, _, __):
        await channel.send(NOTICE)
        sent = api.calls[0][1]
        api.updates += [pressed(sent), pressed(sent, 8)]
        await until(lambda: len(api.calls) == 3)
    assert [method for method, _ in api.calls] == [
        "sendMessage",
        "answerCallbackQuery",
        "answerCallbackQuery",
    ]


async def test_an_old_message_is_acknowledged_without_an_edit() -> None:
    """Telegram does not return its content any more."""
    api = BotApi()
    async with telegram(api) as (channel, asked, _):
        await channel.send(NOTICE)
        old = {"message_id": 42, "chat": {"id": -100123}, "date": 0}
        api.updates.append(pressed(api.calls[0][1], message=old))
        await until(lambda: len(api.calls) == 2 and bool(asked))


async def test_another_one_that_polls_is_named() -> None:
    """The task ends with the remedy; the supervisor shows it and tries again."""
    api = BotApi(is_conflicting=True)
    async with telegram(api) as (_, __, working):
        await until(working.done)
        assert "something else asks for the updates of this bot" in str(working.exception())


async def test_messages_without_buttons_and_about_what_is_taken_have_no_keyboard() -> None:
    """Not configured; acknowledged; over; several alerts in one message."""
    api = BotApi()
    async with telegram(api, buttons=None) as (channel, _, __):
        await channel.send(NOTICE)
    async with telegram(api) as (channel, _, __):
        for status in ("acknowledged", "resolved"):
            await channel.send(notice(recipient="-100123", facts={"severity": "critical", "status": status}))
        await channel.send(replace(NOTICE, kind=NotificationKind.SUMMARY))
    assert len(api.calls) == 4
    assert all("reply_markup" not in document for _, document in api.calls)


@pytest.mark.parametrize("config", [{"buttons": "webhook"}, {"webhook_secret": "a-secret-of-webhooks"}])
def test_webhook_and_secret_belong_together(config: dict[str, Any]) -> None:
    """One without the other is refused."""
    with pytest.raises(ValueError, match="belong together"):
        TelegramConfig.model_validate({"token": TOKEN, **config})
