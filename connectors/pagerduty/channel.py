"""PagerDuty channel: triggers, acknowledges and resolves incidents."""

from datetime import timedelta

from connectors.pagerduty.config import PagerDutyConfig
from connectors.pagerduty.message import action_of, event_of, key_of
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.web import WebClient
from opsconductor.errors import Unreachable
from opsconductor.model.notifications.notification import Notification, Receipt

TOO_MANY_REQUESTS = 429
PAUSE = timedelta(minutes=1)
"""PagerDuty asks to wait for minutes after 429, without a header that says so."""


class PagerDutyChannel:
    """Sends each notification as an event of the incident of its alert."""

    def __init__(self, config: PagerDutyConfig, context: ConnectorContext) -> None:
        self._key = config.routing_key.get_secret_value()
        self._url = str(config.api_url)
        self._web = WebClient(config, context.destinations, headers={}, secrets=[self._key])

    async def send(self, notification: Notification) -> Receipt:
        """Send one event.

        Raises:
            Unreachable: No answer, 429 or 5xx.
            Rejected: PagerDuty refuses the event or the key (400).
        """
        event = event_of(notification, self._key)
        answer = await self._web.send_json("POST", f"{self._url}v2/enqueue", event)
        if answer.status == TOO_MANY_REQUESTS:
            wait = answer.retry_after or PAUSE
            raise Unreachable(f"{answer.place} answers HTTP 429: {answer.excerpt}", retry_after=wait)
        answer.checked()
        action = action_of(notification)
        return Receipt(detail=f"HTTP {answer.status}: {action}", metadata={"dedup_key": key_of(notification)})

    async def check(self) -> CheckResult:
        """Connect to the Events API; whether the key is right shows only with an event."""
        return await self._web.check(self._url)

    async def close(self) -> None:
        """Close the connections."""
        await self._web.close()
