"""Slack channel: an incoming webhook, or the Web API with the token of a bot."""

from collections.abc import Iterator, Mapping

from connectors.slack.config import SlackConfig
from connectors.slack.failures import GONE, failure_of_error
from connectors.slack.message import line_of, message_of
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.redact import secrets_of_url
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification, Receipt

Document = Mapping[str, object]
NO_PREVIEW = {"unfurl_links": False}


class SlackChannel:
    """Posts each notification; a bot updates the message of the problem and adds to its thread."""

    def __init__(self, config: SlackConfig) -> None:
        self._config = config
        token = config.bot_token.get_secret_value() if config.bot_token else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._web = WebClient(config, headers=headers, secrets=secrets_of(config))

    async def send(self, notification: Notification) -> Receipt:
        """Send one message.

        Raises:
            Unreachable: No answer, a limit, a fault of Slack, or credentials that can be corrected.
            Rejected: Slack refuses channel or content.
        """
        if self._config.webhook_url is not None:
            return await self._post_to_webhook(str(self._config.webhook_url), notification)
        channel, ts = notification.earlier.get("channel"), notification.earlier.get("ts")
        if isinstance(channel, str) and isinstance(ts, str):
            return await self._follow(notification, channel, ts)
        return await self._begin(notification)

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

    async def _post_to_webhook(self, url: str, notification: Notification) -> Receipt:
        answer = await self._web.send_json("POST", url, {**message_of(notification), **NO_PREVIEW})
        return Receipt(detail=f"HTTP {answer.checked().status}: {answer.excerpt}")

    async def _begin(self, notification: Notification) -> Receipt:
        channel = notification.recipient or self._config.channel
        if not channel:
            raise Rejected("no channel: give the rule a recipient such as #noc, or set channel")
        message = {"channel": channel, **message_of(notification), **NO_PREVIEW}
        found = await self._call("chat.postMessage", message)
        return _receipt(found)

    async def _follow(self, notification: Notification, channel: str, ts: str) -> Receipt:
        """Bring the message of the problem up to date and say so in its thread, where it is noticed.

        The update comes first: it can be repeated without harm if the second call fails.
        """
        where = {"channel": channel, "ts": ts}
        found = await self._call("chat.update", {**where, **message_of(notification)}, but=GONE)
        if found.get("error") in GONE:
            return await self._begin(notification)
        reply = {
            "channel": channel,
            "thread_ts": ts,
            "text": line_of(notification),
            "reply_broadcast": notification.kind is NotificationKind.WORSE,
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
    if config.webhook_url is not None:
        yield from secrets_of_url(str(config.webhook_url))
