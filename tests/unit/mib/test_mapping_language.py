"""Conditions, cases and severities by value: the content of a mapping, and which part applies to a trap."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.mib.condition import applicable, cleared, holds
from opsconductor.mib.facts import IndexPart, NotificationFact, ObjectFact, ObjectReference
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.mib.pattern import LONGEST_SEARCHED, is_found, pattern_fault
from opsconductor.mib.resolving import resolved, unknown_names
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.mapping import Condition, OidMapping

TRAP = "1.3.6.1.4.1.9999.0.1"
STATE, ALARM, SEVERITY = "1.3.6.1.4.1.9999.1.1.2", "1.3.6.1.4.1.9999.1.1.3", "1.3.6.1.4.1.9999.1.1.4"
STATES = ((1, "ok"), (2, "failed"))
FACTS = MibFacts(
    [
        index_of(
            [
                ObjectFact(STATE, "acmeState", "ACME-MIB", "INTEGER", enumeration=STATES),
                ObjectFact(ALARM, "acmeAlarms", "ACME-MIB", "BITS", enumeration=((0, "los"), (9, "lof"))),
                ObjectFact(
                    SEVERITY,
                    "acmeSeverity",
                    "ACME-MIB",
                    "INTEGER",
                    enumeration=((0, "Cleared"), (9, "major")),
                ),
                ObjectFact("1.3.6.1.4.1.8888.1", "acmeState", "OTHER-MIB", "INTEGER"),
                ObjectFact("1.3.6.1.4.1.8888.2", "twice", "OTHER-MIB", "INTEGER"),
                ObjectFact(
                    "1.3.6.1.4.1.8888.3", "twice", "THIRD-MIB", "INTEGER", index=(IndexPart("i", "INTEGER"),)
                ),
            ],
            [NotificationFact(TRAP, "acmeTrap", "ACME-MIB", (ObjectReference("acmeState", STATE),))],
        )
    ]
)


def row(**more: Any) -> Mapping[str, Any]:
    """Make a row as the database has it."""
    return {
        "oid_pattern": TRAP,
        "alert_type": "power_fan",
        "category": "power",
        "default_severity": "major",
        "title_template": "Fan {acmeState} - {device_name}",
        "severity_map": None,
        "expires_after_s": None,
        **more,
    }


def mapping(**more: Any) -> OidMapping:
    """Make a mapping whose names are resolved."""
    return resolved(mapping_of(row(**more)), FACTS)


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ({"equals": ("1", "2")}, "2", True),
        ({"equals": ("1", "2")}, "3", False),
        ({"equals": ("1",)}, "?", False),
        ({"differs_from": ("1",)}, "2", True),
        ({"differs_from": ("1",)}, "1", False),
        ({"differs_from": ("1",)}, "?", False),
        ({"at_least": 3}, "3", True),
        ({"at_least": 3, "at_most": 5}, "6", False),
        ({"at_most": 5}, "-1.5", True),
        ({"at_most": 5}, "five", False),
        ({"matches": "^Gi0/[0-9]+$"}, "Gi0/24", True),
        ({"matches": "down"}, "link is up", False),
        ({"matches": "(x+)+$"}, "xxxx", False),
        ({"is_present": True}, "", True),
        ({"is_present": True}, "?", False),
        ({"is_present": False}, "?", True),
        ({"is_present": False}, "0", False),
        ({"has_bit": ("0",)}, "0x80", True),
        ({"has_bit": ("1", "9")}, "0x0040", True),
        ({"has_bit": ("1",)}, "0x80", False),
        ({"has_bit": ("1",)}, "0xzz", False),
        ({"has_bit": ("1",)}, "6", True),
        ({"has_bit": ("0",)}, "6", False),
        ({"has_bit": ("0",)}, "text", False),
        ({"equals": ("2",), "at_least": 3}, "2", False),
    ],
)
def test_conditions(test: dict[str, Any], value: str, *, expected: bool) -> None:
    """Every test of a condition must hold; for a missing variable only the test of its absence holds."""
    assert holds(Condition(varbind=STATE, **test), value) is expected


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("", None),
        (r"^(?:Power|Fan) [0-9]{1,3} \[fai?led\] \d+$", None),
        (r"[]*+]x[^]*+]", None),
        (r"\(\)\*\+", None),
        ("(a+)+", "a quantifier behind a group: only a character or class may be repeated"),
        ("(a|a){2,}", "a quantifier behind a group: only a character or class may be repeated"),
        ("a*b*c*", "more than 2 quantifiers without a limit"),
        ("a{3,}b+c*", "more than 2 quantifiers without a limit"),
        ("a{1,65}", "a repetition of more than 64"),
        ("(?=a)b", "(?=: only groups (?:...) and (...) are allowed"),
        ("(?i)b", "(?i: only groups (?:...) and (...) are allowed"),
        (r"(a)\1", "a reference to a group"),
        ("(", "not a regular expression: missing ), unterminated subpattern at position 0"),
        ("x" * 201, "201 characters, at most 200 are allowed"),
    ],
)
def test_patterns_are_bounded(pattern: str, fault: str | None) -> None:
    """Patterns that could make a search slow are refused with a reason."""
    assert pattern_fault(pattern) == fault


@given(st.text("ab()*+?{}[]|.\\1,^$:=!", max_size=20), st.text(max_size=20))
def test_no_pattern_raises(pattern: str, value: str) -> None:
    """Any text is a fault or a pattern; one with a fault matches nowhere."""
    assert not (is_found(pattern, value) and pattern_fault(pattern))


def test_only_the_beginning_of_a_value_is_searched() -> None:
    """The cost of a search does not grow with the size of a value."""
    assert is_found("x$", "x" * (LONGEST_SEARCHED + 1))
    assert not is_found("b", "x" * LONGEST_SEARCHED + "b")


def test_names_and_labels_become_oids_and_numbers() -> None:
    """A name is first that of an object of the notification; labels are those of its enumeration."""
    found = mapping(
        resource_expression="fan={acmeState#1}",
        more_resources=["{acmeSeverity#}"],
        conditions=[{"varbind": "acmeState", "equals": ["failed", "7"]}],
        clear_conditions=[{"varbind": "acmeAlarms", "has_bit": ["lof"]}],
        severity_map={"varbind": "acmeState", "values": {"ok": "clear", "2": "minor"}},
        mib_name="ACME-MIB",
    )
    assert found.title_template == f"Fan {{{STATE}}} - {{device_name}}"
    assert (found.resource_expression, found.more_resources) == (f"fan={{{STATE}#1}}", (f"{{{SEVERITY}#}}",))
    assert found.conditions == (Condition(varbind=STATE, equals=("2", "7")),)
    assert found.clear_conditions == (Condition(varbind=ALARM, has_bit=("9",)),)
    assert found.severity_map is not None
    assert found.severity_map.varbind == STATE
    assert found.severity_map.values == {"1": Severity.CLEAR, "2": Severity.MINOR}
    assert not list(unknown_names(found))


def test_an_unknown_or_ambiguous_name_stays() -> None:
    """The name of no object, or of several modules, stays; the linter reports it."""
    found = mapping(
        title_template="{twice} {ifIndx#2} {1.3.6.1.9} {resource}",
        conditions=[{"varbind": "nothing", "is_present": True}],
    )
    assert list(unknown_names(found)) == ["twice", "ifIndx", "nothing"]


def test_perceived_severity() -> None:
    """By the labels of the object where they are known, else by the standard; listed values win."""
    known = mapping(
        severity_map={"varbind": "acmeSeverity", "standard": "x733", "values": {"major": "minor"}},
        mib_name="ACME-MIB",
    )
    assert known.severity_map is not None
    assert known.severity_map.values == {"0": Severity.CLEAR, "9": Severity.MINOR}
    unknown = mapping(severity_map={"varbind": "1.3.6.1.4.1.7777", "standard": "x733"})
    assert unknown.severity_map is not None
    assert [unknown.severity_map.values[value] for value in ("1", "3", "critical", "cleared")] == [
        Severity.CLEAR,
        Severity.CRITICAL,
        Severity.CRITICAL,
        Severity.CLEAR,
    ]


def test_the_first_mapping_and_case_whose_conditions_hold_apply() -> None:
    """A case changes the keys it has and leaves the rest; without a case the mapping itself applies."""
    first = mapping(conditions=[{"varbind": "acmeState", "equals": ["failed"]}])
    other = mapping(
        cases=[
            {
                "when": [{"varbind": SEVERITY, "at_least": 5}],
                "severity": "critical",
                "alert_type": "power_supply",
                "resource_expression": "psu={acmeState}",
            }
        ],
        severity_map={"varbind": "acmeState", "values": {"9": "info"}},
    )
    values = {STATE: "2", SEVERITY: "9"}
    assert applicable((first, other), values.__getitem__) is first
    values[STATE] = "1"
    case = applicable((first, other), values.__getitem__)
    assert case is not None
    assert (case.alert_type, case.default_severity, case.severity_map) == (
        "power_supply",
        Severity.CRITICAL,
        None,
    )
    assert (case.resource_expression, case.title_template) == (f"psu={{{STATE}}}", other.title_template)
    values[SEVERITY] = "1"
    assert applicable((first, other), values.__getitem__) is other
    assert applicable((first,), values.__getitem__) is None


def test_a_clear_may_depend_on_the_variables_of_its_trap() -> None:
    """A trap clears only those problems whose conditions on the clear hold."""
    any_of, one = mapping(), mapping(clear_conditions=[{"varbind": "acmeState", "equals": ["ok"]}])
    assert cleared((any_of, one), lambda _: "2") == [any_of]
    assert cleared((any_of, one), lambda _: "1") == [any_of, one]
