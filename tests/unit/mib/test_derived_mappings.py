"""Derived mappings in use: their form, and their effect beside declared ones."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from opsconductor.mib.derive.derived import DerivedMapping, StateRule
from opsconductor.mib.derive.modules import derive
from opsconductor.mib.derived_mappings import DerivedMappings, is_active, mapping_of_derived
from opsconductor.mib.expression import expression_fault
from opsconductor.mib.facts import (
    IndexPart,
    NotificationFact,
    NotificationText,
    ObjectFact,
    ObjectReference,
)
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import MibFacts
from opsconductor.mib.resolving import resolved, unknown_names
from opsconductor.model.enums import Category, Severity
from opsconductor.model.mappings.mapping import Condition, OidMapping, Origin
from opsconductor.model.mappings.table import MappingTable

ACME = "1.3.6.1.4.1.53000"
FAN = (IndexPart("acmeFanIndex", "INTEGER"),)
PORT = (IndexPart("ifIndex", "INTEGER"), IndexPart("acmePeerName", "OCTET STRING"))
OBJECTS = (
    ObjectFact(f"{ACME}.1.2.1.2", "acmeFanSpeed", "ACME-MIB", "INTEGER", index=FAN, units="rpm"),
    ObjectFact(
        f"{ACME}.1.2.1.3",
        "acmeFanState",
        "ACME-MIB",
        "INTEGER",
        enumeration=((1, "ok"), (2, "failed"), (3, "warning")),
        index=FAN,
    ),
    ObjectFact(f"{ACME}.1.3.1.3", "acmePeerAddress", "ACME-MIB", "IpAddress", index=PORT),
)


def notification(number: int, name: str, *objects: ObjectFact) -> NotificationFact:
    """Make a notification that carries objects."""
    references = tuple(ObjectReference(each.name, each.oid) for each in objects)
    return NotificationFact(f"{ACME}.0.{number}", name, "ACME-MIB", references, "acme")


SPEED, STATE, PEER = OBJECTS
FAILED = notification(1, "acmeFanFailed", SPEED)
CLEARED = notification(2, "acmeFanFailedCleared", STATE)
CHANGED = notification(3, "acmeFanStateChange", STATE)
LOST = notification(4, "acmePeerLost", PEER)


def derived(*facts: NotificationFact) -> dict[str, DerivedMapping]:
    """Derive the mappings of notifications, by name."""
    stated = [(each, NotificationText()) for each in facts or (FAILED, CLEARED, CHANGED, LOST)]
    found = derive(stated, {each.oid: each for each in OBJECTS})
    return {each.notification.name: each for each in found}


def facts_of(mappings: Iterable[DerivedMapping]) -> MibFacts:
    """Return facts with these mappings."""
    kept = list(mappings)
    return MibFacts([index_of(OBJECTS, [each.notification for each in kept], kept)])


def declared(pattern: str, origin: Origin = Origin.PACK, **changes: object) -> OidMapping:
    """Make a declared mapping."""
    given: dict[str, object] = {
        "oid_pattern": pattern,
        "alert_type": "declared",
        "category": Category.NETWORK,
        "default_severity": Severity.MAJOR,
        "title_template": "",
        "origin": origin,
    }
    return OidMapping(**(given | changes))  # type: ignore[arg-type]


def table(*mappings: OidMapping, facts: MibFacts | None = None) -> MappingTable:
    """Return a table of declared mappings above the derived ones."""
    return MappingTable(mappings, DerivedMappings(facts or facts_of(derived().values())))


def types(mappings: Iterable[OidMapping]) -> list[str]:
    """Return the alert types of mappings."""
    return [each.alert_type for each in mappings]


def test_a_problem_and_its_clear_have_the_same_resource() -> None:
    """Type and resource are equal, by whichever column of the row: the clear ends exactly its problem."""
    facts = facts_of(derived().values())
    problem, clear = (mapping_of_derived(derived()[each.name], facts) for each in (FAILED, CLEARED))
    assert problem.alert_type == clear.alert_type
    assert problem.resource_expression == f"fanIndex={{{SPEED.oid}#}}"
    assert clear.resource_expression == f"fanIndex={{{STATE.oid}#}}"
    assert (problem.is_clear_event, clear.is_clear_event) == (False, True)
    assert problem.origin is Origin.DERIVED
    assert types(DerivedMappings(facts).cleared_by(CLEARED.oid)) == [problem.alert_type]


def test_a_state_is_rated_by_its_variable() -> None:
    """A notification that raises and clears does so by the value of its state."""
    found = mapping_of_derived(derived()[CHANGED.name], facts_of(derived().values()))
    assert found.severity_map is not None
    assert found.severity_map.varbind == STATE.oid
    assert found.severity_map.values["1"] is Severity.CLEAR
    assert found.severity_map.values["2"] is Severity.MAJOR


def test_an_index_with_text_is_read_by_its_parts() -> None:
    """Numbers of a text index are no name: each part of the index is written as text."""
    found = mapping_of_derived(derived()[LOST.name], facts_of(derived().values()))
    assert found.resource_expression == f"peerName={{{PEER.oid}#1}}/{{{PEER.oid}#2}}"
    assert found.expires_after == timedelta(days=1)


def test_a_port_keeps_its_name() -> None:
    """`ifIndex` is not shortened: ports of traps and polls have one resource."""
    index = (IndexPart("ifIndex", "INTEGER"),)
    column = ObjectFact("1.3.6.1.2.1.2.2.1.2", "ifDescr", "IF-MIB", "OCTET STRING", index=index)
    fact = NotificationFact(
        "1.3.6.1.2.1.2.0.9", "ifFailed", "IF-MIB", (ObjectReference("ifDescr", column.oid),)
    )
    (mapping,) = derive([(fact, NotificationText())], {column.oid: column})
    found = mapping_of_derived(mapping, MibFacts([index_of([column], [fact], [mapping])]))
    assert found.resource_expression == f"ifIndex={{{column.oid}#}}"


def test_by_names_it_is_a_mapping_that_a_person_can_declare() -> None:
    """Title and resource are valid, and every name is known among the objects of the notification."""
    facts = facts_of(derived().values())
    for each in derived().values():
        found = mapping_of_derived(each, facts, spelled=lambda name, _: name)
        assert expression_fault(found.title_template, is_title=True) is None
        assert expression_fault(found.resource_expression, is_title=False) is None
        assert "53000" not in found.resource_expression
        assert not list(unknown_names(resolved(found, facts)))
        assert resolved(found, facts) == mapping_of_derived(each, facts)


def test_a_suggestion_is_not_in_force() -> None:
    """A trap below the required confidence has no mapping, and its clear ends nothing."""
    doubtful = [replace(each, confidence=0.49) for each in derived().values()]
    for each in (FAILED, CLEARED, CHANGED):
        assert table(facts=facts_of(doubtful)).find(each.oid, None) is None
        assert table(facts=facts_of(doubtful)).cleared_by(each.oid, None) == ()


def test_a_problem_whose_clear_is_a_suggestion_expires() -> None:
    """Ports that only a text may name cannot be distinguished, so that the problem expires."""
    text = ObjectFact(f"{ACME}.1.9", "acmeText", "ACME-MIB", "OCTET STRING")
    stated = [
        (notification(number, name, text), NotificationText("", (("SEVERITY", "MAJOR"),)))
        for number, name in ((1, "acmePortDown"), (2, "acmePortUp"))
    ]
    down, up = derive(stated, {text.oid: text})
    assert up.clears == ("acmePortDown",)
    assert [is_active(down), is_active(up)] == [True, False]
    assert down.expires_after == timedelta(days=1)
    assert derived()[FAILED.name].expires_after is None


def test_declared_mappings_beat_derived_ones() -> None:
    """A pack decides about its trap; the derived mapping applies where no declared condition holds."""
    assert types(table().candidates(FAILED.oid, None)) == [derived()[FAILED.name].alert_type]
    assert types(table(declared(FAILED.oid)).candidates(FAILED.oid, None)) == ["declared"]
    assert types(table(declared(f"{ACME}.*")).candidates(FAILED.oid, None)) == ["declared"]
    conditional = declared(FAILED.oid, conditions=(Condition(varbind=SPEED.oid, equals=("0",)),))
    own = derived()[FAILED.name].alert_type
    assert types(table(conditional).candidates(FAILED.oid, "cisco")) == ["declared", own]


def test_a_derived_clear_ends_the_problem_that_a_person_has_declared() -> None:
    """The operator's row for the problem keeps the clear; one with another clear does not."""
    own = declared(FAILED.oid, Origin.OWN)
    assert types(table(own).cleared_by(CLEARED.oid, None)) == ["declared"]
    other = declared(FAILED.oid, Origin.OWN, clear_oid_pattern="1.3.9")
    assert types(table(other).cleared_by(CLEARED.oid, None)) == []
    about_clear = declared(CLEARED.oid, Origin.OWN)
    assert types(table(about_clear).cleared_by(CLEARED.oid, None)) == []


def test_a_trap_that_a_declared_problem_names_as_its_clear_is_no_problem() -> None:
    """A derived problem of its own would be raised beside the clear."""
    pack = declared("1.3.6.1.4.1.53000.7", clear_oid_pattern=LOST.oid)
    assert table(pack).candidates(LOST.oid, None) == ()
    assert types(table(pack).cleared_by(LOST.oid, None)) == ["declared"]


@pytest.mark.parametrize("oid", [f"{ACME}.1", f"{ACME}.0.1"])
def test_the_zero_of_v1_does_not_matter(oid: str) -> None:
    """A trap is found with and without the zero before its last arc."""
    assert types(table().candidates(oid, None)) == [derived()[FAILED.name].alert_type]


def test_a_state_rule_of_another_object_is_kept_by_name() -> None:
    """An object that the notification carries without OID is named, and rates nothing."""
    changed = replace(derived()[CHANGED.name], state=StateRule("acmeOther", (("1", Severity.CLEAR),), ("1",)))
    found = mapping_of_derived(changed, facts_of([changed]))
    assert found.severity_map is not None
    assert found.severity_map.varbind == "acmeOther"
