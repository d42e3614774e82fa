"""Looking up the mapping of a trap: which pattern wins, and the cost."""

from dataclasses import replace

import pytest

from opsconductor.model.enums import Category, Severity
from opsconductor.model.mappings import table as mapping_table
from opsconductor.model.mappings.mapping import Condition, OidMapping, Origin, SeverityMap
from opsconductor.model.mappings.table import MappingTable


def mapping(pattern: str, alert_type: str, vendor: str | None = None, clear: str | None = None) -> OidMapping:
    """Make a mapping for look-ups only."""
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
    """A MIB that defines both OIDs gets each definition."""
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


def test_a_problem_that_is_declared_twice_is_cleared_once() -> None:
    """Mappings are told apart by what they say."""
    severities = SeverityMap(varbind="1.3.6.1.2.1.15.3.1.2", values={"1": Severity.MAJOR})
    bgp = replace(mapping("1.3.6.1.2.1.15.7.2", "bgp", clear="1.3.6.1.2.1.15.7.1"), severity_map=severities)
    other = replace(bgp, conditions=(Condition(varbind="1.3.6.1.2.1.15.3.1.2", equals=("1",)),))
    table = MappingTable([bgp, replace(bgp), other])
    assert table.cleared_by("1.3.6.1.2.1.15.7.1", None) == (other, bgp)


class CountingIndex(dict[str, list[OidMapping]]):
    """Counts its look-ups."""

    asked = 0

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        """Look up and count."""
        self.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("size", [10, 20_000])
def test_cost_does_not_grow_with_the_number_of_mappings(size: int) -> None:
    """A look-up asks the index once per arc and three times more, however many mappings there are."""
    table = MappingTable(mapping(f"1.3.6.1.4.1.{number}.*", "any") for number in range(size))
    index = CountingIndex(table._by_pattern[0])
    table._by_pattern[0] = index
    assert table.find("1.3.6.1.4.1.999999.1.2.3", None) is None
    assert index.asked == 3 + 9
    table.find("1.3.6.1.4.1.999999.1.2.3", None)
    assert index.asked == 3 + 9


def test_memory_of_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender of ever new OIDs cannot fill the memory."""
    monkeypatch.setattr(mapping_table, "CACHED_ANSWERS", 100)
    table = MappingTable([mapping("1.3.6.1.4.1.9.*", "cisco")])
    for number in range(1000):
        assert table.find(f"1.3.6.1.4.1.9.{number}", None) is not None
        assert table.cleared_by(f"1.3.6.1.4.1.9.{number}", None) == ()
    assert max(len(table._found), len(table._clears)) <= 100


def of_pack(pattern: str, alert_type: str, clear: str | None = None) -> OidMapping:
    """Make a mapping of a pack."""
    return replace(mapping(pattern, alert_type, clear=clear), origin=Origin.PACK)


def test_an_operators_own_mapping_beats_that_of_a_pack() -> None:
    """Also with a wildcard, and in any order: an update with a pack changes nothing of it."""
    rows = [of_pack("1.3.6.1.4.1.9.9.43.2.0.1", "pack"), mapping("1.3.6.1.4.1.9.9.43.*", "own")]
    for table in (MappingTable(rows), MappingTable(reversed(rows))):
        found = table.find("1.3.6.1.4.1.9.9.43.2.0.1", "cisco")
        assert found is not None
        assert found.alert_type == "own"


def test_traps_without_an_own_mapping_are_found_in_packs() -> None:
    """Patterns of packs are looked up like the operator's own."""
    table = MappingTable([mapping("1.3.6.1.4.1.9.1", "own"), of_pack("1.3.6.1.4.1.318.0.5", "pack")])
    found = table.find("1.3.6.1.4.1.318.5", "apc")
    assert found is not None
    assert found.alert_type == "pack"


def test_a_trap_clears_no_problem_of_a_pack_that_the_operator_has_mapped() -> None:
    """The problem of the pack is never raised; the operator's is cleared if it names the trap."""
    table = MappingTable(
        [
            of_pack("1.3.6.1.4.1.318.0.5", "pack", clear="1.3.6.1.4.1.318.0.9"),
            of_pack("1.3.6.1.4.1.318.0.7", "other", clear="1.3.6.1.4.1.318.0.9"),
            mapping("1.3.6.1.4.1.318.0.5", "own", clear="1.3.6.1.4.1.318.0.9"),
        ]
    )
    cleared = [problem.alert_type for problem in table.cleared_by("1.3.6.1.4.1.318.0.9", "apc")]
    assert cleared == ["own", "other"]


def test_a_row_without_a_clear_keeps_that_of_the_hidden_row() -> None:
    """A change of only the severity of a shipped mapping keeps its clear."""
    table = MappingTable(
        [
            mapping("1.3.6.1.4.1.318.0.5", "own"),
            of_pack("1.3.6.1.4.1.318.0.5", "pack", clear="1.3.6.1.4.1.318.0.9"),
            replace(
                of_pack("1.3.6.1.4.1.318.0.5", "derived", clear="1.3.6.1.4.1.318.0.9"), origin=Origin.DERIVED
            ),
            of_pack("1.3.6.1.4.1.318.0.7", "hidden", clear="1.3.6.1.4.1.318.0.9"),
            mapping("1.3.6.1.4.1.318.0.7", "with another clear", clear="1.3.6.1.4.1.318.0.8"),
        ]
    )
    assert [each.alert_type for each in table.cleared_by("1.3.6.1.4.1.318.0.9", "apc")] == ["own"]
    assert [each.alert_type for each in table.cleared_by("1.3.6.1.4.1.318.0.8", "apc")] == [
        "with another clear"
    ]


def test_candidates_end_with_one_that_always_applies() -> None:
    """Conditions come first; unreachable mappings are not listed."""
    test = Condition(varbind="1.3.6.1.9", equals=("1",))
    rows = [
        mapping("1.3.6.1.4.1.318.0.5", "any"),
        replace(mapping("1.3.6.1.4.1.318.0.5", "one"), conditions=(test,)),
        replace(mapping("1.3.6.1.4.1.318.0.5", "two"), conditions=(test, test)),
        mapping("1.3.6.1.4.1.318.*", "never"),
    ]
    table = MappingTable(rows)
    assert [each.alert_type for each in table.candidates("1.3.6.1.4.1.318.0.5", None)] == [
        "two",
        "one",
        "any",
    ]
    found = table.find("1.3.6.1.4.1.318.0.5", None)
    assert found is not None
    assert found.alert_type == "any"
