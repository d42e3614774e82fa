"""Apprise channel: one process for each message, which imports the optional library."""

import asyncio
import json
import sys
from collections.abc import Mapping

from connectors.apprise_out import delivery
from connectors.apprise_out.config import AppriseOutConfig
from connectors.apprise_out.delivery import DELIVERED, MISSING, UNKNOWN, request_of
from opsconductor.child_process import kill
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import shown_severity
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification, Receipt

WORKER = (sys.executable, "-P", delivery.__file__)
"""The file, not the module: importing the package takes as long as Apprise itself."""
WITHIN_S = 50
TYPES: Mapping[str, str] = {
    Severity.CRITICAL: "failure",
    Severity.MAJOR: "failure",
    Severity.MINOR: "warning",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
    Severity.CLEAR: "success",
}


class AppriseOutChannel:
    """Sends each notification through Apprise."""

    def __init__(self, config: AppriseOutConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        self._destinations = context.destinations
        self._url = config.url.get_secret_value()

    async def send(self, notification: Notification) -> Receipt:
        """Send one message.

        Raises:
            Unreachable: Apprise is not installed, or could not deliver; it does not say why.
            Rejected: The URL is none that Apprise knows.
        """
        notification = self._texts.written(notification)
        message = {
            "title": notification.subject,
            "body": notification.text,
            "notify_type": TYPES[shown_severity(notification)],
            "body_format": "text",
        }
        await self._deliver(message)
        return Receipt(detail="Apprise: delivered")

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Check that Apprise is installed and knows the URL; nothing is sent."""
        try:
            await self._deliver(None)
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        scheme = self._url.split("://")[0]
        return CheckResult(ok=True, message=f"Apprise knows {scheme}://; only a message shows more")

    async def close(self) -> None:
        """Do nothing: no connection is kept between messages."""

    async def _deliver(self, message: Mapping[str, str] | None) -> None:
        """Deliver in a process, which is killed when it takes too long or no caller waits for it."""
        process = await asyncio.create_subprocess_exec(
            *WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(WITHIN_S):
                said, _ = await process.communicate(request_of(self._url, message, self._destinations))
        except TimeoutError:
            raise Unreachable(f"Apprise has not delivered the message within {WITHIN_S} s") from None
        finally:
            await kill(process)
        _judge(said)


def _judge(said: bytes) -> None:
    """Raise what the last line of the process means; nothing if the message is delivered."""
    try:
        answer = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError):
        raise Unreachable("Apprise failed; python -c 'import apprise' shows whether it can be used") from None
    outcome = answer["outcome"]
    if outcome == UNKNOWN:
        raise Rejected("Apprise does not know the URL; see its documentation for the form")
    if outcome == MISSING:
        raise Unreachable("the package apprise is not installed: pip install apprise")
    if outcome != DELIVERED:
        raise Unreachable(answer.get("reason", "Apprise could not deliver the message; it does not say why"))
