"""Any JSON-like value becomes a document that PostgreSQL's json and jsonb take."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from opsconductor.model.normalized import JsonDocument
from opsconductor.model.text import DEEPEST
from opsconductor.store.commit.rows import made_or_empty, with_raw_data
from opsconductor.store.postgres.codecs import VERSION, decode_json, decode_jsonb, encode_json, encode_jsonb
from tests.support.store.stored import an_alert


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ({}, {}),
        ((), []),
        (None, None),
        (0, 0),
        ("", ""),
        ({"a": [1, 2.5, True, None, "ü"]}, {"a": [1, 2.5, True, None, "ü"]}),
        (MappingProxyType({"a": MappingProxyType({"b": ()})}), {"a": {"b": []}}),
        ({"a": datetime(2026, 1, 2, tzinfo=UTC)}, {"a": "2026-01-02T00:00:00+00:00"}),
        ({"a\0": "b\0\ud800"}, {"a\\x00": "b\\x00\\ud800"}),
        ({"text of six": "\\u0000"}, {"text of six": "\\u0000"}),
        ([float("nan"), float("inf"), 10**5000], ["nan", "inf", "(number too large)"]),
        ({1: "a", (2, 3): "b"}, {"1": "a", "(2, 3)": "b"}),
    ],
)
def test_a_value_is_stored_as(value: object, stored: object) -> None:
    """JSON values stay, others become readable text."""
    assert decode_jsonb(encode_jsonb(value)) == stored
    assert decode_json(encode_json(value)) == stored


def test_endless_nesting_ends() -> None:
    """Nesting that would exhaust the stack here or in PostgreSQL is cut off."""
    value: object = "end"
    for _ in range(10_000):
        value = {"a": value}
    assert encode_jsonb(value).count(b"{") == DEEPEST + 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"n": 1' + "0" * 5_000 + "}", {"n": "(number too large)"}),
        ("[" * 50_000 + "]" * 50_000, {"not_readable": "(nested too deeply)"}),
        ('{"n": 18446744073709551616}', {"n": 2**64}),
    ],
)
def test_any_stored_document_is_read(text: str, read: object) -> None:
    """Also documents that this program would not write: no document makes a list fail."""
    assert decode_jsonb(VERSION + text.encode()) == read


def test_the_document_of_a_new_alert_is_not_parsed() -> None:
    """Its presence is known without its content; without one it is empty."""
    document = JsonDocument("no JSON at all")
    assert made_or_empty(lambda: document) is document
    assert made_or_empty(None) == {}


def test_raw_data_that_cannot_be_made_costs_no_alert() -> None:
    """Every alert is yielded once and in order, also around those whose raw data fail."""
    alerts = [an_alert() for _ in range(5)]

    def fail() -> Mapping[str, object]:
        raise ValueError("no such text")

    makers = {alerts[1].id: fail, alerts[2].id: lambda: {"a": 1}, alerts[4].id: fail}
    stored = list(with_raw_data(alerts, makers))
    assert [alert for alert, _ in stored] == alerts
    refused = [str(raw.get("not_stored", "")).partition(" (")[0] for _, raw in stored]
    assert refused == ["", "ValueError: no such text", "", "", "ValueError: no such text"]
    assert [stored[place][1] for place in (0, 2, 3)] == [{}, {"a": 1}, {}]
