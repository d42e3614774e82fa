"""How `opsconductor event send` reads files, without a daemon."""

import json

import pytest
from click.testing import CliRunner

from opsconductor.api.handlers.reported import CSV, JSON, LINES, MOST_EVENTS, ReportedEvent, read_events
from opsconductor.cli import main
from opsconductor.cli.event import PART_BYTES, media_like, parts_of

EVENT = {"device": "srv1", "alert_type": "storage_backup_failed"}


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (json.dumps([EVENT, EVENT]), JSON),
        (json.dumps([EVENT], indent=2), JSON),
        (json.dumps(EVENT, indent=2), JSON),
        (json.dumps(EVENT), JSON),
        (f"\ufeff\n{json.dumps(EVENT)}\r\n{json.dumps(EVENT)}\n", LINES),
        ("device,alert_type\nsrv1,storage_backup_failed\n", CSV),
        ("", CSV),
    ],
)
def test_a_file_without_a_known_suffix_is_read_by_its_content(data: str, media: str) -> None:
    """The format follows from the first bracket, and from whether each line is an object."""
    assert media_like(data.encode()) == media
    assert set(read_events(data.encode(), media)) <= {ReportedEvent.model_validate(EVENT)}


def test_parts_have_as_much_as_is_accepted() -> None:
    """No part has more events or bytes than are accepted; all events are sent, in order."""
    short = [ReportedEvent.model_validate({**EVENT, "title": str(n)}) for n in range(MOST_EVENTS + 1)]
    assert [len(part) for part in parts_of(short)] == [MOST_EVENTS, 1]
    long = [
        ReportedEvent.model_validate({**EVENT, "message": "x" * 10_000, "title": str(n)}) for n in range(240)
    ]
    parts = list(parts_of(long))
    assert len(parts) > 1
    assert all(len(json.dumps(part)) < PART_BYTES + 1000 for part in parts)
    assert [one["title"] for part in parts for one in part] == [str(n) for n in range(240)]
    assert list(parts_of([])) == []


def test_the_help_lists_every_column() -> None:
    """The columns in the help are those that are read."""
    output = CliRunner().invoke(main, ["event", "send", "--help"]).output
    names = next(line for line in output.splitlines() if "device alert_type" in line).split()
    assert names == list(ReportedEvent.model_fields)
    assert "75 the daemon is away" in output


def test_an_empty_cell_is_no_value_and_an_empty_line_no_event() -> None:
    """Empty cells and lines are skipped, as spreadsheets write them."""
    (event,) = read_events(b'device,alert_type,severity,clear,tags\n,,,,\nsrv1,power_x,,yes,"a,b"\n', CSV)
    assert (event.severity, event.clear, event.tags) == ("warning", True, ("a", "b"))
