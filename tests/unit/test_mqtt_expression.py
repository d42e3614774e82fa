"""Expressions of operators: what they can do, and that they can neither escape nor hang."""

import pytest

from connectors.mqtt.expression import LONGEST, compile_expression
from connectors.mqtt.payload import MISSING, Payload, read_path, walk
from opsconductor.errors import DecodeError, NormalizeError

KNOWN = {
    "payload": {
        "temp": 20.5,
        "items": [1, 2, 3],
        "name": "Pump",
        "get": 7,
        "deep": {"ok": True},
        "long": "x" * 999,
    },
    "device": "pump-1",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("payload.temp * 1.8 + 32", 68.9),
        ("payload['temp']|round", 20.0),
        ("(payload.temp / 3)|round(1)", 6.8),
        ("payload.items[1]", 2),
        ("payload.items|length", 3),
        ("payload.items|sum", 6),
        ("payload.get", 7),
        ("payload.name|lower ~ '-' ~ device", "pump-pump-1"),
        ("'low' if payload.temp < 30 else 'ok'", "low"),
        ("payload.deep.ok", True),
        ("payload.none.at.all", None),
        ("payload.items[9]", None),
        ("payload.temp if payload.temp is number", 20.5),
        ("'Pu' in payload.name", True),
    ],
)
def test_an_expression_calculates(text: str, value: object) -> None:
    """Keys, positions, numbers, texts, conditions and a few filters; what is missing is None."""
    assert compile_expression(text)(KNOWN) == value


@pytest.mark.parametrize(
    "text",
    [
        "payload.__class__.__mro__",
        "payload.name.format",
        "''['__class__']",
        "payload.keys",
    ],
)
def test_attributes_do_not_exist(text: str) -> None:
    """A payload is data: there is nothing behind it."""
    assert compile_expression(text)(KNOWN) is None


@pytest.mark.parametrize(
    "text",
    [
        "payload.name.upper()",
        "range(10)",
        "payload.long * 1000000",
        "2 ** 100000000",
        "'%1000000000d' % 1",
        "payload.temp + 'x'",
        "payload.items < 'x'",
        "1 / 0",
        "10000000000000000000000 * 2",
    ],
)
def test_what_could_hang_or_escape_is_refused(text: str) -> None:
    """Calls, powers, and arithmetic with anything but sensible numbers end as a counted fault."""
    with pytest.raises(NormalizeError, match="expression"):
        compile_expression(text)(KNOWN)


@pytest.mark.parametrize(
    "text", ["", "{{ 1 }}", "payload.x|format(1)", "x|map('upper')", "(" * 400, "x" * (LONGEST + 1), "1 +"]
)
def test_what_is_no_expression_is_refused_at_once(text: str) -> None:
    """A configuration with it is refused; filters that could grow without bound are unknown."""
    with pytest.raises(ValueError, match=r"Jinja2 expression|at most"):
        compile_expression(text)


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
