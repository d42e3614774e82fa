"""Telegram channel: the Bot API."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

from connectors.telegram.button import (
    TelegramPress,
    answered,
    check_token,
    keyboard_of,
    numbered,
    press_of,
    update_of,
)
from connectors.telegram.config import TelegramConfig
from connectors.telegram.message import html_of, line_of, plain_of
from opsconductor.connector.acknowledging import AckState
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import can_be_acknowledged, shown_severity
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.web import WebAnswer, WebClient
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import ConnectorError, Refused, Rejected, Unreachable
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification, Receipt

BAD_REQUEST, NOT_FOUND = 400, 404
NO_MARKUP = "can't parse entities"
UNCHANGED = "message is not modified"
UNEDITABLE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NO_PREVIEW = {"is_disabled": True}
CONFLICT = 409
MOST_PRESSES = 100
"""Presses that wait; Telegram posts again what is refused."""
LONGEST_POPUP = 200
ANSWER_RESERVE_S = 3
"""Seconds by which Telegram is asked to answer before an attempt times out."""

log = logging.getLogger(__name__)


class TelegramChannel:
    """Sends each notification; later ones edit the message of the problem and reply to it."""

    def __init__(self, config: TelegramConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._texts = OwnTexts(config.templates, context.report_template)
        self._presses: asyncio.Queue[TelegramPress] = asyncio.Queue(MOST_PRESSES)
        token = config.token.get_secret_value()
        self._url = f"{config.api_url}bot{token}/"
        self._web = WebClient(config, context.destinations, headers={}, secrets=[token])

    async def send(self, notification: Notification) -> Receipt:
        """Send one message.

        Raises:
            Unreachable: No answer, 429 with the time to wait, 5xx, or a token that can be corrected.
            Rejected: Telegram refuses chat or content.
        """
        notification = self._texts.written(notification)
        chat = notification.recipient or self._config.chat
        if not chat:
            raise Rejected("no chat: give the rule a recipient such as -1001234567890, or set chat")
        first = notification.earlier.get("message_id")
        if isinstance(first, int) and await self._edit(chat, first, notification):
            reply = {"reply_parameters": {"message_id": first, "allow_sending_without_reply": True}}
            text = {"text": line_of(notification)}
            await self._call("sendMessage", {**self._where(chat, notification), **text, **reply})
            return Receipt(detail=f"Telegram: edited {first}", metadata={"message_id": first})
        found = await self._write("sendMessage", self._where(chat, notification), notification)
        message = found.get("result")
        number = message.get("message_id") if isinstance(message, Mapping) else None
        return Receipt(detail=f"Telegram: sent {number}", metadata={"message_id": number} if number else {})

    def is_proven(self, head: Post) -> bool:
        """Return True if a post carries our secret; raises Refused otherwise."""
        secret = self._config.webhook_secret
        if secret is None:
            raise Refused("unauthorized", "buttons is not webhook: this channel takes no posts", status=401)
        check_token(head, secret.get_secret_value())
        return True

    async def receive(self, post: Post) -> PostResult:
        """Accept an update; presses are acknowledged by `work`.

        Raises:
            Refused: The secret is wrong, or too many presses wait.
            DecodeError: It is no JSON.
        """
        self.is_proven(post)
        press = press_of(update_of(post.body))
        if press is None:
            return PostResult(answer={})  # a refusal would be posted again and again
        try:
            self._presses.put_nowait(press)
        except asyncio.QueueFull:
            raise Refused("too_many", "too many presses wait", status=503) from None
        return PostResult(answer={})

    async def work(self) -> None:
        """Acknowledge for those who have pressed the button, until cancelled."""
        if self._config.buttons == "polling":
            async for press in self._polled():
                await self._acknowledge(press)
        while True:
            await self._acknowledge(await self._presses.get())

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Ask for the bot's own name (getMe); nothing is sent."""
        try:
            found = await self._call("getMe", {})
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        bot = found.get("result")
        name = bot.get("username") if isinstance(bot, Mapping) else None
        return CheckResult(ok=True, message=f"Telegram knows the bot @{name}", details={"bot": name})

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    async def _polled(self) -> AsyncIterator[TelegramPress]:
        """Ask for updates for ever; raises Unreachable or Rejected."""
        wait_s = max(0, int(self._config.timeout.total_seconds()) - ANSWER_RESERVE_S)
        asked: dict[str, object] = {"timeout": wait_s, "allowed_updates": ["callback_query"]}
        while True:
            updates = (await self._call("getUpdates", asked)).get("result")
            self._context.report_up()
            for number, update in numbered(updates):
                asked["offset"] = number + 1
                if (press := press_of(update)) is not None:
                    yield press
            if not wait_s:
                await asyncio.sleep(1)

    async def _acknowledge(self, press: TelegramPress) -> None:
        """Acknowledge, say so to the person and in the message; if it was not stored, the button stays."""
        outcome = await self._context.acknowledge(press.alert_id, press.by)
        is_done = outcome.state is AckState.DONE
        popup = {"text": outcome.text[:LONGEST_POPUP], "show_alert": not is_done}
        try:
            await self._call("answerCallbackQuery", {"callback_query_id": press.id, **popup})
            edit = answered(press.message, outcome.text)
            if edit is not None and outcome.state is not AckState.UNSETTLED:
                await self._call("editMessageText", {**edit, "link_preview_options": NO_PREVIEW})
        except ConnectorError as error:
            log.warning(
                "a message could not be brought up to date after an acknowledgement",
                extra={"connector": self._context.name, "error": str(error)},
            )

    def _where(self, chat: str, notification: Notification) -> dict[str, object]:
        """Return chat, topic and sound of a message."""
        chat, _, topic = chat.partition(":")
        where: dict[str, object] = {"chat_id": chat if chat.startswith("@") else int(chat)}
        if topic:
            where["message_thread_id"] = int(topic)
        if self._config.silent_below_critical and shown_severity(notification) != Severity.CRITICAL:
            where["disable_notification"] = True
        return where

    async def _edit(self, chat: str, message_id: int, notification: Notification) -> bool:
        """Bring the message of the problem up to date; return False if it can no longer be edited."""
        where = {"chat_id": self._where(chat, notification)["chat_id"], "message_id": message_id}
        try:
            await self._write("editMessageText", where, notification)
        except Rejected as refused:
            if UNCHANGED in str(refused):
                return True
            if any(words in str(refused) for words in UNEDITABLE):
                return False
            raise
        return True

    async def _write(
        self, method: str, where: Mapping[str, object], notification: Notification
    ) -> Mapping[str, object]:
        """Send the message as HTML, and as plain text if Telegram cannot read that."""
        common = {**where, "link_preview_options": NO_PREVIEW}
        if self._config.buttons is not None and can_be_acknowledged(notification):
            common |= keyboard_of(notification.alert_id)
        try:
            return await self._call(
                method, {**common, "text": html_of(self._shown(notification)), "parse_mode": "HTML"}
            )
        except Rejected as refused:
            if NO_MARKUP not in str(refused) and "too long" not in str(refused):
                raise
        return await self._call(method, {**common, "text": plain_of(self._shown(notification))})

    def _shown(self, notification: Notification) -> Notification:
        """Return a notification without the link if its message has a button."""
        return replace(notification, acknowledge_url="") if self._config.buttons is not None else notification

    async def _call(self, method: str, document: Mapping[str, object]) -> Mapping[str, object]:
        answer = await self._web.send_json("POST", f"{self._url}{method}", document)
        found = answer.document()
        if answer.is_taken and found.get("ok") is True:
            return found
        raise _failure(answer, found, method)


def _failure(answer: WebAnswer, found: Mapping[str, object], method: str) -> Unreachable | Rejected:
    parameters = found.get("parameters")
    known = parameters if isinstance(parameters, Mapping) else {}
    wait = known.get("retry_after")
    if isinstance(wait, int):
        return Unreachable(
            f"{answer.place} answers HTTP {answer.status}: {answer.excerpt}",
            retry_after=timedelta(seconds=max(0, min(wait, 86_400))),
        )
    if answer.status == CONFLICT:
        return Unreachable(
            f"{answer.place} answers {method} with a conflict: something else asks for the updates of this "
            "bot, or it has a webhook (deleteWebhook)"
        )
    if answer.status == NOT_FOUND and not known:
        return Unreachable(f"{answer.place} does not know the bot (HTTP 404): check token")
    moved = known.get("migrate_to_chat_id")
    if moved is not None:
        return Rejected(f"the chat has become a supergroup with the id {moved}: change the recipient")
    if answer.is_taken:
        return Unreachable(f"{answer.place} answers {method} with something else: {answer.excerpt}")
    return answer.failure()
