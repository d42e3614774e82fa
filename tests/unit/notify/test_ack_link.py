"""Tokens of acknowledge links: signed ones are read back, all others are refused."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.interface import CheckResult
from opsconductor.model.enums import NotificationKind
from opsconductor.model.notifications.notification import Notification, Receipt
from opsconductor.notify.ack_link import LONGEST_TOKEN, AckLinks
from opsconductor.notify.notification_sender import NotificationSender
from opsconductor.notify.render import Renderer
from opsconductor.notify.settings import DeliverySettings
from opsconductor.store.notifications.outbox import Claimed

KEY = bytes(range(32))
ALERT = UUID("019cb5e0-0000-7000-8000-0000000000aa")
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LINKS = AckLinks(KEY, "https://noc.example.net/ops/", timedelta(hours=24))
URL = LINKS.url_of(ALERT, "anna@example.net", AT)
TOKEN = URL.rpartition("/")[2]


def test_a_link_says_who_what_and_until_when() -> None:
    """Alert, recipient and times come back; the link is below the public address and short enough."""
    link = LINKS.read(TOKEN)
    assert link is not None
    assert (link.alert_id, link.recipient, link.by) == (
        ALERT,
        "anna@example.net",
        "anna@example.net by link",
    )
    assert (link.issued_at, link.expires_at) == (AT, AT + timedelta(hours=24))
    assert URL.startswith("https://noc.example.net/ops/ack/")
    assert len(URL) < 150


@given(st.text(max_size=500))
def test_any_recipient_fits_into_a_link(recipient: str) -> None:
    """Whatever the name of the recipient, the token is short enough and the name fits the history."""
    link = LINKS.read(LINKS.url_of(ALERT, recipient, AT).rpartition("/")[2])
    assert link is not None
    assert len(link.by) <= 100


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_token_is_refused(position: int, flip: int) -> None:
    """One changed byte anywhere, in content or signature, makes it invalid."""
    content = bytearray(urlsafe_b64decode(TOKEN + "=" * (-len(TOKEN) % 4)))
    content[position % len(content)] ^= flip
    assert LINKS.read(urlsafe_b64encode(content).rstrip(b"=").decode()) is None


@given(st.text(max_size=2 * LONGEST_TOKEN))
def test_arbitrary_text_is_refused(text: str) -> None:
    """Unsigned text neither raises nor is read."""
    assert LINKS.read(text) is None


def test_another_key_reads_nothing() -> None:
    """A new key ends the links of all messages before it; a short key is refused."""
    assert AckLinks(bytes(32), "https://x.example", timedelta(hours=1)).read(TOKEN) is None
    with pytest.raises(ValueError, match="32 bytes"):
        AckLinks(b"short", "https://x.example", timedelta(hours=1))


@pytest.mark.parametrize(
    ("status", "kind"),
    [("active", NotificationKind.PROBLEM), ("active", NotificationKind.WORSE)],
)
def test_messages_about_unacknowledged_alerts_carry_the_link(status: str, kind: NotificationKind) -> None:
    """In text and HTML, and as a value for the channel."""
    message = Renderer(None, public_url="https://noc.example.net/ops/", ack_links=LINKS).render(
        claimed(kind, status=status)
    )
    assert message.acknowledge_url == URL
    assert f"Acknowledge: {URL}" in message.text
    assert f'href="{URL}"' in message.html
    assert URL not in repr(message)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("acknowledged", NotificationKind.ACKNOWLEDGED),
        ("resolved", NotificationKind.RECOVERY),
        ("expired", NotificationKind.EXPIRED),
    ],
)
def test_messages_about_acknowledged_or_resolved_alerts_carry_none(
    status: str, kind: NotificationKind
) -> None:
    """There is nothing to acknowledge; and without links there is none for a problem either."""
    message = Renderer(None, public_url="https://noc.example.net/", ack_links=LINKS).render(
        claimed(kind, status=status)
    )
    assert not message.acknowledge_url
    assert "/ack/" not in message.text + message.html
    plain = Renderer(None, public_url="https://noc.example.net/").render(claimed(status="active"))
    assert "/ack/" not in plain.text + plain.html


def test_a_rule_without_recipients_names_the_channel() -> None:
    """Of a webhook without recipients, the history has the channel."""
    url = Renderer(None, ack_links=LINKS).render(claimed(status="active", recipient="")).acknowledge_url
    link = LINKS.read(url.rpartition("/")[2])
    assert link is not None
    assert link.by == "noc-mail by link"


def claimed(
    kind: NotificationKind = NotificationKind.PROBLEM, *, recipient: str = "anna@example.net", **facts: Any
) -> Claimed:
    """Make a notification about an alert."""
    return Claimed(
        id=UUID(int=1),
        alert_id=ALERT,
        rule_name="noc",
        channel="noc-mail",
        recipient=recipient,
        kind=kind,
        facts={"title": "Link Down", "severity": "critical", **facts},
        created_at=AT,
        attempt=1,
    )


class Keeper:
    """A channel that keeps its messages."""

    def __init__(self) -> None:
        self.got: list[Notification] = []

    async def send(self, notification: Notification) -> Receipt:
        """Keep a message."""
        self.got.append(notification)
        return Receipt(detail="kept")

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="works")

    async def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(("back", "has_link"), [("", False), ("link", True), ("button", True)])
async def test_only_channels_that_can_show_it_get_the_link(back: str, has_link: bool) -> None:  # noqa: FBT001
    """A ticket or a log would show the recipient's link to all readers."""
    channel = Keeper()
    traits = {"noc-mail": ChannelTraits(acknowledge_back=back)}
    sender = NotificationSender({"noc-mail": channel}, DeliverySettings(ack_links=LINKS), None, traits)
    flight = sender.start(claimed(status="active"), lambda: None)
    await flight.task
    assert bool(channel.got[0].acknowledge_url) is has_link
    assert ("/ack/" in channel.got[0].text) is has_link
