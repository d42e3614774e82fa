"""Text from outside is harmless after `opsconductor.model.text`."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.model import text

HOSTILE = "a\0b\r\nSent: yes \x1b[31m\u202e\u2028\ud800 {x}"
SURROGATES = st.text(st.characters(), max_size=60) | st.just(HOSTILE)


@given(SURROGATES, st.integers(1, 40))
def test_a_line_stays_a_line_within_its_length(given_text: str, longest: int) -> None:
    """Any text becomes printable, encodable and short; doing it twice changes nothing."""
    for function in (text.one_line, text.folded):
        line = function(given_text, longest)
        assert line.isprintable()
        assert len(line) <= longest
        assert line.encode().decode() == line
        assert function(line, longest) == line or function is text.folded


@given(SURROGATES, st.integers(1, 40))
def test_paragraphs_keep_line_breaks_alone(given_text: str, longest: int) -> None:
    """No control character but the line break is left, and no bidirectional one."""
    lines = text.paragraphs(given_text, longest)
    assert all(char == "\n" or not unicodedata.category(char).startswith("C") for char in lines)


@pytest.mark.parametrize("plain", ["", "plain", "Zürich", "\N{FIRE}", "\r\n\x1b[2J\u202e"])
def test_text_for_a_column_is_valid_for_postgresql(plain: str) -> None:
    """Only NUL and lone surrogates are removed."""
    assert text.fitted(plain) == plain
    assert text.fitted(HOSTILE).startswith("a\\x00b\r\n")


def test_white_space_is_folded_and_the_end_of_a_c_string_left_out() -> None:
    """Answers of servers and names of devices contain both."""
    assert text.folded(" 250  ok\r\n queued\0\0", 50) == "250 ok queued"
    assert text.folded("x" * 100, 5) == "xxxx…"


@given(st.recursive(SURROGATES | st.integers() | st.floats() | st.binary() | st.none(), st.lists))
def test_any_document_becomes_json(value: object) -> None:
    """Nothing that `jsonb` refuses is left."""
    written = json.dumps(text.storable(value), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in written
    written.encode()


def test_braces_of_a_device_are_no_placeholders() -> None:
    """A port named `{device_name}` is shown so."""
    assert text.without_placeholders("{device_name}") == "(device_name)"
