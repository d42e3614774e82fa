"""Texts of messages by the templates of a channel's configuration; when one fails, the default is sent."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from opsconductor.connector.outgoing.template import BodyTemplate, TemplateForm
from opsconductor.connector.outgoing.template_faults import ReportTemplate
from opsconductor.connector.outgoing.web import WebOptions
from opsconductor.model.notifications.notification import Notification
from opsconductor.model.text import folded, paragraphs

log = logging.getLogger(__name__)

LONGEST_SUBJECT = 200
LONGEST_BODY = 200_000
FORMS = {"subject": TemplateForm.TEXT, "text": TemplateForm.TEXT, "html": TemplateForm.HTML}
"""What each template renders."""

Made = TypeVar("Made")


class MessageTemplates(BaseModel):
    """Jinja2 templates of the texts; see docs/notifications.md for what they may use."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    subject: str | None = Field(default=None, min_length=1)
    """First line of the message. Null (default): the subject of OpsConductor."""

    text: str | None = Field(default=None, min_length=1)
    """Plain text, in place of the table and of what was reported. Null (default): those."""

    @field_validator("subject", "text", "html", check_fields=False)
    @classmethod
    def _can_be_rendered(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is not None:
            BodyTemplate(text, FORMS[str(info.field_name)])
        return text

    def compiled(self) -> Mapping[str, BodyTemplate]:
        """Return the templates by part."""
        texts = {part: getattr(self, part, None) for part in FORMS}
        return {part: BodyTemplate(text, FORMS[part]) for part, text in texts.items() if text is not None}


class MessageOptions(WebOptions):
    """Keys of every channel that uses HTTP and may have custom texts."""

    templates: MessageTemplates | None = None
    """Templates of your own. Null (default): the texts of OpsConductor."""


class OwnTexts:
    """The templates of one channel, compiled.

    Args of the constructor:
        templates: Of the configuration; None: the texts are those of OpsConductor.
        report: Called with each message that they have rendered, and when they fail.
    """

    def __init__(self, templates: MessageTemplates | None, report: ReportTemplate) -> None:
        self._compiled = {} if templates is None else templates.compiled()
        self._report = report

    def written(self, notification: Notification) -> Notification:
        """Return a message with the texts of the templates; unchanged if one of them fails."""
        if not self._compiled:
            return notification
        return rendered_or(
            lambda: notification, lambda: self.rendered(notification), notification, self._report
        )

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject and text; raises ValueError if a template fails."""
        own = self.rendered(notification)
        return {"subject": own.subject, "text": own.text}

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
        own = texts.get("text")
        text = None if own is None else paragraphs(own, LONGEST_BODY)
        html = texts.get("html", notification.html if text is None else "")
        return replace(
            notification,
            subject=folded(texts.get("subject", ""), LONGEST_SUBJECT) or notification.subject,
            text=notification.text if text is None else text,
            own_text="" if text is None else text.strip(),
            html=paragraphs(html, LONGEST_BODY),
        )


def rendered_or(
    default: Callable[[], Made],
    render: Callable[[], Made],
    notification: Notification,
    report: ReportTemplate,
) -> Made:
    """Return what templates render of a message; if one fails, the default, as it must arrive in any form.

    Args:
        default: Makes what is sent without the templates.
        render: Raises ValueError if a template fails.
        report: Called with the message, and why a template failed.
    """
    try:
        own = render()
    except ValueError as error:
        log.error(
            "template of a channel failed, sending the default texts",
            extra={"notification_id": str(notification.id), "error": str(error)},
        )
        report(notification, str(error))
        return default()
    report(notification, "")
    return own
