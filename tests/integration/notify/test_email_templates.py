"""Mails by templates of the administrator: a real server gets them, and the default texts when one fails."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.email.config import EmailTemplates
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.outgoing.samples import sample_of
from opsconductor.connector.outgoing.template_faults import TemplateFaults
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification
from tests.support.notify.smtp_server import Mailbox, channel, lines_of, served

NOTICE = replace(sample_of(NotificationKind.PROBLEM), recipient="noc@example.net")
HOSTILE = "x\r\nBcc: evil@example.net\r\n\r\n<script>alert(1)</script>\x1b[2J\u202e{{ 7 * 7 }}"


async def sent(
    notification: Notification, templates: dict[str, str], faults: TemplateFaults | None = None
) -> Mailbox:
    """Send one mail with templates to a real server."""
    mailbox = Mailbox()
    report = (faults or TemplateFaults()).renew("mail")
    context = ConnectorContext(name="mail", data_dir=Path("/nowhere"), report_template=report)
    async with served(mailbox) as port:
        await channel(port, context, templates=templates).send(notification)
    return mailbox


async def test_a_mail_has_the_texts_of_its_templates() -> None:
    """Subject, text and HTML; a missing one is as without templates."""
    box = await sent(
        NOTICE, {"subject": "{{ kind }}: {{ alert.title }}", "html": "<b>{{ alert.message }}</b>"}
    )
    (mail,) = box.messages
    assert mail["Subject"] == 'problem: Link "Down" - core-sw1'
    text, html = mail.iter_parts()
    assert lines_of(text) == NOTICE.text  # type: ignore[arg-type]
    assert lines_of(html) == "<b>ifAdminStatus=up\nifOperStatus=down &lt;down&gt;</b>\n"  # type: ignore[arg-type]


async def test_a_template_of_the_text_alone_leaves_no_html() -> None:
    """A mail client would show the default HTML in place of it."""
    (mail,) = (await sent(NOTICE, {"text": "own {{ alert.title }}"})).messages
    assert mail.get_content_type() == "text/plain"
    assert lines_of(mail) == 'own Link "Down" - core-sw1\n'


async def test_hostile_text_stays_text() -> None:
    """No header, no markup, no control character and no template comes from a device."""
    notice = replace(NOTICE, facts={**NOTICE.facts, "title": HOSTILE})
    templates = dict.fromkeys(("subject", "text", "html"), "{{ alert.title }}")
    (mail,) = (await sent(notice, templates)).messages
    assert mail["Bcc"] is None
    assert "{{ 7 * 7 }}" in mail["Subject"]
    text, html = (lines_of(part) for part in mail.iter_parts())  # type: ignore[arg-type]
    assert "<script>" not in html
    for each in (mail["Subject"], text, html):
        assert not {"\x1b", "\u202e"} & set(each)


async def test_a_template_that_fails_sends_the_default_texts_and_is_reported() -> None:
    """With key, line and reason; the report ends with the next message of that kind that renders."""
    faults = TemplateFaults()
    templates = {
        "subject": "own",
        "text": "a\n{{ 1 / (alert.impacted or 1) }}{{ alert.tags[0] | default('') }}",
    }
    templates["text"] += "{{ 'x' if alert.title != 'bad' else missing.x }}"
    bad = replace(NOTICE, facts={**NOTICE.facts, "title": "bad"})
    (mail,) = (await sent(bad, templates, faults)).messages
    assert mail["Subject"] == NOTICE.subject
    (fault,) = faults.present()
    assert fault.error.startswith("templates.text: line 2: 'missing' is undefined")
    await sent(NOTICE, templates, faults)
    assert faults.present() == ()


@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_a_template_that_cannot_be_rendered_is_refused(part: str) -> None:
    """At its key, with the line."""
    with pytest.raises(ValidationError, match=r"kind problem: line 2: .*'titel'") as refused:
        EmailTemplates.model_validate({part: "a\n{{ alert.titel }}"})
    assert refused.value.errors()[0]["loc"] == (part,)
    assert NotificationKind.PROBLEM in str(refused.value)
