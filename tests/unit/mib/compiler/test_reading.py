"""Modules as vendors ship them are read completely, or in part with the reason."""

import pytest

from opsconductor.mib.compiler.form import Syntax, decode, encode
from tests.support.mib_modules import FANS, form, linked, module, parsed


def test_a_good_module_is_read_whole() -> None:
    """Names, imports, date, objects, notifications with their text and annotations."""
    (found,) = parsed(FANS)
    assert (found.form.name, found.form.updated, found.faults) == ("ACME-FAN-MIB", "202401020304", ())
    assert found.form.imports["DisplayString"] == "SNMPv2-TC"
    assert found.form.oids["acmeFanSpeed"] == ("acmeFanEntry", 2)
    assert found.form.objects["acmeFanSpeed"].units == "rpm"
    assert found.form.types["AcmeFanState"].syntax == Syntax("INTEGER", ((1, "ok"), (2, "failed")))
    assert found.form.notifications == {"acmeFanFailed": ("acmeFanState", "acmeFanSpeed")}
    text = found.texts["acmeFanFailed"]
    assert text.description == "A fan has failed."
    assert text.annotations == (("SEVERITY", "MAJOR"), ("SUMMARY", "Fan failed: speed %d"))


def test_a_form_survives_its_encoding() -> None:
    """The stored form equals the parsed one."""
    whole = form(FANS)
    assert decode(encode(whole)) == whole


def notification(clauses: str, name: str = "acmeTrap") -> str:
    """Write a notification with some clauses."""
    return module(f"{name} NOTIFICATION-TYPE {clauses} ::= {{ acme 0 1 }}")


GOOD = notification('OBJECTS { acmeThing } STATUS current DESCRIPTION "x"')


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        notification('OBJECTS { acmeThing, } STATUS current DESCRIPTION "x"'),
        notification("OBJECTS { acmeThing }"),
        notification('STATUS current OBJECTS { acmeThing } DESCRIPTION "x" DESCRIPTION "y"'),
        notification('VARIABLES { acmeThing } DESCRIPTION "x"'),
        notification('\tOBJECTS\t{\tacmeThing\t}\tSTATUS\tcurrent\tDESCRIPTION "no end'),
        GOOD.replace("FROM SNMPv2-TC;", "FROM SNMPv2-TC"),
        GOOD.replace("\nEND", ""),
        GOOD.replace("{ acme 0 1 }", "{ acme 0 1 };"),
        GOOD.replace("{ acme 0 1 }", "{ acme.0.1 }"),
    ],
)
def test_notifications_with_common_faults_are_read(text: str) -> None:
    """Missing, doubled and disordered clauses, a comma too many, missing semicolon, END and quote."""
    assert form(text).notifications == {"acmeTrap": ("acmeThing",)}
    (fact,) = linked(text).notifications
    assert fact.oid == "1.3.6.1.4.1.99999.0.1"
    assert fact.objects[0].oid == "1.3.6.1.4.1.99999.7"


@pytest.mark.parametrize("name", ["AcmeTrap", "acme_trap", "acme-trap-", "acme.trap", "2acme"])
def test_names_that_the_standard_does_not_allow_are_kept(name: str) -> None:
    """Upper case, underscore, trailing hyphen, dot, digit."""
    body = f'OBJECTS {{ acmeThing }} STATUS current DESCRIPTION "x"'  # noqa: F541 - braces are doubled
    assert list(form(notification(body, name)).notifications) == [name]


@pytest.mark.parametrize(
    ("syntax", "expected"),
    [
        ("INTEGER { up(1), down(2) }", Syntax("INTEGER", ((1, "up"), (2, "down")))),
        ("INTEGER { up(1) down(2), }", Syntax("INTEGER", ((1, "up"), (2, "down")))),
        (
            "INTEGER { Up_Now(1), 10G(2), off/on(-1) }",
            Syntax("INTEGER", ((-1, "off/on"), (1, "Up_Now"), (2, "10G"))),
        ),
        ("Unsigned32 { up(1) }", Syntax("INTEGER", ((1, "up"),))),
        ("INTEGER { up('0A'h) }", Syntax("INTEGER", ((10, "up"),))),
        ("BITS { first(0), second(1) }", Syntax("BITS", ((0, "first"), (1, "second")))),
        ("OCTET STRING (SIZE (6))", Syntax("OCTET STRING", size=6)),
        ("OCTET STRING (SIZE (0 | 6))", Syntax("OCTET STRING")),
        ("Octet String", Syntax("OCTET STRING")),
        ("integer", Syntax("INTEGER")),
        ("acmeText", Syntax("acmeText")),
        ("Acme_Text (SIZE(0..MAX))", Syntax("Acme_Text")),
        ("INTEGER (0..'FFFF'H)", Syntax("INTEGER")),
    ],
)
def test_syntaxes_are_read(syntax: str, expected: Syntax) -> None:
    """As the standard has them, and as vendors write them."""
    text = module(f"acmeOdd OBJECT-TYPE SYNTAX {syntax} ACCESS read-only STATUS mandatory ::= {{ acme 8 }}")
    assert form(text).objects["acmeOdd"].syntax == expected


def test_defaults_that_cannot_be_parsed_are_ignored() -> None:
    """DEFVAL is not needed."""
    text = module(
        'acmeOdd OBJECT-TYPE SYNTAX INTEGER MAX-ACCESS read-only STATUS current DESCRIPTION "x"'
        " DEFVAL { { { 0 0 } } } ::= { acme 8 }"
    )
    assert "acmeOdd" in form(text).objects


def test_a_definition_that_cannot_be_read_is_skipped_alone() -> None:
    """Definitions before and after it stay; the report has its name and the reason."""
    (found,) = parsed(
        module("acmeBad OBJECT-TYPE SYNTAX INTEGER ::= what\nacmeGood OBJECT IDENTIFIER ::= { acme 9 }")
    )
    assert found.form.skipped == ("acmeBad",)
    assert found.faults == ("OBJECT-TYPE: its value is missing (1 times)",)
    assert {"acme", "acmeThing", "acmeGood"} <= set(found.form.oids)


def test_several_modules_of_one_file_are_read() -> None:
    """Each under the name in its header, whatever the name of the file."""
    assert [each.form.name for each in parsed(module("", "ONE-MIB") + module("", "TWO-MIB"))] == [
        "ONE-MIB",
        "TWO-MIB",
    ]


def test_macro_definitions_and_groups_are_skipped() -> None:
    """SNMPv2-SMI defines macros whose bodies look like definitions."""
    text = module(
        """
        OBJECT-TYPE MACRO ::= BEGIN
            TYPE NOTATION ::= "SYNTAX" Syntax VALUE NOTATION ::= value(VALUE ObjectName)
            Syntax ::= type(ObjectSyntax)
        END
        acmeGroup OBJECT-GROUP OBJECTS { acmeThing } STATUS current DESCRIPTION "x" ::= { acme 5 }
        """
    )
    assert set(form(text).oids) == {"acme", "acmeThing"}


@pytest.mark.parametrize(
    ("written", "updated"),
    [("202401020304Z", "202401020304"), ("9802030405Z", "199802030405"), ("20240102", "202401020000"),
     ("2024-01-02", "202401020000"), ("yesterday", ""), ("", "")],
)  # fmt: skip
def test_dates_are_read_as_far_as_they_are_dates(written: str, updated: str) -> None:
    """Two digits of a year, a day alone, or no date."""
    assert form(FANS.replace('LAST-UPDATED "202401020304Z"', f'LAST-UPDATED "{written}"')).updated == updated


def test_objects_may_be_named_like_clauses() -> None:
    """When a definition is written anew, text in braces is no keyword."""
    text = module(
        "status OBJECT IDENTIFIER ::= { acme 9 } odd OBJECT-TYPE SYNTAX lowerCase MAX-ACCESS read-only"
        ' STATUS current DESCRIPTION "x" ::= { status 1 }'
    )
    assert form(text).oids["odd"] == ("status", 1)
