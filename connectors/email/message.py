"""The e-mail message of a notification."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from opsconductor.model.notifications.notification import Notification

ENCODING = "quoted-printable"
"""Seven bits and short lines, which every server accepts unchanged."""


def build_message(notification: Notification, sender: Address, recipient: Address) -> EmailMessage:
    """Return the e-mail, the same for every attempt except for the MIME boundary.

    The domains of both addresses are in ASCII: see `with_ascii_domain`.

    `Message-ID` is derived from the notification's id, so that duplicates can be recognized. All messages
    about one alert reference the same ancestor, so that problem and recovery are in one thread.

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
    message["Message-ID"] = f"<{notification.id}@{domain}>"
    message["In-Reply-To"] = thread
    message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-OpsConductor-Notification"] = str(notification.id)
    message["X-OpsConductor-Alert"] = str(notification.alert_id)
    message["X-OpsConductor-Kind"] = notification.kind.value
    message.set_content(notification.text, cte=ENCODING)
    if notification.html:
        message.add_alternative(notification.html, subtype="html", cte=ENCODING)
    return message
