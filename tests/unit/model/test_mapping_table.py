"""Looking up the mapping of a trap: which pattern wins, and that it stays cheap."""

import pytest

from opsconductor.model import mapping_table
from opsconductor.model.enums import Category, Severity
from opsconductor.model.mapping import OidMapping
from opsconductor.model.mapping_table import MappingTable


def mapping(pattern: str, alert_type: str, vendor: str | None = None, clear: str | None = None) -> OidMapping:
    """Make a mapping of which only the look-up matters."""
    return OidMapping(
        oid_pattern=pattern,
        vendor=vendor,
        alert_type=alert_type,
        category=Category.NETWORK,
        default_severity=Severity.MAJOR,
        title_template="",
        clear_oid_pattern=clear,
    )


TABLE = MappingTable(
    [
        mapping("1.3.6.1.4.1.6141.*", "all"),
        mapping("1.3.6.1.4.1.6141.2.*", "branch"),
        mapping("1.3.6.1.4.1.6141.2.60.1", "leaf"),
        mapping("1.3.6.1.4.1.6141.*", "all of ciena", vendor="Ciena"),
        mapping("1.3.6.1.4.1.6141.2.60.1", "leaf of ciena", vendor="ciena"),
        mapping("1.3.6.1.4.1.2636.4.1.1", "without zero"),
        mapping("1.3.6.1.4.1.318.0.5", "with zero"),
        mapping("1.3.6.1.4.1.9.9.1.0.*", "wildcard with zero"),
        mapping("1.3.6.1.4.1.9.*", "cisco"),
    ]
)


@pytest.mark.parametrize(
    ("trap_oid", "vendor", "expected"),
    [
        ("1.3.6.1.4.1.6141.2.60.1", None, "leaf"),
        ("1.3.6.1.4.1.6141.2.60.1", "ciena", "leaf of ciena"),
        ("1.3.6.1.4.1.6141.2.60.1", "juniper", "leaf"),
        ("1.3.6.1.4.1.6141.2.61", "ciena", "branch"),
        ("1.3.6.1.4.1.6141.3", "ciena", "all of ciena"),
        ("1.3.6.1.4.1.6141.3", None, "all"),
        ("1.3.6.1.4.1.6141", None, None),
        ("1.3.6.1.4.1.61412.3", None, None),
        ("1.3.6.1.4.1.2636.4.1.0.1", None, "without zero"),
        ("1.3.6.1.4.1.318.5", None, "with zero"),
        ("1.3.6.1.4.1.9.9.1.7", None, "wildcard with zero"),
        ("1.3.6.1.4.1.9.9.2.7", None, "cisco"),
        ("1.3", None, None),
    ],
)
def test_longest_pattern_wins_then_the_vendor(
    trap_oid: str, vendor: str | None, expected: str | None
) -> None:
    """The longest pattern by arcs wins; between equal ones the vendor's own; `.0.` is optional."""
    found = TABLE.find(trap_oid, vendor)
    assert (found.alert_type if found else None) == expected
    assert TABLE.find(trap_oid, vendor) is found


def test_exact_oid_beats_the_one_with_zero() -> None:
    """A MIB that defines both OIDs gets what it defines."""
    table = MappingTable([mapping("1.3.6.1.4.1.1.2.0.5", "zero"), mapping("1.3.6.1.4.1.1.2.5", "plain")])
    assert [table.find(oid, None).alert_type for oid in ("1.3.6.1.4.1.1.2.0.5", "1.3.6.1.4.1.1.2.5")] == [
        "zero",
        "plain",
    ]


def test_a_clear_finds_every_problem_that_names_it() -> None:
    """Problems are found by their clear OID, also by wildcard and without `.0.`; not other vendors'."""
    table = MappingTable(
        [
            mapping("1.3.6.1.2.1.15.7.2", "bgp", clear="1.3.6.1.2.1.15.7.1"),
            mapping("1.3.6.1.2.1.15.7.3", "any", clear="1.3.6.1.2.1.15.*"),
            mapping("1.3.6.1.2.1.15.7.4", "cisco's", vendor="cisco", clear="1.3.6.1.2.1.15.7.1"),
            mapping("1.3.6.1.2.1.15.7.5", "other", clear="1.3.6.1.2.1.16.1"),
        ]
    )
    for oid in ("1.3.6.1.2.1.15.7.1", "1.3.6.1.2.1.15.7.0.1"):
        assert [each.alert_type for each in table.cleared_by(oid, None)] == ["bgp", "any"]
        assert [each.alert_type for each in table.cleared_by(oid, "cisco")] == ["cisco's", "bgp", "any"]
    assert table.cleared_by("1.3.6.1.2.1.17.1", None) == ()


class CountingIndex(dict[str, list[OidMapping]]):
    """Counts how often it is asked."""

    asked = 0

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        """Answer as a dictionary does, and count."""
        self.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("size", [10, 20_000])
def test_cost_does_not_grow_with_the_number_of_mappings(size: int) -> None:
    """A look-up asks the index once per arc and three times more, however many mappings there are."""
    table = MappingTable(mapping(f"1.3.6.1.4.1.{number}.*", "any") for number in range(size))
    table._by_pattern = index = CountingIndex(table._by_pattern)
    assert table.find("1.3.6.1.4.1.999999.1.2.3", None) is None
    assert index.asked == 3 + 9
    table.find("1.3.6.1.4.1.999999.1.2.3", None)
    assert index.asked == 3 + 9


def test_memory_of_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone who sends ever new OIDs cannot fill the memory."""
    monkeypatch.setattr(mapping_table, "CACHED_ANSWERS", 100)
    table = MappingTable([mapping("1.3.6.1.4.1.9.*", "cisco")])
    for number in range(1000):
        assert table.find(f"1.3.6.1.4.1.9.{number}", None) is not None
        assert table.cleared_by(f"1.3.6.1.4.1.9.{number}", None) == ()
    assert max(len(table._found), len(table._clears)) <= 100
