"""Channel to Jira Service Management and Opsgenie."""

from collections.abc import Mapping

from connectors.opsgenie.config import OpsgenieConfig
from connectors.opsgenie.message import alert_of, alias_of, note_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import BEGINNINGS, is_acknowledged, is_over
from opsconductor.connector.outgoing.web import WebAnswer, WebClient
from opsconductor.errors import ConnectorError
from opsconductor.model.notifications.notification import Notification, Receipt

UNPROCESSABLE = 422


class OpsgenieChannel:
    """Creates an alert for each problem; closes it with the recovery."""

    def __init__(self, config: OpsgenieConfig, context: ConnectorContext) -> None:
        key = config.api_key.get_secret_value()
        self._url = str(config.api_url).rstrip("/")
        self._web = WebClient(
            config, context.destinations, headers={"Authorization": f"GenieKey {key}"}, secrets=[key]
        )

    async def send(self, notification: Notification) -> Receipt:
        """Create, note, acknowledge or close an alert.

        Raises:
            Unreachable: No answer, 429, 5xx, or a key that can be corrected.
            Rejected: The alert or the team is refused.
        """
        alias = alias_of(notification)
        if is_over(notification):
            what, answer = "close", await self._change(alias, "close", note_of(notification))
        elif is_acknowledged(notification) and notification.earlier:
            what, answer = "acknowledge", await self._change(alias, "acknowledge", note_of(notification))
        elif notification.earlier and notification.kind not in BEGINNINGS:
            what, answer = "note", await self._change(alias, "notes", note_of(notification))
        else:
            what, answer = "create", await self._web.send_json("POST", self._url, alert_of(notification))
        request = answer.checked().document().get("requestId")
        return Receipt(detail=f"HTTP {answer.status}: {what}, request {request}", metadata={"alias": alias})

    async def check(self) -> CheckResult:
        """List one alert, which shows whether the key is right; nothing is created."""
        try:
            answer = await self._web.send("GET", f"{self._url}?limit=1")
            if answer.status != UNPROCESSABLE:  # a key without the right to read is a key all the same
                answer.checked()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        return CheckResult(ok=True, message=f"{answer.place} accepts the key (HTTP {answer.status})")

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()

    async def _change(self, alias: str, action: str, document: Mapping[str, object]) -> WebAnswer:
        url = f"{self._url}/{alias}/{action}?identifierType=alias"
        return await self._web.send_json("POST", url, document)
