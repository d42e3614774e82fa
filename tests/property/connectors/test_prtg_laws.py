"""Any post of PRTG, or of a forger, is read, or refused with a reason that is counted."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.prtg.config import PrtgConfig
from connectors.prtg.listing import KEPT
from connectors.prtg.normalize import HELD, HELD_ACKNOWLEDGED, PrtgNormalizer
from connectors.prtg.post import FIELDS, fields_of, known_fields
from connectors.prtg.sensor import sensor_of
from opsconductor.errors import DecodeError, NormalizeError
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.event import RawEvent
from opsconductor.model.normalized import Snapshot

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CONFIG = PrtgConfig.model_validate({"url": "https://prtg.example.net", "api_token": "a token"})
READ = PrtgNormalizer("prtg", CONFIG)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.sampled_from(
    [
        "5",
        "Down",
        "Up -> Down",
        "<b>x</b>",
        "&#x110000;",
        "46024.1",
        "nan",
        "1e999",
        "127.0.0.1",
        "::1",
        "***",
    ]
)
STATES = st.sampled_from(range(-1, 16))
ROWS = st.dictionaries(
    st.sampled_from(sorted({*KEPT, "id", "path", HELD, HELD_ACKNOWLEDGED})), VALUES | TEXTS | STATES
)
NAMED_ROWS = st.builds(
    lambda row, number, state: {**row, "objid": number, "status_raw": state},
    ROWS,
    st.integers(1, 10**6),
    STATES,
)
NAMES = st.sampled_from([name for names in FIELDS.values() for name in names])
DOCUMENTS = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("sensors"), "rows": st.lists(NAMED_ROWS | ROWS | VALUES, max_size=5)},
        optional={"taken_at": VALUES | TEXTS},
    ),
    st.fixed_dictionaries({"kind": st.just("server")}, optional={"error": VALUES, "taken_at": VALUES}),
    st.fixed_dictionaries(
        {"kind": st.just("post"), "fields": st.dictionaries(NAMES, VALUES | TEXTS) | VALUES},
        optional={"row": NAMED_ROWS | ROWS | VALUES},
    ),
    VALUES,
)


def event(payload: bytes) -> RawEvent:
    """Make an event of a payload."""
    return RawEvent(connector="prtg", payload=payload, received_at=NOW)


def outcome(read: Callable[[], Any]) -> Any:
    """Read something; return the reason where it is refused."""
    try:
        return read()
    except (DecodeError, NormalizeError) as error:
        return error.reason


@given(DOCUMENTS)
def test_a_document_is_read_or_refused_and_always_the_same(document: object) -> None:
    """Only with reasons of the closed set; every alert can be identified and stored."""
    raw = event(json.dumps(document).encode())
    result = outcome(lambda: READ(raw))
    assert outcome(lambda: READ(raw)) == result
    if isinstance(result, str):
        assert result in {"no_document", "unknown_kind"}
        return
    alerts = result.alerts if isinstance(result, Snapshot) else result
    for alert in alerts:
        assert alert.occurred_at.tzinfo is UTC  # of any day: the pipeline replaces what is implausible
        assert alert.is_clear is (alert.severity == "clear")
        assert not (isinstance(result, Snapshot) and alert.is_clear)
    assert len(identify(alerts, InventorySnapshot())) == len(alerts)


@given(st.binary(max_size=300))
def test_bytes_are_never_more_than_refused(payload: bytes) -> None:
    """As a damaged event of an archive, and as a post."""
    result = outcome(lambda: READ(event(payload)))
    assert not isinstance(result, str) or result in {"no_document", "unknown_kind"}
    known = outcome(lambda: known_fields(fields_of(payload, {})))
    assert known == "no_form" or set(known) <= set(FIELDS)


@given(st.dictionaries(NAMES, st.text(max_size=20)), st.text(max_size=30))
def test_json_that_messages_break_is_read_all_the_same(fields: dict[str, str], message: str) -> None:
    """The sensor's id at the beginning is found, whatever the message after it."""
    text = f'{{"sensorid":"3001","message":"{message}","sensorid":"7"}}'
    assert known_fields(fields_of(text.encode(errors="surrogatepass"), {})).get("sensorid") == "3001"
    body = json.dumps({**fields, "sensorid": "3001"}).encode()
    assert known_fields(fields_of(body, {}))["sensorid"] == "3001"


@given(ROWS)
def test_a_row_is_always_a_sensor(row: dict[str, object]) -> None:
    """Missing or odd values of it are left empty."""
    sensor = sensor_of(row)
    assert 0 <= sensor.priority <= 5
    assert sensor.since is None or sensor.since.tzinfo is not None
