"""Every reason for which our connectors reject messages has an explanation and a remedy."""

from connectors.webhook_in import envelope
from connectors.webhook_in import source as webhook_in
from opsconductor.connector.rejection_words import UNKNOWN_REMEDY, WORDS, words_of
from opsconductor.snmp.message import ber
from opsconductor.snmp.security import usm


def test_every_listed_reason_has_words() -> None:
    """All reasons of SNMP and of posts are in the table."""
    listed = {*ber.REASONS, *usm.REFUSALS, *webhook_in.REASONS, *envelope.REASONS, "network", "community"}
    assert listed <= set(WORDS)


def test_the_detail_stands_behind_the_explanation() -> None:
    """The detail of one message is added in brackets."""
    assert words_of("no_json", "line 1").explanation == "the post is not JSON (line 1)"


def test_an_unknown_reason_is_still_readable() -> None:
    """A connector of another package may have reasons of its own."""
    words = words_of("no_such_reason")
    assert words.explanation == "no such reason"
    assert words.remedy == UNKNOWN_REMEDY
