"""SNMP channel: traps and informs of our own MIB, and the original traps of devices."""

import asyncio
from datetime import datetime

from connectors.snmp_out.config import SnmpOutConfig
from connectors.snmp_out.originator import Originator
from connectors.snmp_out.varbinds import alert_notice, forwarded_notice
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.appearance import BEGINNINGS
from opsconductor.errors import ConnectorError, DecodeError, StoreError
from opsconductor.model.enums import NotificationKind
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.notifications.notification import Notification, Receipt
from opsconductor.snmp.message.record import decode_record
from opsconductor.snmp.notice import SnmpNotice

ORIGINAL_WITHIN_S = 5.0
"""Seconds that a message waits for the archive; a database that hangs must not keep it from being sent."""


class SnmpOutChannel:
    """Sends each notification to one receiver."""

    def __init__(self, config: SnmpOutConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._originator = Originator(config, context.data_dir / "snmp-out" / f"{context.name}.json")

    async def send(self, notification: Notification) -> Receipt:
        """Send one notification, or the trap that its alert came from, or both.

        Raises:
            Unreachable: The name is unknown, the port closed, or an inform was not confirmed.
        """
        config = self._config
        original = None if config.send == "alert" else await self._original(notification)
        notices = [original] if original is not None else []
        if original is None or config.send == "both":
            notices.append(alert_notice(notification, self._originator.uptime))
        for notice in notices:
            if config.notification == "inform":
                await self._originator.inform(notice)
            else:
                await self._originator.trap(notice)
        what = "confirmed" if config.notification == "inform" else "sent; a trap is not confirmed:"
        return Receipt(detail=f"{config.place}: {what} {', '.join(notice.trap_oid for notice in notices)}")

    async def check(self) -> CheckResult:
        """Look up the name; with v3 informs ask for the receiver's engine; nothing is sent."""
        config, originator = self._config, self._originator
        details: dict[str, object] = {}
        try:
            address = await originator.resolve()
            if config.snmpv3_user is not None and config.notification == "inform":
                await originator.discover()
                return CheckResult(ok=True, message=f"{config.place} answers with its engine ID")
            if config.snmpv3_user is not None:
                details["engine_id"] = (await originator.engine()).engine_id.hex()
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        known = f"; our engine ID is 0x{details['engine_id']}" if details else ""
        text = f"{config.place} is {address}{known}; only a test message shows more"
        return CheckResult(ok=True, message=text, details=details)

    async def close(self) -> None:
        """Do nothing: no connection is kept between messages."""

    async def _original(self, notification: Notification) -> SnmpNotice | None:
        """Return the trap that began or ended the problem; None: none did, or it was not kept."""
        is_end = notification.kind is NotificationKind.RECOVERY
        if not is_end and notification.kind not in BEGINNINGS:
            return None
        try:
            async with asyncio.timeout(ORIGINAL_WITHIN_S):
                event = await self._context.original_of(notification.alert_id)
            if event is None or (is_end and not _has_ended(event, notification)):
                return None
            return forwarded_notice(decode_record(event.payload or b""), event.peer)
        except (DecodeError, StoreError, TimeoutError):
            return None


def _has_ended(event: ArchivedEvent, notification: Notification) -> bool:
    """Return True if an event has ended the alert; otherwise an operator or a timeout has."""
    ended = notification.facts.get("resolved_at")
    return isinstance(ended, str) and event.received_at == datetime.fromisoformat(ended)
