"""The e-mail channel against a real SMTP server: the mails that arrive."""

import asyncio
from typing import Any

import pytest

from opsconductor.errors import Rejected
from opsconductor.model.enums import NotificationKind
from tests.support.certificates import Certificates
from tests.support.notify.notices import NOTICE, notice
from tests.support.notify.smtp_server import LOGIN, Mailbox, authenticate, channel, lines_of, scripted, served


async def test_text_and_html_arrive_with_the_notifications_id(mailbox: Mailbox) -> None:
    """One mail to one recipient: both parts whole, Message-ID from the id, marked as automatic."""
    async with served(mailbox) as port:
        receipt = await channel(port).send(NOTICE)
    [mail] = mailbox.messages
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert lines_of(text) == NOTICE.text
    assert lines_of(html).strip() == NOTICE.html
    assert mail["Subject"] == NOTICE.subject
    assert mail["Message-ID"] == f"<{NOTICE.id}@example.org>"
    assert mail["X-OpsConductor-Notification"] == str(NOTICE.id)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOTICE.created_at
    assert (mail["From"], mail["To"]) == ("OpsConductor <ops@example.org>", "noc@example.net")
    assert mailbox.envelopes[0].mail_from == "ops@example.org"
    assert mailbox.envelopes[0].rcpt_tos == ["noc@example.net"]
    assert "queued as 42" in receipt.detail


async def test_problem_and_recovery_stand_in_one_thread(mailbox: Mailbox) -> None:
    """Both messages name the same ancestor, and each has its own Message-ID."""
    recovery = notice(id=NOTICE.alert_id, kind=NotificationKind.RECOVERY, subject="[RESOLVED] Link Down")
    async with served(mailbox) as port:
        sender = channel(port)
        await sender.send(NOTICE)
        await sender.send(recovery)
    first, second = mailbox.messages
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]


async def test_a_repeated_attempt_has_the_same_message_id(mailbox: Mailbox) -> None:
    """The recipient of a second attempt can recognize the same message."""
    async with served(mailbox) as port:
        sender = channel(port)
        await sender.send(NOTICE)
        await sender.send(notice(attempt=2))
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


async def test_a_message_without_html_is_plain_text(mailbox: Mailbox) -> None:
    """When the template failed there is no HTML part at all."""
    async with served(mailbox) as port:
        await channel(port).send(notice(html=""))
    assert mailbox.messages[0].get_content_type() == "text/plain"


async def test_an_address_beyond_ascii_is_sent_where_the_server_knows_it(mailbox: Mailbox) -> None:
    """An international mailbox goes out with SMTPUTF8."""
    async with served(mailbox) as port:
        await channel(port).send(notice(recipient="büro@example.net"))
    assert mailbox.envelopes[0].rcpt_tos == ["büro@example.net"]


@pytest.mark.parametrize("knows_utf8", [True, False])
async def test_a_domain_beyond_ascii_arrives_whatever_the_server_knows(
    mailbox: Mailbox, *, knows_utf8: bool
) -> None:
    """In its xn-- form, in the envelope and in the headers, for sender and recipient; names are encoded."""
    async with served(mailbox, enable_SMTPUTF8=knows_utf8) as port:
        sender = channel(port, **{"from": "Überwachung <ops@straße.example>"})
        await sender.send(notice(recipient="noc@bücher.example"))
    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "ops@xn--strae-oqa.example",
        ["noc@xn--bcher-kva.example"],
    )
    assert bytes(envelope.content or b"").isascii()
    (mail,) = mailbox.messages
    assert mail["To"] == "noc@xn--bcher-kva.example"
    assert mail["From"].addresses[0].display_name == "Überwachung"
    assert mail["Message-ID"] == f"<{NOTICE.id}@xn--strae-oqa.example>"


@pytest.mark.parametrize(
    ("recipient", "sender"),
    [("büro@example.net", "ops@example.org"), ("noc@example.net", "wächter@example.org")],
)
async def test_a_mailbox_beyond_ascii_needs_a_server_that_knows_it(
    mailbox: Mailbox, recipient: str, sender: str
) -> None:
    """Without SMTPUTF8 it is given up at once, and the text has the address and the remedy."""
    async with served(mailbox, enable_SMTPUTF8=False) as port:
        with pytest.raises(Rejected, match=r"no SMTPUTF8\): (büro|wächter)@.*give an ASCII address"):
            await channel(port, **{"from": sender}).send(notice(recipient=recipient))
    assert mailbox.messages == []


async def test_a_domain_that_is_none_is_refused() -> None:
    """Nothing is sent; the text names it."""
    with pytest.raises(Rejected, match="is not a domain name"):
        await channel(1).send(notice(recipient="noc@ä_b.example"))


# aiosmtpd does not know that its socket is encrypted from the first byte
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_encrypted_with_log_in(mailbox: Mailbox, certificates: Certificates, tls: str) -> None:
    """With STARTTLS or TLS and a private authority the log-in works and the mail goes encrypted."""
    context = certificates.server_context()
    options: dict[str, Any] = {"authenticator": authenticate, "auth_required": True}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        options |= {"tls": context, "auth_require_tls": False}
    async with served(mailbox, **options) as port:
        sender = channel(port, tls=tls, ca_file=str(certificates.ca_file), **LOGIN)
        await sender.send(NOTICE)
        check = await sender.check()
    assert len(mailbox.messages) == 1
    assert mailbox.encrypted == [True]
    assert check.ok
    assert check.details["encryption"] == "TLSv1.3"
    assert check.details["user"] == "ops"


async def test_lines_of_the_text_cannot_end_the_message(mailbox: Mailbox) -> None:
    """A dot alone on a line and a line like an SMTP command arrive as text."""
    text = "first\n.\nRCPT TO:<evil@example.net>\n..\n" + "x" * 5000 + "\n"
    async with served(mailbox) as port:
        await channel(port).send(notice(text=text))
    body = mailbox.messages[0].get_body(("plain",))
    assert body is not None
    assert lines_of(body) == text
    assert mailbox.envelopes[0].rcpt_tos == ["noc@example.net"]


async def test_silence_after_acceptance_is_success() -> None:
    """A server that has taken the message and then hangs at QUIT does not get it again."""

    async def take_and_hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                writer.write(b"250 taken\r\n")
            elif word != b"QUIT":
                writer.write(b"250 fine\r\n")

    async with scripted(take_and_hang) as port:
        receipt = await channel(port, timeout="1s").send(NOTICE)
    assert "taken" in receipt.detail


async def test_checking_sends_nothing(mailbox: Mailbox) -> None:
    """Testing the connection goes as far as it can without a message."""
    async with served(mailbox) as port:
        check = await channel(port).check()
    assert check.ok
    assert check.details == {"server": f"localhost:{port}", "encryption": "none", "user": "none"}
    assert mailbox.envelopes == []


async def test_sends_at_the_same_time_do_not_disturb_each_other(mailbox: Mailbox) -> None:
    """Twenty mails at once through one channel arrive, each once."""
    async with served(mailbox) as port:
        sender = channel(port)
        await asyncio.gather(*(sender.send(notice(recipient=f"noc{n}@example.net")) for n in range(20)))
    assert sorted(mail["To"] for mail in mailbox.messages) == sorted(f"noc{n}@example.net" for n in range(20))
    await sender.close()
