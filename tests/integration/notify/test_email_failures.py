"""The result of each failure of an SMTP server: tried again, or given up."""

import asyncio
from typing import Any

import pytest

from opsconductor.errors import Rejected, Unreachable
from tests.support.certificates import Certificates
from tests.support.notify.notices import NOTICE, notice
from tests.support.notify.smtp_server import Mailbox, authenticate, channel, scripted, served


async def test_a_refused_log_in_is_tried_again_and_never_shown(
    mailbox: Mailbox, certificates: Certificates
) -> None:
    """After wrong credentials no message is given up: they can be corrected. The text has no password."""
    options: dict[str, Any] = {"authenticator": authenticate, "tls_context": certificates.server_context()}
    async with served(mailbox, **options) as port:
        sender = channel(
            port, tls="starttls", ca_file=str(certificates.ca_file), username="ops", password="wrong battery"
        )
        with pytest.raises(Unreachable, match="refuses username or password: 535") as caught:
            await sender.send(NOTICE)
        check = await sender.check()
    assert "battery" not in str(caught.value)
    assert not check.ok
    assert "refuses username or password" in check.message


async def test_a_certificate_of_an_untrusted_authority(mailbox: Mailbox, certificates: Certificates) -> None:
    """Without `ca_file` the private certificate is refused with the reason; `verify_ssl: false` takes it."""
    async with served(mailbox, tls_context=certificates.server_context()) as port:
        with pytest.raises(Unreachable, match="certificate that is not trusted"):
            await channel(port, tls="starttls").send(NOTICE)
        await channel(port, tls="starttls", verify_ssl=False).send(NOTICE)
    async with served(mailbox, tls=certificates.server_context()) as port:
        with pytest.raises(Unreachable, match="certificate that is not trusted"):
            await channel(port, tls="tls").send(NOTICE)
    assert len(mailbox.messages) == 1


async def test_no_encryption_no_mail(mailbox: Mailbox) -> None:
    """A server without STARTTLS gets nothing from a channel that wants it: no silent plain text."""
    async with served(mailbox) as port:
        with pytest.raises(Unreachable, match="STARTTLS"):
            await channel(port, tls="starttls").send(NOTICE)
        with pytest.raises(Unreachable, match="TLS"):
            await channel(port, tls="tls").send(NOTICE)
    assert mailbox.messages == []


async def test_a_ca_file_that_is_not_there_is_named() -> None:
    """A missing file of authorities is named, by sending and by checking."""
    sender = channel(1, tls="tls", ca_file="/nonexistent/ca.pem")
    with pytest.raises(Unreachable, match=r"ca_file /nonexistent/ca\.pem cannot be used: No such file"):
        await sender.send(NOTICE)
    assert "ca_file" in (await sender.check()).message


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("RCPT", "550 5.1.1 no such user", Rejected),
        ("RCPT", "450 4.2.0 greylisted", Unreachable),
        ("RCPT", "452 4.2.2 mailbox full", Unreachable),
        ("MAIL", "530 5.7.0 must authenticate first", Unreachable),
        ("MAIL", "553 5.7.1 sender not allowed", Rejected),
        ("MAIL", "451 4.3.0 try later", Unreachable),
        ("DATA", "554 5.7.1 looks like spam", Rejected),
        ("DATA", "421 4.3.2 shutting down", Unreachable),
    ],
)
async def test_each_answer_means_again_or_never(
    mailbox: Mailbox, command: str, answer: str, error: type[Exception]
) -> None:
    """4xx is tried again, 5xx is not, and the server's own words are in the error."""
    mailbox.answers[command] = answer
    async with served(mailbox) as port:
        with pytest.raises(error, match=answer):
            await channel(port).send(NOTICE)


@pytest.mark.parametrize(
    "recipient",
    ["", "nobody", "a@example.net, b@example.net", "a@example.net\r\nBcc: x@example.net", "a@ex ample.net",
     "<a@example.net> NOTIFY=NEVER", "@example.net", "a" * 250 + "@example.net", "group: a@example.net;;"],
)  # fmt: skip
async def test_a_recipient_that_is_no_address_is_refused_unsent(mailbox: Mailbox, recipient: str) -> None:
    """A text that is not exactly one address never reaches the SMTP dialogue."""
    async with served(mailbox) as port:
        with pytest.raises(Rejected):
            await channel(port).send(notice(recipient=recipient))
    assert mailbox.envelopes == []


async def test_a_subject_cannot_forge_a_header(mailbox: Mailbox) -> None:
    """Should a line break ever get this far, the message is refused, not sent with a forged header."""
    async with served(mailbox) as port:
        with pytest.raises(Rejected):
            await channel(port).send(notice(subject="Link Down\r\nBcc: everyone@example.net"))
    assert mailbox.envelopes == []


async def test_a_closed_port_is_tried_again(unused_tcp_port: int) -> None:
    """A refused connection is tried again; the check has the address."""
    sender = channel(unused_tcp_port)
    with pytest.raises(Unreachable, match=f"localhost:{unused_tcp_port}"):
        await sender.send(NOTICE)
    check = await sender.check()
    assert not check.ok
    assert "Connection refused" in check.message


async def test_a_server_that_hangs_is_given_up_in_time() -> None:
    """A silent server costs the timeout and no more."""

    async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with scripted(silence) as port, asyncio.timeout(4):
        with pytest.raises(Unreachable, match=r"(?i)time"):
            await channel(port, timeout="1s").send(NOTICE)


async def test_a_server_that_drips_is_given_up_in_time() -> None:
    """The timeout is for the whole attempt: a server that sends a byte now and then cannot stretch it."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"220-still thinking\r\n")
            await writer.drain()
            await asyncio.sleep(0.2)

    async with scripted(drip) as port, asyncio.timeout(4):
        with pytest.raises(Unreachable, match=r"(?i)time"):
            await channel(port, timeout="1s").send(NOTICE)


@pytest.mark.parametrize(
    "greeting", [b"", b"220 hello\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\xff\xfe\r\n"]
)
async def test_a_connection_that_breaks_off(greeting: bytes) -> None:
    """Closed before, after or instead of a greeting, or not SMTP at all: tried again."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()

    async with scripted(hang_up) as port:
        with pytest.raises(Unreachable):
            await channel(port).send(NOTICE)


async def test_a_server_that_turns_us_away_at_the_door() -> None:
    """A refusal as greeting is not about the message: tried again, with the server's words."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 5.7.1 your address is on a list\r\n")
        await reader.read()

    async with scripted(refuse) as port:
        with pytest.raises(Unreachable, match="your address is on a list"):
            await channel(port).send(NOTICE)


async def test_a_server_that_refuses_starttls_is_tried_again() -> None:
    """A 5xx answer to STARTTLS is about the server, not about the message: Exchange without a certificate."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        while command := await reader.readline():
            is_greeting = command.upper().startswith(b"EHLO")
            writer.write(b"250-mx\r\n250 STARTTLS\r\n" if is_greeting else b"554 5.7.3 no TLS\r\n")

    async with scripted(refuse) as port:
        with pytest.raises(Unreachable, match=r"refuses the connection: 554 5\.7\.3 no TLS") as caught:
            await channel(port, tls="starttls").send(NOTICE)
    assert not caught.value.is_about_message


async def test_an_answer_without_end_is_no_smtp() -> None:
    """A line that is too long is described as such, not as a refusal with a code of the client's own."""

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 " + b"x" * 100_000 + b"\r\n")
        await reader.read()

    async with scripted(babble) as port:
        with pytest.raises(Unreachable, match="does not speak SMTP as expected: Response too long"):
            await channel(port).send(NOTICE)
