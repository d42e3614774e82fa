"""Apprise channel: one call of the library in a thread for each message.

The library is optional and is imported when it is needed.
"""

import asyncio
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Protocol

from connectors.apprise_out.config import AppriseOutConfig
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import shown_severity
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.errors import ConnectorError, Rejected, Unreachable
from opsconductor.model.enums import Severity
from opsconductor.model.notifications.notification import Notification, Receipt

MISSING = "the package apprise is not installed: pip install apprise, and restart"
TYPES: Mapping[str, str] = {
    Severity.CRITICAL: "failure",
    Severity.MAJOR: "failure",
    Severity.MINOR: "warning",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
    Severity.CLEAR: "success",
}


class AppriseSender(Protocol):
    """What is used of Apprise's class `Apprise`."""

    def add(self, url: str, /) -> bool:
        """Add a receiver; return False if the URL is unknown."""

    def notify(self, *, title: str, body: str, notify_type: str, body_format: str) -> bool:
        """Send a message; return True if it was delivered."""


class AppriseOutChannel:
    """Sends each notification through Apprise."""

    def __init__(self, config: AppriseOutConfig, context: ConnectorContext) -> None:
        self._texts = OwnTexts(config.templates, context.report_template)
        self._url = config.url.get_secret_value()

    async def send(self, notification: Notification) -> Receipt:
        """Send one message.

        Raises:
            Unreachable: Apprise is not installed, or could not deliver; it does not say why.
            Rejected: The URL is none that Apprise knows.
        """
        notification = self._texts.written(notification)
        await asyncio.to_thread(self._notify, notification)
        return Receipt(detail="Apprise: delivered")

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text by the templates; raises ValueError if one fails."""
        return self._texts.preview(notification)

    async def check(self) -> CheckResult:
        """Check that Apprise is installed and knows the URL; nothing is sent."""
        try:
            await asyncio.to_thread(self._opened)
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        scheme = self._url.split("://")[0]
        return CheckResult(ok=True, message=f"Apprise knows {scheme}://; only a message shows more")

    async def close(self) -> None:
        """Do nothing: no connection is kept between messages."""

    def _notify(self, notification: Notification) -> None:
        is_delivered = self._opened().notify(
            title=notification.subject,
            body=notification.text,
            notify_type=TYPES[shown_severity(notification)],
            body_format="text",
        )
        if not is_delivered:
            raise Unreachable("Apprise could not deliver the message; its log (apprise) says why")

    def _opened(self) -> AppriseSender:
        try:
            library: ModuleType = importlib.import_module("apprise")
        except ImportError as error:
            raise Unreachable(MISSING) from error
        sender: AppriseSender = library.Apprise()
        if not sender.add(self._url):
            raise Rejected("Apprise does not know the URL; see its documentation for the form")
        return sender
