"""Maintenance windows in files: what is accepted, and with which message others are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from opsconductor.config.provision.declared.maintenance import DeclaredMaintenance

WINDOW = {
    "name": "fibre",
    "start_at": "2026-12-01T22:00:00+01:00",
    "end_at": "2026-12-02T04:00:00+01:00",
}

RULE = {"rule": "FREQ=WEEKLY;BYDAY=TU", "zone": "Europe/Berlin", "duration": "3h"}


def test_times_are_kept_in_utc_and_survive_the_database() -> None:
    """A second apply finds no difference."""
    row = DeclaredMaintenance.model_validate(WINDOW).model_dump(mode="json")
    assert (row["start_at"], row["end_at"]) == ("2026-12-01T21:00:00Z", "2026-12-02T03:00:00Z")
    assert DeclaredMaintenance.model_validate(row).model_dump(mode="json") == row
    row = DeclaredMaintenance.model_validate(WINDOW | {"recurring": RULE}).model_dump(mode="json")
    assert row["recurring"] == RULE
    assert DeclaredMaintenance.model_validate(row).model_dump(mode="json") == row


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"start_at": "2026-12-01T22:00:00"}, "a time with its offset"),
        ({"start_at": "tomorrow"}, "a time with its offset"),
        ({"start_at": 5}, "a time with its offset"),
        ({"start_at": "0001-01-01T00:00:00+05:00"}, "between the years 1 and 9999"),
        ({"end_at": "2026-12-01T21:00:00Z"}, "an end_at after start_at"),
        ({"conditions": {"event": "created"}}, "event is for notification rules"),
        ({"conditions": {"any": [{"time": {"zone": "UTC"}}]}}, "time is for notification rules"),
        ({"behind": ""}, "at least 1 character"),
        ({"mode": "ignore"}, "'mute' or 'hide'"),
        ({"who": "me"}, "Extra inputs"),
        ({"end_at": None}, "end_at, or recurring"),
        ({"recurring": RULE | {"rule": "FREQ=SECONDLY"}}, "FREQ=SECONDLY is not possible"),
        ({"recurring": RULE | {"rule": "BYDAY=TU"}}, "a recurrence rule such as"),
        ({"recurring": RULE | {"rule": "FREQ=DAILY;COUNT=3"}}, "the last one is given by end_at"),
        ({"recurring": RULE | {"rule": "FREQ=DAILY;FREQ=DAILY"}}, "a recurrence rule such as"),
        ({"recurring": RULE | {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}}, "BYMONTHDAY=30 has none"),
        ({"recurring": RULE | {"rule": "FREQ=DAILY;INTERVAL=7;BYDAY=MO"}}, "BYDAY=MO has none"),
        ({"recurring": RULE | {"rule": "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2"}}, "BYSETPOS=2 has none"),
        (
            {"recurring": RULE | {"rule": "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"}},
            "has none",
        ),
        ({"start_at": "0001-01-01T00:00:00Z", "recurring": RULE | {"zone": "America/Lima"}}, "has none"),
        ({"recurring": RULE | {"zone": "Mars/Base"}}, "a time zone that this machine knows"),
        ({"recurring": RULE | {"duration": "40d"}}, "at most 31d"),
    ],
)
def test_ambiguous_windows_are_refused(values: dict[str, Any], words: str) -> None:
    """A window that would mute more than its author means is refused."""
    with pytest.raises(ValidationError, match=words):
        DeclaredMaintenance.model_validate(WINDOW | values)


@pytest.mark.parametrize(
    "rule", ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;INTERVAL=9", "FREQ=DAILY"]
)
@pytest.mark.parametrize("year", [2026, 2096, 9990])
def test_rare_occurrences_are_accepted_in_any_year(rule: str, year: int) -> None:
    """An occurrence within ten years is enough; only 29 February is missing from 2096 to 2104."""
    start = {"start_at": f"{year}-12-01T22:00:00Z", "end_at": None}
    DeclaredMaintenance.model_validate(WINDOW | start | {"recurring": RULE | {"rule": rule}})
