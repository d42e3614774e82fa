"""A reply to a mail acknowledges: over a real IMAP server, and only for those who got the mail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.channel import EmailChannel
from connectors.email.message import HINT, build_message
from connectors.email.replies import ReplyKey, reply_of
from opsconductor.connector.acknowledging import AckOutcome, AckState
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import Unreachable
from opsconductor.model.enums import NotificationKind
from tests.support.notify.imap_server import PASSWORD, USER, Mailbox, dovecot
from tests.support.notify.notices import notice
from tests.support.notify.smtp_server import channel
from tests.support.snmp.trap_listener import until

KEY = ReplyKey(PASSWORD)
NOTICE = notice(facts={"severity": "critical", "status": "active"})
OPS, ANNA = Address("Ops", "ops", "example.org"), Address("Anna", "anna", "example.net")
MAIL = build_message(NOTICE, OPS, ANNA, KEY)
DONE = AckOutcome(state=AckState.DONE, text="Acknowledged.")
UNSETTLED = AckOutcome(state=AckState.UNSETTLED, text="Try again.")


def reply(text: str = "ack", *, to: EmailMessage = MAIL, html: str = "", **headers: str) -> bytes:
    """Write a reply as mail programs do: it references the mail and quotes it below."""
    mail = EmailMessage()
    mail["From"] = "Anna <anna@example.net>"
    mail["To"] = str(to["From"])
    mail["Subject"] = f"Re: {to['Subject']}"
    mail["Message-ID"] = "<reply-1@example.net>"
    mail["In-Reply-To"] = str(to["Message-ID"])
    mail["References"] = f"{to['References']} {to['Message-ID']}"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if html:
        mail.set_content(html, subtype="html")
    else:
        mail.set_content(f"{text}\n\nOn Wed, Ops wrote:\n> {HINT}\n")
    return mail.as_bytes()


@asynccontextmanager
async def reading(
    box: Mailbox, *outcomes: AckOutcome, **changes: Any
) -> AsyncIterator[tuple[list[tuple[UUID, str]], "asyncio.Task[None]", EmailChannel]]:
    """Run a channel that reads the mailbox each second; yield its acknowledgements."""
    asked: list[tuple[UUID, str]] = []
    left = list(outcomes)

    async def acknowledge(alert_id: UUID, by: str) -> AckOutcome:
        asked.append((alert_id, by))
        return left.pop(0) if len(left) > 1 else left[0]

    context = ConnectorContext(name="mail", data_dir=Path("/nowhere"), acknowledge=acknowledge)
    replies = {
        "host": "localhost", "port": box.port, "username": USER, "password": PASSWORD, "every": "1s",
        "ca_file": box.certificates.ca_file, **changes,
    }  # fmt: skip
    reader = channel(25, context, replies=replies)
    working = asyncio.create_task(reader.work())
    try:
        yield asked, working, reader
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError, Unreachable):
            await working


async def test_a_reply_acknowledges_once_and_other_mails_stay_unseen() -> None:
    """In the name of its sender; other mails are left for people to read."""
    with dovecot() as box:
        for content in (
            reply("Thanks, what is ack?"),
            reply(Auto_Submitted="auto-replied"),
            b"From: x@example.net\r\nSubject: hello\r\n\r\nack\r\n",
            reply(),
        ):
            await asyncio.to_thread(box.deliver, content)
        async with reading(box, DONE) as (asked, _, __):
            async with asyncio.timeout(20):
                while await asyncio.to_thread(box.unseen) != 3:
                    await asyncio.sleep(0.1)
            await asyncio.to_thread(box.deliver, reply("Acknowledged, I am on my way."))
            await until(lambda: len(asked) == 2)
    assert asked == [(NOTICE.alert_id, "anna@example.net by e-mail")] * 2


async def test_what_could_not_be_stored_is_read_again() -> None:
    """The mail stays unseen until the acknowledgement is stored."""
    with dovecot() as box:
        await asyncio.to_thread(box.deliver, reply())
        async with reading(box, UNSETTLED, DONE) as (asked, _, reader):
            assert "localhost:25: " in (await reader.check()).message, "after the mailbox, SMTP"
            await until(lambda: len(asked) == 2)
            async with asyncio.timeout(20):
                while await asyncio.to_thread(box.unseen):
                    await asyncio.sleep(0.1)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"password": "another-password"}, "refuses"),
        ({"ca_file": None}, "not trusted"),
        ({"folder": "Elsewhere"}, "does not open the folder Elsewhere"),
        ({"port": 1}, "Connection refused"),
    ],
)
async def test_a_mailbox_that_cannot_be_read_says_why(changes: dict[str, Any], expected: str) -> None:
    """The work ends with the reason and without the password; the supervisor shows it and tries again."""
    with dovecot() as box:
        async with reading(box, DONE, **changes) as (_, working, __):
            await until(working.done)
            error = working.exception()
    assert isinstance(error, Unreachable)
    assert expected in str(error)
    assert "password" not in str(error).lower().replace("authenticationfailed", "")


def test_the_message_asks_for_a_reply_only_while_it_can_be_acknowledged() -> None:
    """A recovery has an ordinary Message-ID and no hint; so has everything without a mailbox."""
    html = replace(NOTICE, html="<html><body><p>x</p></body></html>")
    mail = build_message(html, OPS, ANNA, KEY)
    assert all(HINT in str(part.get_content()) for part in mail.iter_parts())
    assert KEY.alert_of(str(mail["Message-ID"])) == NOTICE.alert_id
    over = replace(NOTICE, kind=NotificationKind.RECOVERY, facts={"status": "resolved"})
    for plain in (build_message(over, OPS, ANNA, KEY), build_message(NOTICE, OPS, ANNA)):
        assert str(plain["Message-ID"]) == f"<{NOTICE.id}@example.org>"
        assert HINT not in plain.as_string()


@pytest.mark.parametrize(
    "text", ["ack", "ACK", " Ack. ", "acknowledge!", "Acknowledged, on my way", "\n\nack\n"]
)
def test_the_first_word_acknowledges(text: str) -> None:
    """In any case, with or without a mark after it; also of a mail that is HTML alone."""
    expected = (NOTICE.alert_id, "anna@example.net by e-mail")
    for content in (
        reply(text),
        reply(html=f"<html><head><style>p{{}}</style></head><div>{text}</div></html>"),
    ):
        found = reply_of(content, KEY)
        assert found is not None
        assert (found.alert_id, found.by) == expected


@pytest.mark.parametrize("text", ["", "> ack", "back soon", "no ack", "acknowledgement of what?"])
def test_other_words_do_not(text: str) -> None:
    """Nothing, a quotation, and sentences in which the word stands elsewhere."""
    assert reply_of(reply(text), KEY) is None


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; x"}, {"Precedence": "bulk"}],
)
def test_programs_do_not_acknowledge(headers: dict[str, str]) -> None:
    """Answers of out-of-office programs and mailing lists are ignored."""
    assert reply_of(reply(**headers), KEY) is None


def test_an_invented_message_id_acknowledges_nothing() -> None:
    """Another key, a changed alert, and the Message-ID of a mail without a signature."""
    other = build_message(NOTICE, OPS, ANNA, ReplyKey("another-password"))
    assert reply_of(reply(to=other), KEY) is None
    assert reply_of(reply(to=build_message(NOTICE, OPS, ANNA)), KEY) is None
    changed = str(MAIL["Message-ID"]).replace(NOTICE.alert_id.hex, UUID(int=7).hex)
    assert KEY.alert_of(changed) is None


@given(st.binary(max_size=2_000), st.binary(max_size=200))
def test_any_bytes_are_read_or_are_none(head: bytes, body: bytes) -> None:
    """No mail raises an error."""
    reply_of(head, KEY)
    reply_of(b"References: " + str(MAIL["Message-ID"]).encode() + b"\r\n" + head + b"\r\n\r\n" + body, KEY)
