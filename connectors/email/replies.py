"""Replies by which recipients acknowledge: the mailbox that is polled, and what counts as one.

A reply is found by the Message-ID that it references. That holds a signature, so only those who got the
message can acknowledge; the From address of a reply proves nothing and is only the name in history.

Source:
    RFC 5322 section 3.6.4 (In-Reply-To, References); RFC 3834 (Auto-Submitted).
"""

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from html import unescape
from uuid import UUID

from opsconductor.model.text import one_line

WORDS = frozenset({"ack", "acknowledge", "acknowledged"})
"""First word of a reply that acknowledges, in any case."""
MAC_DIGITS = 32
LONGEST_NAME = 70
LONGEST_TEXT = 20_000
MOST_REFERENCES = 50
TAG = re.compile(r"<[^<>]*>")
HIDDEN = re.compile(r"<(head|style|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
OURS = re.compile(rf"<([0-9a-f]{{32}})\.([0-9a-f]{{32}})\.([0-9a-f]{{{MAC_DIGITS}}})@[^<>\s]{{1,255}}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReply:
    """A reply that acknowledges an alert.

    Attributes:
        by: The sender that the mail names, for history.
    """

    alert_id: UUID
    by: str


class ReplyKey:
    """Signs the Message-IDs of our mails, and finds them in replies."""

    def __init__(self, password: str) -> None:
        self._key = sha256(b"opsconductor e-mail replies " + password.encode()).digest()

    def message_id(self, notification_id: UUID, alert_id: UUID, domain: str) -> str:
        """Return the Message-ID of a notification, the same in every attempt."""
        said = f"{notification_id.hex}.{alert_id.hex}"
        return f"<{said}.{self._mac(said)}@{domain}>"

    def alert_of(self, references: str) -> UUID | None:
        """Return the alert of the latest of our messages among references; None: there is none."""
        for notification, alert, mac in reversed(OURS.findall(references)[-MOST_REFERENCES:]):
            if hmac.compare_digest(mac, self._mac(f"{notification}.{alert}")):
                return UUID(alert)
        return None

    def _mac(self, said: str) -> str:
        return hmac.new(self._key, said.encode(), sha256).hexdigest()[:MAC_DIGITS]


def reply_of(content: bytes, key: ReplyKey) -> MailReply | None:
    """Return the acknowledgement in a mail; None: it is none."""
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    try:
        if _header(mail, "Auto-Submitted", "no").lower().partition(";")[0].strip() != "no":
            return None
        if _header(mail, "Precedence").lower() in {"bulk", "junk", "list"}:
            return None
        alert_id = key.alert_of(f"{_header(mail, 'References')} {_header(mail, 'In-Reply-To')}")
        if alert_id is None or next(_lines(mail), "").split(" ")[0].strip(".,!:;").lower() not in WORDS:
            return None
        return MailReply(alert_id=alert_id, by=f"{_sender(mail)} by e-mail")
    except (ValueError, LookupError, TypeError, AttributeError):  # headers and parts that no client writes
        return None


def _lines(mail: EmailMessage) -> Iterator[str]:
    """Yield the lines of a mail's text that hold something; of HTML alone without its tags."""
    part = mail.get_body(("plain", "html"))
    text = str(part.get_content())[:LONGEST_TEXT] if part is not None else ""
    if part is not None and part.get_content_subtype() == "html":
        text = unescape(TAG.sub("\n", HIDDEN.sub("", text)))
    for line in text.splitlines():
        if folded := " ".join(line.split()):
            yield folded


def _sender(mail: EmailMessage) -> str:
    addresses = getattr(mail["From"], "addresses", ())
    address = addresses[0].addr_spec if addresses else ""
    return one_line(address, LONGEST_NAME) or "unknown sender"


def _header(mail: EmailMessage, name: str, missing: str = "") -> str:
    return str(mail.get(name, missing)).strip()
