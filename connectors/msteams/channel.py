"""Channel to Microsoft Teams: posts cards to a workflow."""

from collections.abc import Mapping
from datetime import timedelta

from connectors.msteams.config import MsTeamsConfig
from connectors.msteams.message import body_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.outgoing.redact import secrets_of_url
from opsconductor.connector.outgoing.web import WebAnswer, WebClient
from opsconductor.errors import Unreachable
from opsconductor.model.notifications.notification import Notification, Receipt

THROTTLED = "429"
"""Old connectors answer 200 and say in the text that Teams itself has answered 429."""
PAUSE = timedelta(seconds=10)


class MsTeamsChannel:
    """Posts each notification as a card."""

    def __init__(self, config: MsTeamsConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        self._url = str(config.url)
        self._web = WebClient(config, context.destinations, headers={}, secrets=secrets_of_url(self._url))

    async def send(self, notification: Notification) -> Receipt:
        """Post one card.

        Raises:
            Unreachable: No answer, or one that means try later.
            Rejected: The workflow refuses the request, or does not exist.
        """
        notification = self._texts.written(notification)
        answer = await self._web.send_json("POST", self._url, body_of(notification))
        _check_throttling(answer.checked())
        return Receipt(detail=f"HTTP {answer.status}")

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Send HEAD to the workflow; nothing is posted."""
        return await self._web.check(self._url)

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()


def _check_throttling(answer: WebAnswer) -> None:
    """Raise Unreachable if the text of a successful answer says that Teams has refused the message."""
    if "Microsoft Teams endpoint returned HTTP error" in answer.excerpt:
        wait = PAUSE if THROTTLED in answer.excerpt else None
        raise Unreachable(f"{answer.place} answers: {answer.excerpt}", retry_after=wait)
