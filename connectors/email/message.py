"""The e-mail message of a notification."""

from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from connectors.email.replies import ReplyKey
from opsconductor.connector.outgoing.appearance import can_be_acknowledged
from opsconductor.model.notifications.notification import AttachedFile, Notification

HINT = "Reply with the word ack to acknowledge."
PICTURE = "Plot of the measured values"
ENCODING = "quoted-printable"
"""Seven bits and short lines, which every server accepts unchanged."""


def build_message(
    notification: Notification, sender: Address, recipient: Address, key: ReplyKey | None = None
) -> EmailMessage:
    """Return the e-mail, the same for every attempt except for the MIME boundary.

    The domains of both addresses are in ASCII: see `with_ascii_domain`.

    `Message-ID` is derived from the notification's id, so that duplicates can be recognized. All messages
    about one alert reference the same ancestor, so that problem and recovery are in one thread.

    Args:
        key: Signs the Message-ID, by which a reply acknowledges; None: replies are not read.

    Raises:
        ValueError: A value would inject a header.

    Source:
        RFC 5322 sections 3.6.4 (identification) and 3.6.1 (date); RFC 3834 section 5 (automatic).
    """
    domain = sender.domain
    thread = f"<alert.{notification.alert_id}@{domain}>"
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = notification.subject
    message["Date"] = notification.created_at.astimezone()
    own_id = f"<{notification.id}@{domain}>"
    is_open = key is not None and can_be_acknowledged(notification)
    message["Message-ID"] = (
        key.message_id(notification.id, notification.alert_id, domain) if key and is_open else own_id
    )
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-OpsConductor-Notification"] = str(notification.id)
    message["X-OpsConductor-Alert"] = str(notification.alert_id)
    message["X-OpsConductor-Kind"] = notification.kind.value
    text = f"{HINT}\n\n{notification.text}" if is_open else notification.text
    message.set_content(text, cte=ENCODING)
    if notification.html:
        html = _with_line(notification.html, HINT) if is_open else notification.html
        _add_html(message, html, notification.picture, f"plot.{notification.id}@{domain}")
    elif notification.picture is not None:
        _attach(message.add_attachment, notification.picture)
    return message


def _add_html(message: EmailMessage, html: str, picture: AttachedFile | None, cid: str) -> None:
    """Add the HTML part, with a picture inline if there is one (RFC 2392)."""
    if picture is None:
        message.add_alternative(html, subtype="html", cte=ENCODING)
        return
    image = f'<img src="cid:{cid}" alt="{PICTURE}" width="640" style="max-width:100%;height:auto">'
    message.add_alternative(_with_line(html, image), subtype="html", cte=ENCODING)
    part = message.get_body(("html",))
    assert part is not None
    _attach(part.add_related, picture, cid=f"<{cid}>", disposition="inline")


def _attach(add: Callable[..., None], file: AttachedFile, **options: str) -> None:
    kind, _, subtype = file.media_type.partition("/")
    add(file.content, maintype=kind, subtype=subtype, filename=file.name, **options)


def _with_line(html: str, line: str) -> str:
    """Return a document with a paragraph at its end."""
    body, end, rest = html.rpartition("</body>")
    return f"{body}<p>{line}</p>{end}{rest}" if end else f"{html}<p>{line}</p>"
