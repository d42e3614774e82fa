"""Laws of messages: text from the network cannot forge a line, a header or a recipient."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from connectors.email.address import one_address
from connectors.email.message import build_message
from opsconductor.model.enums import NotificationKind
from opsconductor.notify.render import Renderer
from opsconductor.store.notifications.outbox import Claimed

TEXT = st.text(st.characters(), max_size=80)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["title", "message", "device_name", "resource", "severity", "status", "occurred_at", "resolved_at",
     "tags", "custom_fields", "cause", "impacted", "old_severity", "occurrence_count", "resolved_by"]
)  # fmt: skip
RENDERER = Renderer(UTC)


@given(facts=st.dictionaries(FIELDS, JSON, max_size=8), kind=st.sampled_from(NotificationKind))
def test_any_facts_make_an_email_whose_headers_are_ours(
    facts: dict[str, object], kind: NotificationKind
) -> None:
    """Arbitrary facts give a one-line subject and a mail with exactly our headers, byte for byte ASCII."""
    claimed = Claimed(
        id=UUID(int=1),
        alert_id=UUID(int=2),
        rule_name="all",
        channel="mail",
        recipient="noc@example.net",
        kind=kind,
        facts=facts,
        created_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        attempt=1,
    )
    message = RENDERER.render(claimed)
    assert message.subject.isprintable()
    sender, recipient = Address(addr_spec="ops@example.net"), Address(addr_spec="noc@example.net")
    content = build_message(message, sender, recipient).as_bytes()
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    parsed = message_from_bytes(content, policy=default)
    assert parsed.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
        "X-Auto-Response-Suppress", "X-OpsConductor-Notification", "X-OpsConductor-Alert",
        "X-OpsConductor-Kind", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert str(parsed["To"]) == "noc@example.net"


@given(text=TEXT | st.from_regex(r"[a-z.<>@,;:\"\\ ()]{0,30}", fullmatch=True))
def test_any_text_is_one_address_or_none(text: str) -> None:
    """Reading an address raises ValueError or gives one without anything that steers an SMTP dialogue."""
    try:
        address = one_address(text)
    except ValueError:
        return
    assert address.username
    assert address.domain
    assert not set(address.addr_spec) & set(' \t\r\n<>,;:"\\')
    assert address.addr_spec.count("@") == 1
    assert address.addr_spec.isprintable()
