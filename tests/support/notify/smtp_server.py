"""SMTP servers for tests: a real one that keeps its mails, and ones that misbehave."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.email.channel import EmailChannel
from connectors.email.config import EmailConfig
from opsconductor.connector.context import ConnectorContext

SENDER = "OpsConductor <ops@example.org>"
LOGIN = {"username": "ops", "password": "correct horse"}


class Mailbox:
    """Keeps the mails of the server; answers as chosen."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        """Take the sender."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Sequence[str]
    ) -> str:
        """Take a recipient."""
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the message."""
        self.envelopes.append(envelope)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return self.answers.get("DATA", "250 2.0.0 queued as 42")

    @property
    def messages(self) -> list[EmailMessage]:
        """Return the received messages, parsed."""
        parsed = [message_from_bytes(envelope.content, policy=default) for envelope in self.envelopes]  # type: ignore[arg-type]
        return [message for message in parsed if isinstance(message, EmailMessage)]


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
    """Accept the right password."""
    is_right = (
        isinstance(data, LoginPassword)
        and data.login == LOGIN["username"].encode()
        and data.password == LOGIN["password"].encode()
    )
    return AuthResult(success=is_right, handled=False)


@asynccontextmanager
async def served(
    mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, port: int = 0, **options: Any
) -> AsyncIterator[int]:
    """Run a real SMTP server on a port of localhost, 0: a free one; yield the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, **{"enable_SMTPUTF8": True, "loop": loop, **options}),
        "127.0.0.1",
        port,
        ssl=tls,
    )
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@asynccontextmanager
async def scripted(
    dialogue: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
) -> AsyncIterator[int]:
    """Run a server that misbehaves as scripted; yield the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await dialogue(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def channel(port: int, context: ConnectorContext | None = None, **config: Any) -> EmailChannel:
    """Make a channel to a server of this machine, unencrypted by default."""
    settings = {"host": "localhost", "port": port, "tls": "none", "from": SENDER, "timeout": "5s"}
    checked = EmailConfig.model_validate({**settings, **config})
    return EmailChannel(checked, context or ConnectorContext(name="mail", data_dir=Path("/nowhere")))


def lines_of(part: EmailMessage) -> str:
    """Decode a part; SMTP ends lines with CR LF."""
    return str(part.get_content()).replace("\r\n", "\n")
