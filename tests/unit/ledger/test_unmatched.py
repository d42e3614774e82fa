"""Unmatched clears are counted by their device, type and resource, in bounded memory."""

import pytest

from opsconductor.ledger import unmatched
from opsconductor.ledger.unmatched import OTHERS, UnmatchedClears
from opsconductor.model.changes import UnmatchedClear

DAY_S = 86_400.0


def a_clear(resource: str = "ifIndex=7", device: str = "10.0.0.1") -> UnmatchedClear:
    """Make a clear that ended no alert."""
    return UnmatchedClear(
        source_system="traps",
        source_alert_id="",
        device=device,
        alert_type="network_link_down",
        resource=resource,
    )


def test_equal_clears_are_one_count_until_they_are_stored() -> None:
    """Counts added while earlier ones are being stored are kept for the next time."""
    counts = UnmatchedClears()
    counts.add([a_clear(), a_clear()], 0)
    (stored,) = counts.waiting()
    assert (stored.amount, stored.name.day, stored.name.resource) == (2, "1970-01-01", "ifIndex=7")
    counts.add([a_clear()], 10)
    counts.forget([stored])
    (left,) = counts.waiting()
    assert (left.amount, left.last_at.second) == (1, 10)
    counts.forget([left])
    assert counts.waiting() == []


def test_resources_beyond_the_bound_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device with ever new resources, and ever new devices, fill neither memory nor table."""
    monkeypatch.setattr(unmatched, "MOST_RESOURCES", 2)
    monkeypatch.setattr(unmatched, "MOST_NAMES", 3)
    counts = UnmatchedClears()
    counts.add([a_clear(f"row={number}") for number in range(5)], 0)
    assert {each.name.resource: each.amount for each in counts.waiting()} == {
        "row=0": 1,
        "row=1": 1,
        OTHERS: 3,
    }
    counts.add([a_clear(device=f"10.0.0.{number}") for number in range(2, 5)], 0)
    devices = {each.name.device: each.amount for each in counts.waiting() if each.name.device != "10.0.0.1"}
    assert devices == {"10.0.0.2": 1, OTHERS: 2}
    counts.add([a_clear("row=4")], DAY_S)
    assert [each.name.resource for each in counts.waiting() if each.name.day == "1970-01-02"] == ["row=4"]
