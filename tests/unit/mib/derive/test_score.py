"""The scorer of derived mappings, and the labels that it compares with."""

import pytest

from opsconductor.model.enums import Category, Severity
from tests.mib.score import LABELS, Row, judge, read_rows

LABEL = {
    "role": "problem|event",
    "severity": "major|minor",
    "category": "network",
    "clears": "",
    "resource": "ifIndex|;*(index)",
    "state": "",
}
MAPPING = {"role": "problem", "severity": "major", "category": "network", "clears": "", "resource": "ifIndex"}


def verdict(label: Row, mapping: Row) -> dict[str, bool]:
    """Judge a mapping that differs from the usual one."""
    return dict(judge({**LABEL, **label}, {**MAPPING, **mapping}).right)


def test_alternatives_are_right_and_the_first_is_exact() -> None:
    """A second reading is right, but not the preferred one."""
    assert all(verdict({}, {}).values())
    assert verdict({}, {"severity": "minor"})["severity exact"] is False
    assert verdict({}, {"severity": "minor"})["severity within one"] is True
    assert verdict({}, {"severity": "info"})["severity within one"] is False
    assert verdict({}, {"role": "clear"})["role"] is False


@pytest.mark.parametrize(
    ("wanted", "found", "is_right"),
    [
        ("device", "device", True),
        ("device", "ifIndex", False),
        ("a,b", "b,a", True),
        ("a,b", "a", False),
        ("a;b", "a,b", True),
        ("a;b", "a,c", False),
        (";*(index),b", "x(index),b", True),
        (";*(index)", "x", False),
        ("device|a", "a", True),
        ("a", "device", False),
    ],
)
def test_resources_are_sets_of_needed_and_allowed_names(wanted: str, found: str, *, is_right: bool) -> None:
    """Names before the semicolon must be there, names after it may."""
    assert verdict({"resource": wanted}, {"resource": found})["resource"] is is_right


def test_pairs_are_counted_one_by_one() -> None:
    """A pair that is optional is neither missed nor wrong."""
    found = judge(LABEL | {"clears": "a,?b"}, MAPPING | {"clears": "b,c"})
    assert (found.pairs_right, found.pairs_wrong, found.pairs_missed) == (1, 1, 1)


def test_states_are_compared_by_object_and_values() -> None:
    """Of a stateful one the values that clear must be those of the label."""
    label = {"role": "stateful", "state": "acmeState=1,?2"}
    for severity, is_right in (
        ("major|acmeState=1", True),
        ("major|acmeState=1,2", True),
        ("major|acmeState=3", False),
    ):
        assert verdict(label, {"role": "stateful", "severity": severity})["state"] is is_right


def test_labels_are_numerous_and_well_formed() -> None:
    """400 notifications of 25 vendors, each vendor in one half; all words are of the closed sets."""
    halves = {name: read_rows(LABELS / f"{name}.tsv") for name in ("working", "judging")}
    vendors = {name: {row["vendor"] for row in rows} for name, rows in halves.items()}
    assert not vendors["working"] & vendors["judging"]
    assert len(vendors["working"] | vendors["judging"]) >= 25
    rows = [row for half in halves.values() for row in half]
    assert len({(row["module"], row["oid"]) for row in rows}) == len(rows) >= 400
    for row in rows:
        assert set(row["role"].split("|")) <= {"problem", "clear", "stateful", "event"}
        assert set(row["severity"].split("|")) <= set(Severity)
        assert set(row["category"].split("|")) <= set(Category)
