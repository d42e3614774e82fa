"""Comments and strings are removed from the text of a MIB, even with wrong quotes."""

import pytest

from opsconductor.mib.compiler.cleaning import clean, decode


def test_strings_become_numbers_and_comments_vanish() -> None:
    """The rest has no prose; a quote in a comment and dashes in a string are ignored."""
    source = clean('a -- it\'s "quoted\nDESCRIPTION "one -- two"\nSTATUS current')
    assert source.text == 'a \nDESCRIPTION "0"\nSTATUS current'
    assert source.string('"0"') == "one -- two"
    assert [text for _, text in source.comments] == [" it's \"quoted"]


def test_a_quote_within_a_description_does_not_end_it() -> None:
    """It ends at the quote before the next clause."""
    source = clean('DESCRIPTION "the "red" lamp"\n  ::= { a 1 }')
    assert source.text == 'DESCRIPTION "0"\n  ::= { a 1 }'
    assert source.string('"0"') == 'the "red" lamp'


def test_a_description_without_end_ends_with_its_definition() -> None:
    """The next definition is kept."""
    source = clean(
        'DESCRIPTION "no end ::= { a 1 }\nb OBJECT-TYPE SYNTAX INTEGER DESCRIPTION "good" ::= { a 2 }'
    )
    assert "b OBJECT-TYPE SYNTAX INTEGER" in source.text
    assert source.string('"0"') == "no end"
    assert source.string('"1"') == "good"


def test_a_string_number_that_does_not_exist_is_empty() -> None:
    """A file that contains such a number itself is not trusted."""
    assert clean("a").string('"7"') == ""


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a\r\nb\rc", "a\nb\nc"),
        ("°C".encode(), "°C"),
        ("°C".encode("latin-1"), "°C"),
        (b"\x81x", "\ufffdx"),
        ("MIB".encode("utf-16"), "MIB"),
        (b"\xef\xbb\xbfMIB", "MIB"),
    ],
)
def test_bytes_of_any_encoding_become_text(content: bytes, text: str) -> None:
    """UTF-16 and UTF-8 with and without mark, Windows-1252, every kind of line end."""
    assert decode(content) == text


def test_characters_outside_ascii_are_in_strings_only() -> None:
    """A no-break space, typographic quotes and NUL between words are spaces."""
    assert clean("a\u00a0OBJECT\x00IDENTIFIER").text == "a OBJECT IDENTIFIER"
