"""Subject, text and HTML of mails by the templates of the configuration."""

import logging
from dataclasses import replace

from connectors.email.config import EmailTemplates
from opsconductor.connector.outgoing.template_faults import ReportTemplate
from opsconductor.model.notifications.notification import Notification
from opsconductor.model.text import folded, paragraphs

log = logging.getLogger(__name__)

LONGEST_SUBJECT = 200
LONGEST_BODY = 200_000


class OwnTexts:
    """The templates of one channel, compiled.

    Args of the constructor:
        templates: Of the configuration; None: the texts are those of OpsConductor.
        report: Called with each message that they have rendered, and when they fail.
    """

    def __init__(self, templates: EmailTemplates | None, report: ReportTemplate) -> None:
        self._compiled = {} if templates is None else templates.compiled()
        self._report = report

    def written(self, notification: Notification) -> Notification:
        """Return a message with the texts of the templates; unchanged if one of them fails."""
        if not self._compiled:
            return notification
        try:
            own = self.rendered(notification)
        except ValueError as error:
            log.error(  # the message must arrive in whatever form
                "template of an e-mail channel failed, sending the default texts",
                extra={"notification_id": str(notification.id), "error": str(error)},
            )
            self._report(notification, str(error))
            return notification
        self._report(notification, "")
        return own

    def rendered(self, notification: Notification) -> Notification:
        """Return a message with the texts of the templates; with one for the text alone it has no HTML.

        Raises:
            ValueError: One of them fails; the message has its key, line and reason.
        """
        texts: dict[str, str] = {}
        for part, template in self._compiled.items():
            try:
                texts[part] = template.render(notification)
            except ValueError as error:
                raise ValueError(f"templates.{part}: {error}") from error
        text = texts.get("text")
        html = texts.get("html", notification.html if text is None else "")
        return replace(
            notification,
            subject=folded(texts.get("subject", ""), LONGEST_SUBJECT) or notification.subject,
            text=notification.text if text is None else paragraphs(text, LONGEST_BODY),
            html=paragraphs(html, LONGEST_BODY),
        )
