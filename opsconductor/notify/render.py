"""Rendering of messages: sandboxed templates that see only the facts."""

import logging
from datetime import tzinfo
from pathlib import Path

from jinja2 import FileSystemLoader, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from opsconductor.connector.outgoing.appearance import NOT_OF_ONE
from opsconductor.connector.outgoing.template_faults import TemplateFaults
from opsconductor.guard import guarded_data
from opsconductor.model.enums import Status
from opsconductor.model.notifications.notification import Notification
from opsconductor.model.text import paragraphs
from opsconductor.notify.ack_link import AckLinks
from opsconductor.notify.clean import LONGEST_TEXT, clean, line_of
from opsconductor.notify.reading import moment
from opsconductor.notify.view import NotificationView, rule_of, view_of
from opsconductor.store.notifications.outbox import Claimed

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_SUBJECT = 200
FAILOVER = "failover"
"""Name of the fact that only the delivery uses."""
LONGEST_BODY = 200_000


class Renderer:
    """Renders subject, text and HTML of a notification from the templates `<kind>.<part>.j2`.

    Args of the constructor:
        zone: Time zone of the times; None: the machine's own.
        public_url: Public address of the operators' page; empty: messages carry no link.
        ack_links: Makes the acknowledge links; None: messages carry none.
        faults: Receives which templates fail; None: they are not counted.
    """

    def __init__(
        self,
        zone: tzinfo | None,
        templates: Path = TEMPLATES,
        *,
        public_url: str = "",
        ack_links: AckLinks | None = None,
        faults: TemplateFaults | None = None,
    ) -> None:
        self._zone = zone
        self._public_url = public_url.rstrip("/")
        self._ack_links = ack_links
        self._faults = faults
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(templates, encoding="utf-8"),
            autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self._environment.filters["moment"] = lambda value: moment(value, zone)

    def render(self, claimed: Claimed) -> Notification:
        """Return the message; when a template fails the plain facts are the message."""
        url = self._url(claimed)
        acknowledge_url = self._acknowledge_url(claimed)
        with guarded_data(TemplateError) as rendering:
            view = view_of(claimed, self._zone, url, acknowledge_url)
            subject = line_of(self._part(view, "subject"), LONGEST_SUBJECT)
            text, html = self._part(view, "text"), self._part(view, "html")
            rows = view.rows
        if (error := rendering.error) is not None:
            log.error(
                "template failed, sending the plain facts",
                extra={"notification_id": str(claimed.id), "channel": claimed.channel, "error": str(error)},
                exc_info=error,
            )
            subject, text, html = plain_subject(claimed), plain_text(claimed, url), ""
            rows = ()
        notification = Notification(
            id=claimed.id,
            alert_id=claimed.alert_id,
            kind=claimed.kind,
            rule_name=rule_of(claimed),
            recipient=claimed.recipient,
            created_at=claimed.created_at,
            attempt=claimed.attempt,
            facts={name: value for name, value in claimed.facts.items() if name != FAILOVER},
            subject=subject,
            text=text,
            html=html,
            url=url,
            rows=rows,
            earlier=claimed.earlier,
            acknowledge_url=acknowledge_url,
        )
        if self._faults is not None:
            self._faults.note(claimed.channel, notification, str(error or ""), is_own=False)
        return notification

    def _url(self, claimed: Claimed) -> str:
        """Return the address of the alert on the page, or of the page for other messages."""
        if not self._public_url:
            return ""
        is_about_one = claimed.kind not in NOT_OF_ONE
        return f"{self._public_url}/{f'?alert={claimed.alert_id}' if is_about_one else ''}"

    def _acknowledge_url(self, claimed: Claimed) -> str:
        """Return the acknowledge link of a message about one active alert, else an empty text."""
        if claimed.kind in NOT_OF_ONE:
            return ""
        if self._ack_links is None or claimed.facts.get("status") != Status.ACTIVE:
            return ""
        recipient = claimed.recipient or claimed.channel
        return self._ack_links.url_of(claimed.alert_id, recipient, claimed.created_at)

    def _part(self, view: NotificationView, part: str) -> str:
        template = self._environment.get_template(f"{view.kind}.{part}.j2")
        return template.render(view=view, facts=view.facts)[:LONGEST_BODY]


def plain_subject(claimed: Claimed) -> str:
    """Return kind, severity and title without using a template."""
    severity = line_of(claimed.facts.get("severity", "alert")).upper()
    title = line_of(claimed.facts.get("title", claimed.alert_id))
    return line_of(f"[{severity}] {title} ({claimed.kind})", LONGEST_SUBJECT)


def plain_text(claimed: Claimed, url: str) -> str:
    """Return all facts, one a line, and the link to the alert if there is one."""
    facts = clean(claimed.facts)
    assert isinstance(facts, dict)
    lines = [f"{name}: {line_of(value)}" for name, value in facts.items()]
    ends = [*([url] if url else []), f"Notification {claimed.id}"]
    return paragraphs("\n".join(["The facts of this alert:", "", *lines, "", *ends]), LONGEST_TEXT)
