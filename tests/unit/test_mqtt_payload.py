"""What a message carries: its forms, and the paths into it."""

import pytest

from connectors.mqtt.payload import MISSING, Payload, read_path, walk
from opsconductor.errors import DecodeError


def test_a_path_names_one_value() -> None:
    """Names and positions are walked; what is not there is missing."""
    document = {"a": {"b c": [{"d": 4}]}, "list": [1, 2]}
    assert walk(document, read_path("$.a['b c'][0].d")) == 4
    assert walk(document, read_path("$.list[-1]")) == 2
    assert walk(document, read_path("$")) == document
    assert walk(document, read_path("$.a.x.y")) is MISSING
    assert walk(document, read_path("$.list[7]")) is MISSING
    assert walk("text", read_path("$.a")) is MISSING


@pytest.mark.parametrize("text", ["$..a", "$.a[*]", "$.a[?@.b==1]", "$.a[", "$.a | $.b", "$.a[0:2]"])
def test_a_path_that_searches_is_refused(text: str) -> None:
    """What searching costs would be for the sender of the payload to decide."""
    with pytest.raises(ValueError, match="names one value"):
        read_path(text)


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
