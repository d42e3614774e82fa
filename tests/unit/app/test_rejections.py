"""Payloads that connectors received and cannot normalize count as rejected too."""

from datetime import UTC, datetime

from opsconductor.app.connectors.rejections import Rejections
from opsconductor.connector.rejection import KEPT_BYTES, RejectionLimits
from opsconductor.errors import DecodeError
from opsconductor.model.event import RawEvent
from opsconductor.selfcheck.watch.trouble import Facts, troubles_of


def test_payloads_that_cannot_be_read_are_a_trouble_by_topic() -> None:
    """Three payloads without a number: one trouble with topic, reason and remedy."""
    rejections = Rejections(RejectionLimits(messages=3))
    raw = RawEvent(connector="mqtt", payload=b"{}", received_at=datetime.now(UTC), local="hall/{t}")
    for _ in range(3):
        rejections.note_invalid(raw, DecodeError("not_a_number"))
    facts = Facts(
        is_database_away=False,
        spool=None,
        connectors={},
        losses=(),
        silences=(),
        rejected=rejections.repeated(),
    )
    (trouble,) = troubles_of(facts)
    assert trouble.title == "Messages Rejected - hall/(t)"
    assert "3 messages of hall/{t}: the payload is not a number. Remedy: correct the rule" in trouble.message


def test_the_first_bytes_of_a_payload_are_kept_without_topic_and_secrets() -> None:
    """The topic is shown as the sender; the payload is shortened, and a password in it is masked."""
    rejections = Rejections()
    document = b'{"topic":"hall/t","payload":"21 degrees","password":"geheim"}' + b" " * 100
    raw = RawEvent(connector="mqtt", payload=document, received_at=datetime.now(UTC), local="hall/t")
    rejections.note_invalid(raw, DecodeError("not_a_number"))
    (shown,) = rejections.latest("mqtt")
    first_bytes = bytes.fromhex(shown.first_bytes)
    assert first_bytes.startswith(b'","payload":"21 degrees","password":***}')
    assert len(first_bytes) == KEPT_BYTES


def test_a_removed_connector_is_forgotten_and_built_in_sources_are_not() -> None:
    """After a reload without the connector its rejections are removed; those of the API stay."""
    rejections = Rejections(RejectionLimits(messages=1))
    for name in ("gone", "api"):
        rejections.of(name)("10.0.0.1", "invalid", explanation="x", remedy="y")
    rejections.keep_only(["other"])
    assert [each.connector for each in rejections.repeated()] == ["api"]
