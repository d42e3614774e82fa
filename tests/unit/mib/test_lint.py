"""The linter of mappings: which rows it reports, and which it accepts."""

from typing import Any

import pytest

from opsconductor.mib.facts import IndexPart, NotificationFact, ObjectFact, ObjectReference
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lint.finding import LintFinding, LintLevel, can_equal
from opsconductor.mib.lint.lint import lint
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.mapping_row import mapping_of

ROOT = "1.3.6.1.4.1.9999"
FAILED, REPAIRED, BARE = f"{ROOT}.0.1", f"{ROOT}.0.2", f"{ROOT}.0.3"
INDEX = (IndexPart("acmeFanIndex", "INTEGER"),)
STATE = ObjectFact(
    f"{ROOT}.1.1.2",
    "acmeFanState",
    "ACME-MIB",
    "INTEGER",
    enumeration=((1, "ok"), (2, "failed"), (3, "stopped")),
    index=INDEX,
)
SPEED = ObjectFact(f"{ROOT}.1.1.3", "acmeFanSpeed", "ACME-MIB", "INTEGER", index=INDEX)
MODEL = ObjectFact(f"{ROOT}.2.1", "acmeModel", "ACME-MIB", "OCTET STRING")


def _carrying(oid: str, name: str, *objects: ObjectFact) -> NotificationFact:
    return NotificationFact(oid, name, "ACME-MIB", tuple(ObjectReference(o.name, o.oid) for o in objects))


FACTS = MibFacts(
    [
        index_of(
            [STATE, SPEED, MODEL],
            [
                _carrying(FAILED, "acmeFanFailed", STATE, SPEED),
                _carrying(REPAIRED, "acmeFanRepaired", STATE),
                _carrying(BARE, "acmeNotice"),
            ],
        )
    ]
)
EXPIRES = {"expires_after_s": 60}


def row(**more: Any) -> dict[str, Any]:
    """Make a row: a fan has failed."""
    return {
        "oid_pattern": FAILED,
        "alert_type": "environment_fan",
        "category": "environment",
        "default_severity": "major",
        "title_template": "Fan {resource} has failed - {device_name}",
        "resource_expression": "fan={acmeFanState#}",
        "severity_map": None,
        "expires_after_s": None,
        **more,
    }


def clear(**more: Any) -> dict[str, Any]:
    """Make a row: the fan works again."""
    return row(**{"oid_pattern": REPAIRED, "default_severity": "clear", "is_clear_event": True, **more})


def found(*rows: dict[str, Any]) -> list[LintFinding]:
    """Lint rows."""
    return lint([mapping_of(each) for each in rows], FACTS)


def findings(*rows: dict[str, Any]) -> list[tuple[int, str, str]]:
    """List the findings: position, key and rule."""
    return [(each.position, ".".join(map(str, each.path)), each.rule) for each in found(*rows)]


BY_STATE = {"varbind": "acmeFanState", "values": {"ok": "clear", "failed": "critical", "stopped": "minor"}}


@pytest.mark.parametrize(
    "rows",
    [
        [row(clear_oid_pattern=REPAIRED), clear()],
        [row(), clear()],
        [row(severity_map=BY_STATE)],
        [row(**EXPIRES)],
        [row(clear_oid_pattern=REPAIRED)],
        [row(cases=[{"when": [{"varbind": "acmeFanState", "equals": ["ok"]}], "severity": "clear"}])],
        [row(oid_pattern=BARE, title_template="Notice", resource_expression="", **EXPIRES)],
    ],
    ids=["named", "by type", "stateful", "expires", "clear without mapping", "case", "bare"],
)
def test_working_mappings_are_accepted(rows: list[dict[str, Any]]) -> None:
    """Every way to end a problem counts, and a title may be fixed where there are no instances."""
    assert found(*rows) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row()], (0, "alert_type", "never-ends")),
        ([row(**EXPIRES), clear(alert_type="environment_door")], (1, "alert_type", "clears-nothing")),
        (
            [row(**EXPIRES), clear(resource_expression="unit={acmeFanState}")],
            (1, "resource_expression", "resource-differs"),
        ),
        (
            [
                row(
                    resource_expression="fan={acmeFanSpeed}",
                    title_template="{resource}",
                    clear_oid_pattern=REPAIRED,
                )
            ],
            (0, "clear_oid_pattern", "resource-differs"),
        ),
        ([row(clear_oid_pattern=f"{ROOT}.0.77")], (0, "clear_oid_pattern", "unknown-clear")),
        ([row(title_template="Fan {acmeFanStat}", **EXPIRES)], (0, "title_template", "unknown-name")),
        ([row(title_template="Fan {acmeModel}", **EXPIRES)], (0, "title_template", "not-carried")),
        (
            [row(resource_expression="fan={acmeFanState#2}", **EXPIRES)],
            (0, "resource_expression", "no-index-part"),
        ),
        (
            [row(severity_map={**BY_STATE, "values": {**BY_STATE["values"], "broken": "major"}})],
            (0, "severity_map.values.broken", "unknown-value"),
        ),
        (
            [row(severity_map={**BY_STATE, "values": {"failed": "major"}}, **EXPIRES)],
            (0, "severity_map.values", "state-not-covered"),
        ),
        (
            [row(conditions=[{"varbind": "acmeFanState", "equals": ["burnt"]}], **EXPIRES)],
            (0, "conditions.0.equals", "unknown-value"),
        ),
        (
            [
                row(
                    conditions=[{"varbind": "acmeFanState", "equals": ["ok"], "differs_from": ["1"]}],
                    **EXPIRES,
                )
            ],
            (0, "conditions", "never-holds"),
        ),
        ([row(mib_object="acmeFanRepaired", **EXPIRES)], (0, "mib_object", "other-notification")),
        ([row(title_template="A fan has failed", **EXPIRES)], (0, "title_template", "same-title")),
        (
            [row(title_template="A fan has failed", resource_expression="", **EXPIRES)],
            (0, "title_template", "same-title"),
        ),
    ],
    ids=lambda value: value[2] if isinstance(value, tuple) else None,
)
def test_a_mapping_that_cannot_work_is_found(
    rows: list[dict[str, Any]], expected: tuple[int, str, str]
) -> None:
    """Each fault is found at its row and key, and no other."""
    assert findings(*rows) == [expected]


def test_a_case_that_is_never_reached_is_found() -> None:
    """A case behind a wider one never applies; in the other order both do."""
    wide = {"when": [{"varbind": "acmeFanState", "equals": ["failed", "stopped"]}], "severity": "major"}
    narrow = {"when": [{"varbind": "acmeFanState", "equals": ["2"]}], "severity": "critical"}
    assert findings(row(cases=[wide, narrow], **EXPIRES)) == [(0, "cases.1.when", "unreachable-case")]
    assert findings(row(cases=[narrow, wide], **EXPIRES)) == []


def test_two_mappings_of_one_trap_and_condition_are_found() -> None:
    """The same condition is recognized, whether it is written with names or with numbers."""
    by_name = row(conditions=[{"varbind": "acmeFanState", "equals": ["failed"]}], **EXPIRES)
    by_number = row(conditions=[{"varbind": STATE.oid, "equals": ["2"]}], **EXPIRES)
    assert findings(by_name, by_number) == [(1, "oid_pattern", "twice")]
    assert findings(by_name, {**by_number, "vendor": "acme"}) == []


def test_a_mistyped_name_gets_a_suggestion() -> None:
    """The remedy has the object of the notification with the most similar name."""
    (finding,) = found(row(title_template="Fan {acmeFanStat}", **EXPIRES))
    assert (finding.level, finding.remedy) == (LintLevel.ERROR, "acmeFanState?")


def test_rows_beside_end_a_problem_and_are_not_examined() -> None:
    """A clear of a pack ends a problem of the operator's own; the faults of the pack are not shown."""
    beside = [mapping_of(clear(title_template="{unknownName}"))]
    assert lint([mapping_of(row())], FACTS, beside=beside) == []


def test_a_clear_of_another_maker_ends_nothing() -> None:
    """The same type and resource do not pair traps that no device sends together."""
    other = mapping_of(clear(oid_pattern="1.3.6.1.4.1.9.0.2"))
    assert [each.rule for each in lint([mapping_of(row())], FACTS, beside=[other])] == ["never-ends"]


def test_an_alarm_of_a_table_has_its_clear_from_the_table() -> None:
    """A row for an alarm that an alarm table names needs no clear of its own."""
    alarm = mapping_of(row(oid_pattern=f"{ROOT}.9.4", resource_expression=""))
    assert [each.rule for each in lint([alarm], FACTS)] == ["never-ends"]
    assert lint([alarm], FACTS, alarms=(f"{ROOT}.9.",)) == []


@pytest.mark.parametrize(
    ("one", "other", "is_possible"),
    [
        ("fan={a}", "fan={b#}", True),
        ("fan={a}", "psu={a}", False),
        ("", "", True),
        ("", "fan={a}", False),
        ("battery", "{a}", True),
        ("{a} port", "{a} slot", False),
        ("neighbor={a}.{b}", "neighbor={c#}", True),
    ],
)
def test_whether_two_resources_can_be_equal(one: str, other: str, *, is_possible: bool) -> None:
    """The text around variables decides; a variable may have any value."""
    assert can_equal(one, other) is can_equal(other, one) is is_possible
