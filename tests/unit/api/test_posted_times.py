"""Faults of posted values: each has its place, an invalid time is reported, and many faults cost little."""

import pytest

from opsconductor.api.handlers.reported import CSV, JSON, LINES
from opsconductor.api.series.bodies import MOST_FAULTS, read_points


@pytest.mark.parametrize("word", ["NaN", "nan", "-nan", "Infinity", "-inf", "1e999"])
@pytest.mark.parametrize("name", ["at", "value"])
def test_a_value_that_is_no_number_is_a_fault(word: str, name: str) -> None:
    """A fault names point and field, also where Python and C write it differently; others are stored."""
    fields = {"at": "1", "value": "1"} | {name: word}
    bad = f'{{"device": "a", "metric": "b", "at": {fields["at"]}, "value": {fields["value"]}}}'
    read = read_points(f'[{bad}, {{"device": "a", "metric": "b", "value": 2, "at": null}}]'.encode(), JSON)
    assert [fault["name"] for fault in read.faults] == [f"point 1: {name}"]
    assert [place for place, _ in read.points] == ["point 2"]
    assert read_points(bad.encode(), LINES).faults[0]["name"] == f"line 1: {name}"


def test_only_the_first_faults_are_reported_and_all_are_counted() -> None:
    """Rows with two faults count once; valid rows among them are read."""
    rows = ["device,metric,value", *(["a,b,x,y,z", "a,!,x", "a,b,1"] * 200)]
    read = read_points("\n".join(rows).encode(), CSV)
    assert (read.refused, len(read.points)) == (400, 200)
    assert {fault["name"].partition(":")[0] for fault in read.faults} == {
        f"line {number}" for number in range(2, 2 + MOST_FAULTS * 3 // 2) if number % 3 != 1
    }
    assert len(read.faults) == MOST_FAULTS * 3 // 2
