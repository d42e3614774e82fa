"""Slack channel: an incoming webhook, or the Web API with the token of a bot."""

import asyncio
import logging
from collections.abc import Iterator, Mapping

from connectors.slack.button import Press, answered, check_head, check_signature, press_of
from connectors.slack.config import SlackConfig
from connectors.slack.failures import GONE, failure_of_error
from connectors.slack.message import Json, line_of, message_of
from opsconductor.connector.acknowledging import AckState
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.redact import secrets_of_url
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.connector.post import Post, PostResult
from opsconductor.errors import ConnectorError, Refused, Rejected, Unreachable
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification, Receipt

Document = Mapping[str, object]
BROADCAST = frozenset({NotificationKind.WORSE, NotificationKind.REMINDER})
"""Kinds that are posted to the channel as well, not to the thread alone."""
NO_PREVIEW = {"unfurl_links": False}
MOST_PRESSES = 100
"""Presses that wait; more are refused, and the person sees that."""
RESPONSE_HOSTS = ("https://hooks.slack.com/", "https://slack.com/")

log = logging.getLogger(__name__)


class SlackChannel:
    """Posts each notification; a bot updates the message of the problem and adds to its thread."""

    def __init__(self, config: SlackConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._texts = OwnTexts(config.templates, context.report_template)
        self._presses: asyncio.Queue[Press] = asyncio.Queue(MOST_PRESSES)
        token = config.bot_token.get_secret_value() if config.bot_token else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._web = WebClient(config, context.destinations, headers=headers, secrets=secrets_of(config))

    async def send(self, notification: Notification) -> Receipt:
        """Send one message.

        Raises:
            Unreachable: No answer, a limit, a fault of Slack, or credentials that can be corrected.
            Rejected: Slack refuses channel or content.
        """
        notification = self._texts.written(notification)
        if self._config.webhook_url is not None:
            return await self._post_to_webhook(str(self._config.webhook_url), notification)
        channel, ts = notification.earlier.get("channel"), notification.earlier.get("ts")
        if isinstance(channel, str) and isinstance(ts, str):
            return await self._follow(notification, channel, ts)
        return await self._begin(notification)

    def is_proven(self, head: Post) -> bool:
        """Return False: the signature covers the body; raises Refused if the headers are wrong."""
        self._signing_secret()
        check_head(head)
        return False

    async def receive(self, post: Post) -> PostResult:
        """Accept a press of the button; Slack is answered at once, as it requires, and the message later.

        Raises:
            Refused: The signature is wrong, or too many presses wait.
            DecodeError: It is no press of the button.
        """
        check_signature(post, self._signing_secret())
        try:
            self._presses.put_nowait(press_of(post.body))
        except asyncio.QueueFull:
            raise Refused("too_many", "too many presses wait", status=503) from None
        return PostResult(answer={})

    async def work(self) -> None:
        """Acknowledge for those who have pressed the button, until cancelled."""
        while True:
            press = await self._presses.get()
            try:
                await self._acknowledge(press)
            except ConnectorError as error:
                log.warning(
                    "a message could not be brought up to date after an acknowledgement",
                    extra={"connector": self._context.name, "error": str(error)},
                )

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Ask Slack who the bot is, or connect to the webhook; nothing is posted."""
        if self._config.webhook_url is not None:
            return await self._web.check(str(self._config.webhook_url))
        try:
            found = await self._call("auth.test", {})
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        details = {name: found.get(name) for name in ("team", "user", "url")}
        return CheckResult(ok=True, message=f"Slack knows the bot {found.get('user')}", details=details)

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    def _signing_secret(self) -> str:
        secret = self._config.signing_secret
        if secret is None:
            raise Refused(
                "unauthorized", "signing_secret is not set: this channel takes no posts", status=401
            )
        return secret.get_secret_value()

    async def _acknowledge(self, press: Press) -> None:
        """Acknowledge, and write the outcome into the message; if it was not stored, the button stays."""
        outcome = await self._context.acknowledge(press.alert_id, press.by)
        if outcome.state is AckState.UNSETTLED:
            await self._respond(press, {"replace_original": False, "text": outcome.text})
        elif self._config.bot_token is not None:
            where = {"channel": press.channel, "ts": press.ts}
            await self._call("chat.update", {**where, **answered(press.message, outcome.text)}, but=GONE)
        else:
            await self._respond(press, {"replace_original": True, **answered(press.message, outcome.text)})

    async def _respond(self, press: Press, document: Document) -> None:
        """Answer a press by the address that came with it, if that is Slack's."""
        if press.response_url.startswith((*RESPONSE_HOSTS, str(self._config.api_url))):
            (await self._web.send_json("POST", press.response_url, document)).checked()

    def _message(self, notification: Notification) -> Json:
        return message_of(notification, has_button=self._config.signing_secret is not None)

    async def _post_to_webhook(self, url: str, notification: Notification) -> Receipt:
        answer = await self._web.send_json("POST", url, {**self._message(notification), **NO_PREVIEW})
        return Receipt(detail=f"HTTP {answer.checked().status}: {answer.excerpt}")

    async def _begin(self, notification: Notification) -> Receipt:
        channel = notification.recipient or self._config.channel
        if not channel:
            raise Rejected("no channel: give the rule a recipient such as #noc, or set channel")
        message = {"channel": channel, **self._message(notification), **NO_PREVIEW}
        found = await self._call("chat.postMessage", message)
        return _receipt(found)

    async def _follow(self, notification: Notification, channel: str, ts: str) -> Receipt:
        """Bring the message of the problem up to date and say so in its thread, where it is noticed.

        The update comes first: it can be repeated without harm if the second call fails.
        """
        where = {"channel": channel, "ts": ts}
        found = await self._call("chat.update", {**where, **self._message(notification)}, but=GONE)
        if found.get("error") in GONE:
            return await self._begin(notification)
        reply = {
            "channel": channel,
            "thread_ts": ts,
            "text": line_of(notification),
            "reply_broadcast": notification.kind in BROADCAST,
            **NO_PREVIEW,
        }
        await self._call("chat.postMessage", reply)
        return Receipt(detail=f"Slack: updated {ts}", metadata=where)

    async def _call(self, method: str, document: Document, *, but: frozenset[str] = frozenset()) -> Document:
        """Call a method of the Web API and return its answer.

        Args:
            but: Errors that are returned instead of raised.
        """
        answer = await self._web.send_json("POST", f"{self._config.api_url}{method}", document)
        found = answer.checked().document()
        error = found.get("error")
        if found.get("ok") is True or error in but:
            return found
        if not isinstance(error, str):
            raise Unreachable(f"{answer.place} answers {method} without JSON: {answer.excerpt}")
        raise failure_of_error(method, self._web.redacted(error), answer.retry_after)


def _receipt(found: Document) -> Receipt:
    metadata = {name: found[name] for name in ("channel", "ts") if isinstance(found.get(name), str)}
    return Receipt(detail=f"Slack: posted {found.get('ts')}", metadata=metadata)


def secrets_of(config: SlackConfig) -> Iterator[str]:
    """Yield the texts of a configuration that must not be shown."""
    if config.bot_token is not None:
        yield config.bot_token.get_secret_value()
    if config.signing_secret is not None:
        yield config.signing_secret.get_secret_value()
    if config.webhook_url is not None:
        yield from secrets_of_url(str(config.webhook_url))
