"""Reported events become the same alerts whether they are still parsed or read from their bytes."""

import json
from datetime import UTC, datetime

from opsconductor.api.handlers.event_source import PARSED_BYTES, EventSource, event_of
from opsconductor.api.handlers.reported import JSON, read_events

AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
EVENTS = [
    {"device": "10.1.2.3", "alert_type": "storage_backup_failed"},
    {
        "device": "db-1",
        "alert_type": "application_job_failed",
        "severity": "critical",
        "resource": "nightly",
        "title": "Überlauf",
        "message": "line 1\nline 2",
        "cutting": True,
        "occurred_at": "2026-01-02T04:04:05.000001+02:00",
        "tags": ["a", "b"],
        "expires_after": "30m",
        "id": "42",
    },
    {"device": "db-1", "alert_type": "application_job_failed", "clear": True},
]


def test_parsed_events_are_the_alerts_of_their_bytes() -> None:
    """A replay, which has the bytes alone, makes the alerts that the report has made."""
    raw = event_of(read_events(json.dumps(EVENTS).encode(), JSON), "script", peer="192.0.2.1", at=AT)
    assert raw.parsed is not None
    once, again = (EventSource().normalize(each) for each in (raw, raw._replace(parsed=None)))
    assert len(once) == len(EVENTS)
    for first, second in zip(once, again, strict=True):
        assert first.raw_data() == second.raw_data()
        assert first._replace(raw_data=second.raw_data) == second


def test_many_bytes_of_events_do_not_stay_parsed() -> None:
    """What waits in the intake is measured by its bytes; parsed events are several times as large."""
    event = {**EVENTS[0], "message": "x" * 9_000}
    events = read_events(json.dumps([event] * (PARSED_BYTES // 9_000 + 1)).encode(), JSON)
    assert event_of(events, "script", peer="192.0.2.1", at=AT).parsed is None
