"""Names are resolved over all modules, as far as possible."""

from opsconductor.mib.compiler.linking.link import UndefinedNames
from opsconductor.mib.facts import IndexPart, ObjectFact, ObjectReference
from tests.support.mib_modules import FANS, linked, module

TRAP = """
acmeDown TRAP-TYPE
    ENTERPRISE acme
    VARIABLES { acmeThing }
    DESCRIPTION "It is down."
    --#SEVERITY CRITICAL
    ::= 5
"""


def test_facts_of_a_notification_name_its_objects_and_their_index() -> None:
    """OID, enumeration of the convention, units, index of the row, and what stands above."""
    found = linked(FANS)
    (fact,) = found.notifications
    assert (fact.oid, fact.vendor) == ("1.3.6.1.4.1.99999.1.0.1", "")
    assert fact.objects == (
        ObjectReference("acmeFanState", "1.3.6.1.4.1.99999.1.1.1.3"),
        ObjectReference("acmeFanSpeed", "1.3.6.1.4.1.99999.1.1.1.2"),
    )
    by_name = {each.name: each for each in found.objects}
    nodes = {name for name, each in by_name.items() if not each.syntax}
    assert nodes == {"acme", "acmeFanMIB", "acmeFanTable", "acmeFanEntry", "acmeTraps"}
    assert by_name.keys() - nodes == {"acmeFanIndex", "acmeFanSpeed", "acmeFanState"}
    assert by_name["acmeFanEntry"].index == (IndexPart("acmeFanIndex", "INTEGER"),)
    assert by_name["acmeFanState"] == ObjectFact(
        oid="1.3.6.1.4.1.99999.1.1.1.3",
        name="acmeFanState",
        module="ACME-FAN-MIB",
        syntax="INTEGER",
        convention="AcmeFanState",
        enumeration=((1, "ok"), (2, "failed")),
        index=(IndexPart("acmeFanIndex", "INTEGER"),),
    )
    assert by_name["acmeFanSpeed"].units == "rpm"
    assert found.missing == []


def test_a_trap_of_version_1_gets_the_oid_of_version_2() -> None:
    """enterprise.0.specific; RFC 3584 section 3.1."""
    (fact,) = linked(module(TRAP)).notifications
    assert fact.oid == "1.3.6.1.4.1.99999.0.5"


def test_a_generic_trap_gets_the_oid_of_its_notification() -> None:
    """ENTERPRISE snmp, in braces or not."""
    text = module("linkDown TRAP-TYPE ENTERPRISE { snmp } VARIABLES { acmeThing } ::= 2")
    (fact,) = linked(text).notifications
    assert (fact.oid, fact.vendor) == ("1.3.6.1.6.3.1.1.5.3", "standard")


def test_a_trap_without_enterprise_has_that_of_the_others() -> None:
    """Otherwise it is listed as incomplete."""
    odd = "acmeOdd TRAP-TYPE VARIABLES { acmeThing } ::= 6"
    assert [fact.oid for fact in linked(module(TRAP + odd)).notifications] == [
        "1.3.6.1.4.1.99999.0.5",
        "1.3.6.1.4.1.99999.0.6",
    ]
    alone = linked(module(odd))
    assert alone.notifications == []
    assert alone.missing == [UndefinedNames("ACME-TEST-MIB", "", ("ENTERPRISE",))]


def test_a_missing_import_is_listed_and_the_rest_kept() -> None:
    """The list has the importing module and the one it imports from."""
    text = module(
        "acmeTrap NOTIFICATION-TYPE OBJECTS { acmeThing, otherThing }"
        ' STATUS current DESCRIPTION "x" ::= { acme 0 1 }'
    ).replace("IMPORTS", "IMPORTS otherThing FROM OTHER-MIB", 1)
    found = linked(text)
    assert found.missing == [UndefinedNames("ACME-TEST-MIB", "OTHER-MIB", ("otherThing",))]
    (fact,) = found.notifications
    assert fact.objects == (
        ObjectReference("acmeThing", "1.3.6.1.4.1.99999.7"),
        ObjectReference("otherThing"),
    )


def test_a_module_that_comes_later_completes_those_that_need_it() -> None:
    """The order does not matter, nor do circular imports."""
    one = """ONE-MIB DEFINITIONS ::= BEGIN IMPORTS twoRoot FROM TWO-MIB enterprises FROM RFC1155-SMI;
    oneRoot OBJECT IDENTIFIER ::= { enterprises 99998 } oneLeaf OBJECT IDENTIFIER ::= { twoRoot 3 }
    oneTrap NOTIFICATION-TYPE STATUS current DESCRIPTION "x" ::= { oneLeaf 0 1 } END"""
    two = """TWO-MIB DEFINITIONS ::= BEGIN IMPORTS oneRoot FROM ONE-MIB;
    twoRoot OBJECT IDENTIFIER ::= { oneRoot 2 } END"""
    assert linked(one).notifications == []
    assert linked(one).missing == [UndefinedNames("ONE-MIB", "TWO-MIB", ("twoRoot",))]
    assert [fact.oid for fact in linked(one, two).notifications] == ["1.3.6.1.4.1.99998.2.3.0.1"]


def test_an_import_from_a_module_that_was_renamed_is_found_elsewhere() -> None:
    """All modules that define the name must agree on its OID."""
    text = module(
        'newTrap NOTIFICATION-TYPE OBJECTS { acmeThing } STATUS current DESCRIPTION "x" ::= { acme 0 2 }'
    ).replace("ACME-TEST-MIB", "ACME-OTHER-MIB")
    user = """USER-MIB DEFINITIONS ::= BEGIN IMPORTS acme, acmeThing FROM ACME-OLD-MIB;
    userTrap NOTIFICATION-TYPE OBJECTS { acmeThing } STATUS current DESCRIPTION "x" ::= { acme 0 3 } END"""
    found = linked(text, user)
    assert {fact.name: fact.oid for fact in found.notifications}["userTrap"] == "1.3.6.1.4.1.99999.0.3"
    other = module("", "ACME-THIRD-MIB").replace("99999", "99997")
    assert "userTrap" not in {fact.name for fact in linked(text, user, other).notifications}


def test_definitions_in_a_circle_have_no_oid() -> None:
    """They end, and the rest of the module stays."""
    text = module(
        "a OBJECT IDENTIFIER ::= { b 1 } b OBJECT IDENTIFIER ::= { c 1 } c OBJECT IDENTIFIER ::= { a 1 }"
        + TRAP
    )
    assert [fact.name for fact in linked(text).notifications] == ["acmeDown"]


def test_types_follow_conventions_over_modules() -> None:
    """The outermost name, the base type, the nearest labels, size and hint; a row that augments another."""
    types = """ACME-TC DEFINITIONS ::= BEGIN IMPORTS TEXTUAL-CONVENTION FROM SNMPv2-TC;
    Inner ::= TEXTUAL-CONVENTION DISPLAY-HINT "1x:" STATUS current DESCRIPTION "x"
        SYNTAX OCTET STRING (SIZE (8))
    Outer ::= Inner END"""
    more = """
    moreEntry OBJECT-TYPE SYNTAX MoreEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "x"
        AUGMENTS { acmeFanEntry } ::= { acmeFanMIB 9 }
    moreFlag OBJECT-TYPE SYNTAX TruthValue MAX-ACCESS accessible-for-notify STATUS current DESCRIPTION "x"
        ::= { moreEntry 1 }
    acmeFanFailed NOTIFICATION"""
    text = FANS.replace("SYNTAX Integer32 (1..64)", "SYNTAX Outer")
    text = text.replace("IMPORTS", "IMPORTS Outer FROM ACME-TC", 1)
    text = text.replace("acmeFanFailed NOTIFICATION", more)
    text = text.replace("{ acmeFanState, acmeFanSpeed }", "{ moreFlag }")
    by_name = {each.name: each for each in linked(types, text).objects}
    index = by_name["acmeFanIndex"]
    assert (index.syntax, index.convention, index.display_hint) == ("OCTET STRING", "Outer", "1x:")
    flag = by_name["moreFlag"]
    assert flag.index == (IndexPart("acmeFanIndex", "OCTET STRING", "Outer", size=8),)
    assert flag.enumeration == ((1, "true"), (2, "false"))
    assert flag.is_accessible_for_notify_only


def test_a_missing_type_is_listed_and_its_object_kept() -> None:
    """Its syntax is unknown, its name and OID are kept."""
    text = module(TRAP).replace("SYNTAX DisplayString", "SYNTAX AcmeUnknown")
    found = linked(text)
    assert found.missing == [UndefinedNames("ACME-TEST-MIB", "", ("AcmeUnknown",))]
    assert [(fact.name, fact.syntax) for fact in found.objects] == [("acme", ""), ("acmeThing", "")]


def test_a_name_in_another_case_is_found_near_by() -> None:
    """In the module itself, or in one from which it imports."""
    (fact,) = linked(module(TRAP.replace("{ acmeThing }", "{ acmething }"))).notifications
    assert fact.objects == (ObjectReference("acmeThing", "1.3.6.1.4.1.99999.7"),)
