"""The mailbox to which recipients reply, read over IMAP in a thread of its own for each poll."""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError

from connectors.email.config import Replies
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.http import reason_of
from opsconductor.connector.settings.trust import tls_context
from opsconductor.errors import Unreachable

LARGEST = 256 * 1024
"""Bytes of a mail that are read: a reply is at its beginning."""
MOST_AT_ONCE = 200

Found = tuple[bytes, bytes]
"""Id of a mail within the mailbox (UIDVALIDITY and UID), and its content."""


class _Mailbox(imaplib.IMAP4):
    """Unencrypted at first; connects only to permitted addresses."""

    def __init__(self, replies: Replies, destinations: Destinations) -> None:
        self._destinations = destinations
        super().__init__(replies.host, replies.server_port, timeout=replies.timeout.total_seconds())

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._destinations.connect_in_thread(self.host, self.port, timeout)


class _EncryptedMailbox(imaplib.IMAP4_SSL):
    """The same with TLS from the beginning."""

    def __init__(self, replies: Replies, destinations: Destinations, trust: ssl.SSLContext) -> None:
        self._destinations, self._trust = destinations, trust
        timeout_s = replies.timeout.total_seconds()
        super().__init__(replies.host, replies.server_port, ssl_context=trust, timeout=timeout_s)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        sock = self._destinations.connect_in_thread(self.host, self.port, timeout)
        return self._trust.wrap_socket(sock, server_hostname=self.host)


def read_unseen(replies: Replies, destinations: Destinations, known: frozenset[bytes]) -> list[Found]:
    """Return the unseen replies to automatic mails, without marking them; blocks.

    Args:
        known: Ids that are not read again.

    Raises:
        Unreachable: No server, no encryption, or the log-in is refused.
    """
    with _opened(replies, destinations) as mailbox:
        validity = _validity(mailbox)
        _, found = mailbox.uid("SEARCH", "UNSEEN HEADER In-Reply-To @")
        uids = [uid for uid in (found[0] or b"").split() if validity + uid not in known][:MOST_AT_ONCE]
        return [(validity + uid, content) for uid in uids if (content := _content(mailbox, uid))]


def check_mailbox(replies: Replies, destinations: Destinations) -> None:
    """Log in and open the folder; blocks; raises Unreachable."""
    with _opened(replies, destinations):
        return


def mark_seen(replies: Replies, destinations: Destinations, mail_id: bytes) -> None:
    """Mark a mail as seen; blocks; raises Unreachable."""
    with _opened(replies, destinations) as mailbox:
        validity = _validity(mailbox)
        if mail_id.startswith(validity):
            mailbox.uid("STORE", mail_id.removeprefix(validity).decode("ascii"), "+FLAGS (\\Seen)")


@contextmanager
def _opened(replies: Replies, destinations: Destinations) -> Iterator[imaplib.IMAP4]:
    """Connect, encrypt, log in and select the folder."""
    place = f"{replies.host}:{replies.server_port}"
    trust = tls_context(verify=replies.verify_ssl, ca_file=replies.ca_file)
    try:
        mailbox: imaplib.IMAP4
        if replies.tls == "tls":
            mailbox = _EncryptedMailbox(replies, destinations, trust)
        else:
            mailbox = _Mailbox(replies, destinations)
        try:
            if replies.tls == "starttls":
                mailbox.starttls(trust)
            mailbox.login(replies.username, replies.password.get_secret_value())
            status, answer = mailbox.select(f'"{replies.folder}"')
            if status != "OK":
                raise Unreachable(f"{place} does not open the folder {replies.folder}: {answer[0]!r:.100}")
            yield mailbox
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                mailbox.logout()
            with suppress(OSError):
                mailbox.shutdown()  # a log-out that fails leaves the connection open
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(f"{place} has a certificate that is not trusted: {error.verify_message}") from error
    except OSError as error:
        raise Unreachable(f"{place} cannot be read: {reason_of(error)}") from error
    except (imaplib.IMAP4.error, MessageError) as error:
        text = str(error).replace(replies.password.get_secret_value(), "***")
        raise Unreachable(f"{place} refuses: {text[:200]}") from error


def _validity(mailbox: imaplib.IMAP4) -> bytes:
    """Return the UIDVALIDITY of the folder: with another one all UIDs are new (RFC 3501 2.3.1.1)."""
    _, found = mailbox.response("UIDVALIDITY")
    return (found[0] or b"0") + b"."


def _content(mailbox: imaplib.IMAP4, uid: bytes) -> bytes:
    _, found = mailbox.uid("FETCH", uid.decode("ascii"), f"(BODY.PEEK[]<0.{LARGEST}>)")
    return next((part[1] for part in found if isinstance(part, tuple)), b"")
