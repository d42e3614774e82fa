"""Laws of the MIB compiler that hold for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.mib.compiler.cleaning import clean
from opsconductor.mib.compiler.form import decode, encode
from opsconductor.mib.compiler.identifiers import coded, decoded
from opsconductor.mib.compiler.linking.link import link
from opsconductor.mib.compiler.reading import read_module
from opsconductor.mib.compiler.splitting import split
from tests.fuzz.mutation import cpu_s
from tests.support.mib_modules import FANS, module, parsed

SECONDS = 10.0
PIECES = [
    *("OBJECT-TYPE", "NOTIFICATION-TYPE", "TRAP-TYPE", "OBJECT IDENTIFIER", "MACRO", "::=", "BEGIN", "END"),
    *("{", "}", "(", ")", '"', "--", "\n", ",", ";", "SYNTAX", "INTEGER", "SEQUENCE OF", "INDEX", "AUGMENTS"),
    *(
        "DEFVAL",
        "OBJECTS",
        "STATUS current",
        "DESCRIPTION",
        "IMPORTS",
        "FROM",
        "A-MIB",
        "DEFINITIONS ::= BEGIN",
    ),
    *(
        "DEFINITIONS ::= BEGIN",
        "foo",
        "Bar",
        "b_c",
        "1",
        "-7",
        "9" * 30,
        "'0A'H",
        "SIZE",
        "BITS",
        "acme",
        "acmeFanEntry",
        "é",
        "\x00",
    ),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)


@given(TEXTS)
@settings(deadline=None, max_examples=60)
def test_any_text_is_read_without_an_error(text: str) -> None:
    """In a module, as a module, and linked; the parsed form survives its encoding."""
    for whole in (text, module(text), f"{text}\n{FANS}"):
        source = clean(whole)
        forms = [read_module(source, each).form for each in split(source)]
        assert [decode(encode(form)) for form in forms] == forms
        link({form.name: form for form in forms})


@given(TEXTS, st.integers(0, len(FANS)))
@settings(deadline=None, max_examples=40)
def test_text_put_into_a_module_stops_nothing(text: str, position: int) -> None:
    """In any place; definitions of the module have the right OID or none."""
    forms = {each.form.name: each.form for each in parsed(FANS[:position] + text + FANS[position:])}
    for fact in link(forms).notifications:
        assert all(arc.isdecimal() for arc in fact.oid.split("."))


@given(st.text(st.characters(codec="ascii"), max_size=60), st.booleans())
def test_any_name_survives_being_coded(name: str, is_type: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """The parser takes it, and it is read back."""
    if name:
        assert decoded(coded(name, is_type=is_type)) == name


HOSTILE = {
    "quotes": '"' * 100_000,
    "words behind strings": 'x "y" z\n' * 20_000,
    "macros without end": "a MACRO ::= BEGIN\n" * 10_000,
    "modules without end": "A-MIB DEFINITIONS ::= BEGIN IMPORTS a\n" * 5_000,
    "imports from nowhere": "A-MIB DEFINITIONS ::= BEGIN IMPORTS " + "a " * 200_000,
    "one name": "A-MIB DEFINITIONS ::= BEGIN " + "x" * 2_000_000,
    "white space": "A-MIB DEFINITIONS ::= BEGIN a" + " " * 2_000_000,
    "braces": "A-MIB DEFINITIONS ::= BEGIN a OBJECT-TYPE SYNTAX INTEGER " + "{" * 200_000,
    "words in braces": "A-MIB DEFINITIONS ::= BEGIN a OBJECT-TYPE SYNTAX INTEGER {" + "a " * 100_000,
    "defaults": "A-MIB DEFINITIONS ::= BEGIN a OBJECT-TYPE DEFVAL { " * 5_000,
}
"""Texts that take long when any part of them is read repeatedly."""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_read_in_seconds(text: str) -> None:
    """Much less than the limit at which their process is ended."""
    assert cpu_s(lambda: parsed(text), SECONDS) < SECONDS
