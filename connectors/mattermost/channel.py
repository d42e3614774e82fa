"""Channel to Mattermost and Rocket.Chat: incoming webhooks, and Mattermost's API with a bot."""

from collections.abc import Iterator, Mapping

from connectors.mattermost.config import POST_ID, MattermostConfig
from connectors.mattermost.message import attachment_of, line_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.redact import secrets_of_url
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.errors import ConnectorError, Rejected
from opsconductor.model.notifications.notification import Notification, Receipt

NOT_FOUND, FORBIDDEN = 404, 403


class MattermostChannel:
    """Posts each notification; a bot updates the message of the problem and adds to its thread."""

    def __init__(self, config: MattermostConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        self._config = config
        token = config.bot_token.get_secret_value() if config.bot_token else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._api = f"{str(config.url).rstrip('/')}/api/v4"
        self._web = WebClient(config, context.destinations, headers=headers, secrets=secrets_of(config))

    async def send(self, notification: Notification) -> Receipt:
        """Send one message.

        Raises:
            Unreachable: No answer, or one that means try later.
            Rejected: The server refuses channel or content.
        """
        notification = self._texts.written(notification)
        if self._config.webhook_url is not None:
            return await self._post_to_webhook(str(self._config.webhook_url), notification)
        first = notification.earlier.get("post_id")
        if isinstance(first, str) and await self._update(first, notification):
            channel = notification.earlier.get("channel_id")
            await self._post({"channel_id": channel, "root_id": first, "message": line_of(notification)})
            return Receipt(detail=f"Mattermost: updated {first}", metadata=notification.earlier)
        channel = notification.recipient or self._config.channel or ""
        if not POST_ID.fullmatch(channel):
            raise Rejected(f"{channel!r} is not the id of a channel: it has 26 letters and digits")
        found = await self._post({"channel_id": channel, **self._content(notification)})
        number = found.get("id")
        metadata = {"post_id": number, "channel_id": channel} if isinstance(number, str) else {}
        return Receipt(detail=f"Mattermost: posted {number}", metadata=metadata)

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Ask who the bot is, or connect to the webhook; nothing is posted."""
        if self._config.webhook_url is not None:
            return await self._web.check(str(self._config.webhook_url))
        try:
            found = (await self._web.send("GET", f"{self._api}/users/me")).checked().document()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        return CheckResult(ok=True, message=f"Mattermost knows the bot {found.get('username')}")

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    async def _post_to_webhook(self, url: str, notification: Notification) -> Receipt:
        is_rocket = self._config.server == "rocketchat"
        document: dict[str, object] = {
            "text": line_of(notification),
            "attachments": [attachment_of(notification, is_rocket=is_rocket)],
        }
        if channel := notification.recipient or self._config.channel:
            document["channel"] = channel
        answer = (await self._web.send_json("POST", url, document)).checked()
        if is_rocket and answer.document().get("success") is False:
            raise Rejected(f"{answer.place} refuses the message: {answer.excerpt}")
        return Receipt(detail=f"HTTP {answer.status}")

    async def _update(self, post_id: str, notification: Notification) -> bool:
        """Bring a message up to date; return False if it is gone or may not be edited any more."""
        url = f"{self._api}/posts/{post_id}/patch"
        answer = await self._web.send_json("PUT", url, self._content(notification))
        if answer.status in (NOT_FOUND, FORBIDDEN):
            return False
        answer.checked()
        return True

    async def _post(self, document: Mapping[str, object]) -> Mapping[str, object]:
        answer = await self._web.send_json("POST", f"{self._api}/posts", document)
        return answer.checked().document()

    def _content(self, notification: Notification) -> Mapping[str, object]:
        attachments = [attachment_of(notification, is_rocket=False)]
        return {"message": line_of(notification), "props": {"attachments": attachments}}


def secrets_of(config: MattermostConfig) -> Iterator[str]:
    """Yield the texts of a configuration that must not be shown."""
    if config.bot_token is not None:
        yield config.bot_token.get_secret_value()
    if config.webhook_url is not None:
        yield from secrets_of_url(str(config.webhook_url))
