"""The payload of a message, read in the form that a rule expects."""

import pytest

from connectors.mqtt.payload import Payload, word_of
from opsconductor.errors import DecodeError


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xfe", "not_text"),
        (b"{", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"NaN", "not_json"),
        (b"1" * 5_000, "not_json"),
        (b"", "not_json"),
    ],
)
def test_a_payload_that_is_no_json_is_counted(data: bytes, reason: str) -> None:
    """Depth, digits and constants that JSON does not know end in the reader's own error."""
    with pytest.raises(DecodeError, match=reason):
        Payload(data).read("json")


def test_a_number_larger_than_any_float_is_a_word() -> None:
    """It matches no word of a rule, and stops no message."""
    assert (word_of(10**400), word_of(-(10**400))) == ("inf", "-inf")
