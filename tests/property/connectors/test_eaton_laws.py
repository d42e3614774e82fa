"""Any answer of a device and any document of an archive is read, or refused with a reason."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.eaton.config import Thresholds
from connectors.eaton.document import Answers, document_of
from connectors.eaton.evaluate import evaluate
from connectors.eaton.mibs import MIBS, Mib
from connectors.eaton.normalize import REASONS, normalize
from opsconductor.errors import DecodeError
from opsconductor.model.enums import Category, Severity
from opsconductor.model.event import RawEvent
from opsconductor.snmp.message.plausible import Value

NOW = datetime(2026, 3, 1, tzinfo=UTC)
VALUES = st.one_of(
    st.integers(-3, 12),
    st.integers(-(2**63), 2**64),
    st.floats(),
    st.binary(max_size=20),
    st.text(max_size=20),
    st.sampled_from(["1.3.6.1.4.1.534.1.7.3", "1.3.6.1.4.1.534.1.7.5", "1.3.6.1.2.1.33.1.6.3.4", "1.3"]),
)
PARTS = ["ip", "name", "mib", "texts", "measures", "states", "alarms", "cells", "levels", "kept", "failure"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    """Draw the answers of a device: any value for any object, any rows, some unread."""
    mib: Mib = draw(st.sampled_from(MIBS))
    columns = [*mib.alarm_columns, *mib.tables]
    scalars: Mapping[str, Value | None] = draw(
        st.dictionaries(st.sampled_from(mib.scalars), VALUES | st.none(), max_size=12)
    )
    rows = st.dictionaries(st.text(max_size=5), VALUES, max_size=4)
    return Answers(
        mib=mib,
        scalars=scalars,
        rows=draw(st.dictionaries(st.sampled_from(columns), rows, max_size=6)),
        unread=draw(st.lists(st.sampled_from([*columns, *mib.scalars]), max_size=3)),
    )


def event(document: Any) -> RawEvent:
    """Write a document down as the poller does."""
    return RawEvent(connector="ups", payload=json.dumps(document).encode(), received_at=NOW)


def reason_of(document: Any) -> str | None:
    """Return why a document is refused; None: it is not."""
    try:
        normalize(event(document))
    except DecodeError as error:
        return error.reason
    return None


@given(answers(), st.sampled_from([None, *Severity]))
def test_any_answer_becomes_a_snapshot(drawn: Answers, is_open: Severity | None) -> None:
    """No answer of a device stops a poll, and every alert is complete."""
    document = evaluate(
        document_of(drawn), Thresholds(), lambda *_: is_open, before=None, on_battery_for_s=1_000
    )
    snapshot = normalize(event({"ip": "192.0.2.10", "name": "", **document}))
    keys = [(alert.alert_type, alert.resource) for alert in snapshot.alerts]
    assert len(keys) == len(set(keys))
    for alert in snapshot.alerts:
        assert alert.alert_type.startswith(f"{Category(alert.category)}_")
        assert alert.occurred_at <= NOW
        assert all(character.isprintable() for character in f"{alert.title}{alert.resource}")


@given(st.dictionaries(st.sampled_from(PARTS), JSON, min_size=8) | JSON)
def test_any_other_document_is_refused_by_reason(document: Any) -> None:
    """A document of another shape is counted, and does nothing else."""
    assert reason_of(document) in {None, *REASONS}


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[" * 100_000, b"null", b'{"ip": 1e999}'])
def test_bytes_that_are_no_document_are_refused(payload: bytes) -> None:
    """Neither depth nor broken text does more than refuse an event."""
    with pytest.raises(DecodeError, match="no_document"):
        normalize(RawEvent(connector="ups", payload=payload, received_at=NOW))
