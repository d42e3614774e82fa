"""Gotify channel: posts messages of one application.

Source:
    gotify.net/api-docs: POST /message, GET /health.
"""

from collections.abc import Mapping

from connectors.gotify.config import GotifyConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import detail_of, shortened, shown_severity
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.errors import ConnectorError
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification, Receipt

LONGEST_MESSAGE = 10_000
LONGEST_TITLE = 500
PRIORITIES: Mapping[str, int] = {
    Severity.CRITICAL: 10,
    Severity.MAJOR: 8,
    Severity.MINOR: 5,
    Severity.WARNING: 5,
    Severity.INFO: 2,
    Severity.CLEAR: 5,
}
"""From 8 on the app makes a noise, from 4 on a sound, from 1 on it shows the message."""


class GotifyChannel:
    """Posts each notification as a message."""

    def __init__(self, config: GotifyConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        token = config.token.get_secret_value()
        self._url = f"{str(config.url).rstrip('/')}/"
        self._web = WebClient(config, context.destinations, headers={"X-Gotify-Key": token}, secrets=[token])

    async def send(self, notification: Notification) -> Receipt:
        """Post one message.

        Raises:
            Unreachable: No answer, or one that means try later: 401, 403, 429, 5xx.
            Rejected: The server refuses the content.
        """
        notification = self._texts.written(notification)
        answer = await self._web.send_json("POST", f"{self._url}message", message_of(notification))
        found = answer.checked().document()
        return Receipt(detail=f"HTTP {answer.status}: message {found.get('id')}")

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Ask the server for its health; whether the token is right shows only with a message."""
        try:
            answer = await self._web.send("GET", f"{self._url}health")
            answer.checked()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        is_healthy = answer.document().get("health") == "green"
        state = "is healthy" if is_healthy else f"is not healthy: {answer.excerpt}"
        return CheckResult(ok=is_healthy, message=f"{answer.place} {state}", details={"server": answer.place})

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()


def message_of(notification: Notification) -> Mapping[str, object]:
    """Return the document of a message."""
    lines = [f"{name}: {value}" for name, value in notification.rows]
    if detail := detail_of(notification, LONGEST_MESSAGE // 2):
        lines.append(detail)
    text = notification.own_text or "\n".join(lines) or notification.text
    ends = f"\nAcknowledge: {notification.acknowledge_url}" if notification.acknowledge_url else ""
    message: dict[str, object] = {
        "title": shortened(notification.subject, LONGEST_TITLE),
        "message": shortened(text, LONGEST_MESSAGE) + ends,
        "priority": PRIORITIES[shown_severity(notification)],
    }
    extras: dict[str, object] = {"opsconductor::notification": {"id": str(notification.id)}}
    if notification.url:
        extras["client::notification"] = {"click": {"url": notification.url}}
    return {**message, "extras": extras}
