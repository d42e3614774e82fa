"""Ntfy channel: publishes to a topic."""

from collections.abc import Mapping

from connectors.ntfy.config import NtfyConfig
from connectors.ntfy.message import message_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.errors import ConnectorError, Rejected
from opsconductor.model.notifications.notification import Notification, Receipt


class NtfyChannel:
    """Publishes each notification as a message."""

    def __init__(self, config: NtfyConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        self._config = config
        self._url = str(config.url)
        token = config.token.get_secret_value() if config.token else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._web = WebClient(
            config, context.destinations, headers=headers, secrets=[token, config.topic or ""]
        )

    async def send(self, notification: Notification) -> Receipt:
        """Publish one message.

        Raises:
            Unreachable: No answer, or one that means try later: 401, 403, 429, 5xx.
            Rejected: The server refuses topic or content.
        """
        notification = self._texts.written(notification)
        topic = notification.recipient or self._config.topic
        if not topic:
            raise Rejected("no topic: give the rule a recipient, or set topic")
        answer = await self._web.send_json("POST", self._url, message_of(notification, topic))
        found = answer.checked().document()
        return Receipt(detail=f"HTTP {answer.status}: message {found.get('id')}")

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Ask the server for its health; nothing is published."""
        try:
            answer = await self._web.send("GET", f"{self._url}v1/health")
            answer.checked()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        is_healthy = answer.document().get("healthy") is True
        state = "is healthy" if is_healthy else f"is not healthy: {answer.excerpt}"
        return CheckResult(ok=is_healthy, message=f"{answer.place} {state}", details={"server": answer.place})

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()
