"""Sending of reports by e-mail, as PDF; at least once to each recipient."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid5

from opsconductor.app.database_wait import DatabaseWait
from opsconductor.connector.interface import FileSender
from opsconductor.errors import Rejected, StoreError, Unreachable
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import AttachedFile, Notification
from opsconductor.reports.document import ReportDocument, document_of
from opsconductor.reports.files import MEDIA, file_name, file_of
from opsconductor.reports.html import html_of
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.reports.rows import UndeliveredReport, note_delivered, read_undelivered

log = logging.getLogger(__name__)

LOOK_EVERY_S = 20.0


class ReportSender:
    """Sends reports to those who do not have them yet; what fails is tried again for some days.

    Args of the constructor:
        sender: Returns the running channel of a name if it sends files.
    """

    def __init__(self, pool: Pool, sender: Callable[[str], FileSender | None]) -> None:
        self._pool = pool
        self._sender = sender
        self._failing: set[UUID] = set()

    async def keep(self) -> None:
        """Send until cancelled."""
        wait = DatabaseWait(log, "reports are sent later", "reports are sent again")
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except StoreError as error:
                wait.failed(error)
            else:
                wait.worked()

    async def look(self) -> None:
        """Send what is not sent yet.

        Raises:
            StoreUnavailable: The database is away.
        """
        for each in await read_undelivered(self._pool):
            document = document_of(each.content)
            pdf = await asyncio.to_thread(file_of, document, "pdf")
            for recipient in each.recipients:
                await self._send(each, document, pdf, recipient)

    async def _send(
        self, report: UndeliveredReport, document: ReportDocument, pdf: bytes, recipient: str
    ) -> None:
        try:
            await self._channel(report.channel).send_file(*message_of(report, document, pdf, recipient))
        except Unreachable as error:
            if report.id not in self._failing:
                log.warning("a report cannot be sent yet", extra={"error": str(error)})
            self._failing.add(report.id)
        except Rejected as error:
            log.error("a report cannot be sent", extra={"recipient": recipient, "error": str(error)})
            await note_delivered(self._pool, report.id, recipient, f"{recipient}: {error}")
        else:
            self._failing.discard(report.id)
            await note_delivered(self._pool, report.id, recipient)

    def _channel(self, name: str) -> FileSender:
        if (found := self._sender(name)) is None:
            raise Unreachable(f"no channel {name} that sends files is running")
        return found


def message_of(
    report: UndeliveredReport, document: ReportDocument, pdf: bytes, recipient: str
) -> tuple[Notification, AttachedFile]:
    """Return the message with a report, and the PDF."""
    summary = "\n".join(f"{each.label}: {each.value} {each.hint}" for each in document.parts[0].figures)
    advice = "\n".join(f"- {each.title}" for part in document.parts for each in part.recommended)
    text = f"{document.title}, {document.period}\n{document.scope}\n\n{summary}\n"
    notification = Notification(
        id=uuid5(report.id, recipient),
        alert_id=report.report_id,
        kind=NotificationKind.SUMMARY,
        rule_name="reports",
        recipient=recipient,
        created_at=datetime.now(UTC),
        attempt=1,
        facts={},
        subject=f"{document.title}, {document.period} - {document.scope}",
        text=f"{text}\nRecommendations\n{advice}\n" if advice else text,
        html=html_of(document),
    )
    return notification, AttachedFile(name=file_name(document, "pdf"), media_type=MEDIA["pdf"], content=pdf)
