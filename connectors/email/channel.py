"""E-mail channel: one SMTP connection for each message."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from email.headerregistry import Address

import aiosmtplib

from connectors.email.address import one_address, with_ascii_domain
from connectors.email.config import EmailConfig
from connectors.email.failures import LONGEST_ANSWER, translated
from connectors.email.mailbox import Found, check_mailbox, mark_seen, read_unseen
from connectors.email.message import build_message
from connectors.email.replies import ReplyKey, reply_of
from opsconductor.connector.acknowledging import AckState
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult
from opsconductor.connector.outgoing.own_texts import OwnTexts
from opsconductor.connector.settings.trust import tls_context
from opsconductor.errors import ConnectorError, Rejected
from opsconductor.limits import BoundedMap
from opsconductor.model.notifications.notification import AttachedFile, Notification, Receipt
from opsconductor.model.text import folded

GOODBYE_S = 2
MOST_KNOWN = 10_000
"""Mails of the mailbox that are no replies and are not read again."""


class EmailChannel:
    """Sends each notification as one e-mail to one recipient."""

    def __init__(self, config: EmailConfig, context: ConnectorContext) -> None:
        self._config = config
        self._context = context
        self._texts = OwnTexts(config.templates, context.report_template)
        replies = config.replies
        self._reply_key = None if replies is None else ReplyKey(replies.password.get_secret_value())
        self._known: BoundedMap[bytes, None] = BoundedMap(MOST_KNOWN)
        self._place = f"{config.host}:{config.server_port}"
        self._tls: ssl.SSLContext | None = None
        self._own_name: str | None = None

    async def send(self, notification: Notification) -> Receipt:
        """Send one e-mail.

        Raises:
            Unreachable: No server, no encryption, log-in refused, or a 4xx answer.
            Rejected: The recipient is not an address, or the server refuses with a 5xx answer.
        """
        return await self._send(self._texts.written(notification), notification.recipient, None)

    async def send_file(self, notification: Notification, file: AttachedFile) -> Receipt:
        """Send one e-mail with a file, its text as it is given; raises as `send`."""
        return await self._send(notification, notification.recipient, file)

    async def _send(self, written: Notification, to: str, file: AttachedFile | None) -> Receipt:
        try:
            sender = with_ascii_domain(self._config.address)
            recipient = with_ascii_domain(one_address(to))
            message = build_message(written, sender, recipient, self._reply_key)
        except ValueError as error:
            raise Rejected(str(error)) from error
        if file is not None:
            kind, _, subtype = file.media_type.partition("/")
            message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        async with self._connected() as client:
            await self._check_mailboxes(client, sender, recipient)
            _, answer = await client.send_message(
                message, sender=sender.addr_spec, recipients=[recipient.addr_spec]
            )
        return Receipt(detail=f"{self._place}: {folded(answer, LONGEST_ANSWER)}")

    def preview(self, notification: Notification) -> Mapping[str, str]:
        """Return subject, text and HTML; raises ValueError if a template fails."""
        own = self._texts.rendered(notification)
        return {"subject": own.subject, "text": own.text, "html": own.html}

    async def work(self) -> None:
        """Read the mailbox of replies until cancelled; without one do nothing."""
        replies = self._config.replies
        while replies is not None:
            for found in await asyncio.to_thread(
                read_unseen, replies, self._context.destinations, frozenset(self._known)
            ):
                await self._take(found)
            self._context.report_up()
            await asyncio.sleep(replies.every.total_seconds())
        await asyncio.Event().wait()

    async def _take(self, found: Found) -> None:
        """Acknowledge if a mail is a reply that does so; what could not be stored is read again."""
        mail_id, content = found
        assert self._config.replies is not None
        assert self._reply_key is not None
        reply = reply_of(content, self._reply_key)
        if reply is None:
            self._known[mail_id] = None
            return
        outcome = await self._context.acknowledge(reply.alert_id, reply.by)
        if outcome.state is not AckState.UNSETTLED:
            await asyncio.to_thread(mark_seen, self._config.replies, self._context.destinations, mail_id)

    async def _check_mailboxes(self, client: aiosmtplib.SMTP, *addresses: Address) -> None:
        """Check that the server supports non-ASCII mailboxes, if there are any.

        Raises:
            Rejected: It does not, and such an address has no ASCII form.
        """
        beyond = [address.addr_spec for address in addresses if not address.username.isascii()]
        if not beyond:
            return
        await client.ehlo()
        if not client.supports_extension("smtputf8"):
            raise Rejected(
                f"{self._place} does not accept addresses with non-ASCII letters before the @ (no SMTPUTF8):"
                f" {', '.join(beyond)}; give an ASCII address"
            )

    async def check(self) -> CheckResult:
        """Connect, encrypt and log in, but send nothing; open the mailbox of replies, too."""
        try:
            if self._config.replies is not None:
                await asyncio.to_thread(check_mailbox, self._config.replies, self._context.destinations)
            async with self._connected() as client:
                await client.noop()
                encryption = client.get_transport_info("cipher")
        except ConnectorError as error:
            return CheckResult(ok=False, message=str(error))
        details = {
            "server": self._place,
            "encryption": encryption[1] if encryption else "none",
            "user": self._config.username or "none",
        }
        return CheckResult(
            ok=True, message=f"{self._place} takes mail from {self._config.sender}", details=details
        )

    async def close(self) -> None:
        """Do nothing: no connection is kept between messages."""

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """Connect, encrypt and log in as configured, within one timeout for everything.

        QUIT is outside the timeout: a message that the server has accepted must not be sent again because the
        server then stops answering.
        """
        client: aiosmtplib.SMTP | None = None
        try:
            with translated(self._place):
                async with asyncio.timeout(self._config.timeout.total_seconds()):
                    client = await self._client()
                    await client.connect()
                    yield client
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=GOODBYE_S)
        finally:
            if client is not None:
                client.close()

    async def _client(self) -> aiosmtplib.SMTP:
        config = self._config
        if self._own_name is None:
            self._own_name = await asyncio.to_thread(socket.getfqdn)
        if self._tls is None and config.tls != "none":
            self._tls = await asyncio.to_thread(tls_context, verify=config.verify_ssl, ca_file=config.ca_file)
        return aiosmtplib.SMTP(
            hostname=config.host,
            sock=await self._context.destinations.connect(config.host, config.server_port),
            username=config.username,
            password=config.password.get_secret_value() if config.password else None,
            use_tls=config.tls == "tls",
            start_tls=config.tls == "starttls",
            tls_context=self._tls,
            local_hostname=self._own_name,
            timeout=config.timeout.total_seconds(),
        )
