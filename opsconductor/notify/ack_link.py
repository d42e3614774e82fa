"""Signed links by which the recipient of a message acknowledges its alert without a log-in.

A token is what it says (alert, recipient, time of issue and end, readable) and an HMAC of that. It needs no
table: it is used once the recipient has acknowledged the alert by a link that was issued earlier.
"""

import hmac
import struct
from base64 import b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from opsconductor.model.text import one_line

VERSION = 1
PATH = "ack"
KEY_BYTES = 32
MAC_BYTES = 16
LONGEST_RECIPIENT = 80
LONGEST_TOKEN = 600
HEAD = struct.Struct(">BII16s")
BY_LINK, BY_CALL = " by link", " by call"


@dataclass(frozen=True, slots=True, kw_only=True)
class AckLink:
    """What a valid token says.

    Attributes:
        recipient: The recipient of the message.
    """

    alert_id: UUID
    recipient: str
    issued_at: datetime
    expires_at: datetime

    @property
    def by(self) -> str:
        """The name in history and audit log."""
        return self.recipient + BY_LINK

    @property
    def by_call(self) -> str:
        """The same, of a person who has pressed a key of the telephone."""
        return self.recipient + BY_CALL


class AckLinks:
    """Makes links and reads their tokens.

    Args of the constructor:
        key: Secret of the HMAC, at least 32 bytes.
        public_url: Public address of the operators' page.
        valid_for: How long a link acknowledges.
    """

    def __init__(self, key: bytes, public_url: str, valid_for: timedelta) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key of links has at least {KEY_BYTES} bytes")
        self._key = key
        self._base = f"{public_url.rstrip('/')}/{PATH}/"
        self._valid_for = valid_for

    def url_of(self, alert_id: UUID, recipient: str, issued_at: datetime) -> str:
        """Return the link of a message; it is the same for the same arguments."""
        at_s = int(issued_at.timestamp())
        until_s = at_s + int(self._valid_for.total_seconds())
        name = one_line(recipient, LONGEST_RECIPIENT).encode()
        said = HEAD.pack(VERSION, at_s, until_s, alert_id.bytes) + name
        return self._base + urlsafe_b64encode(said + self._mac(said)).rstrip(b"=").decode("ascii")

    def read(self, token: str) -> AckLink | None:
        """Return what a token says; None: it is not one that was made with this key."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        try:
            content = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except Error:
            return None
        said, mac = content[:-MAC_BYTES], content[-MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(said)) or len(said) < HEAD.size:
            return None
        version, at_s, until_s, alert_id = HEAD.unpack_from(said)
        if version != VERSION:
            return None
        return AckLink(
            alert_id=UUID(bytes=alert_id),
            recipient=said[HEAD.size :].decode("utf-8", "replace"),
            issued_at=datetime.fromtimestamp(at_s, UTC),
            expires_at=datetime.fromtimestamp(until_s, UTC),
        )

    def _mac(self, said: bytes) -> bytes:
        return hmac.new(self._key, said, sha256).digest()[:MAC_BYTES]
