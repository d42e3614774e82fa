"""JSON with a byte order mark, and with words in place of numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.connector.language.json_text import read_json

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "word", ["nan", "NaN", "-nan", "NAN", "nan(0x1)", "inf", "-inf", "Infinity", "-Infinity"]
)
def test_an_invalid_number_is_null_and_the_rest_is_read(word: str) -> None:
    """One sensor without a value does not affect the others."""
    assert read_json(f'{{"battery": 5, "temperature":{word}, "name": "nan"}}') == {
        "battery": 5,
        "temperature": None,
        "name": "nan",
    }


def test_a_byte_order_mark_is_left_out() -> None:
    """Windows scripts put one in front."""
    assert read_json(b'\xef\xbb\xbf{"a": 1}'.decode()) == {"a": 1}


@pytest.mark.parametrize(
    "text", ["", "NaN", " nan ", "{nan}", "nanny", '{"a": nano}', '{"a": "nan}', "1 nan", '{"a": .nan}']
)
def test_text_that_is_no_json_is_none(text: str) -> None:
    """Words are replaced only in the place of a value."""
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@given(DOCUMENTS)
def test_valid_json_is_read_unchanged(document: object) -> None:
    """Texts with such words, quotes and backslashes stay unchanged."""
    assert read_json(json.dumps(document)) == document
    assert read_json(f"[nan,{json.dumps(document)}]") == [None, document]


@pytest.mark.parametrize(
    "hostile", ['"\\"' * 200_000, '{"a":' + '"\\"' * 100_000, "nan" * 200_000, "nan(" * 100_000]
)
def test_hostile_texts_are_refused_in_one_pass(hostile: str) -> None:
    """Unterminated strings and words are no JSON; each character is read once."""
    with pytest.raises(ValueError, match=r"."):
        read_json(hostile)
