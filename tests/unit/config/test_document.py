"""YAML that remembers its lines."""

from pathlib import Path

import pytest

from opsconductor.config.provision.document import parse_document, read_document

FILE = Path("file.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("1:30", "1:30"),
        ("0161", "0161"),
        ("0", 0),
        ("-7", -7),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1.3.6.1", "1.3.6.1"),
        ("80001f88e5", "80001f88e5"),
        ("2026-01-01", "2026-01-01"),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("&a [1]", [1]),
    ],
)
def test_scalars_are_read_as_text_by_default(text: str, value: object) -> None:
    """OIDs, engine IDs, times and `no` are text; only plain numbers and true/false are not."""
    document, faults = parse_document(f"key: {text}\n", FILE)
    assert (document.value, faults) == ({"key": value}, [])


def test_keys_are_always_text() -> None:
    """OIDs and small numbers can be keys."""
    document, _ = parse_document("{1: a, 1.3: b, true: c, null: d}", FILE)
    assert document.value == {"1": "a", "1.3": "b", "true": "c", "null": "d"}


def test_every_key_and_entry_has_its_line() -> None:
    """Lines count from 1; a value without a line of its own has that of the nearest container."""
    document, _ = parse_document("a:\n  b:\n    - x\n    - c: 1\n", FILE)
    assert document.lines == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "b", 0): 3,
        ("a", "b", 1): 4,
        ("a", "b", 1, "c"): 4,
    }
    assert document.line_of(("a", "b", 0, "missing")) == 3
    assert document.line_of(("elsewhere",)) is None


def test_aliases_stand_for_what_they_name() -> None:
    """An anchor may be used any number of times."""
    document, faults = parse_document("a: &x {k: 1}\nb: [*x, *x]\n", FILE)
    assert (document.value, faults) == ({"a": {"k": 1}, "b": [{"k": 1}, {"k": 1}]}, [])


def test_broken_scalars_and_keys_are_faults_and_the_rest_is_read() -> None:
    """Valid parts are read, so that their own faults are reported in the same run."""
    document, faults = parse_document('a: !!int x\n? [k]\n: v\nb: 1\nc: "\\0"\nd: 1.0e999\n', FILE)
    assert document.value == {"a": None, "b": 1, "c": None, "d": None}
    assert [(fault.line, fault.key) for fault in faults] == [(1, "a"), (2, "file"), (5, "c"), (6, "d")]


@pytest.mark.parametrize(
    ("text", "line", "found", "remedy"),
    [
        ("a:\n  b: 1\n\tc: 2\n", 3, "a tab character", "spaces instead of tabs"),
        ("a: 1\nb: *_down\nc: 2\n", 2, "undefined alias", "quotes around text that begins with *"),
        ('a: 1\nb: "open\nc: 2\nd: 3\n', 2, "end of stream", "a closing quote"),
        ("a:\n  b: 1\n  c 2\n  d: 3\n", 3, "expected ':'", "a space after the colon"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "brackets that are opened on line 2", "a closing ]"),
        ("a: {b: 1\nc: 3\n", 2, "brackets that are opened on line 1", "a closing }"),
        ("a: 'it's'\n", 1, "expected key", "nothing after a closing quote"),
        ("a: - b\n", 1, "block sequence", "a list that begins on the line after its key"),
    ],
)
def test_syntax_error_names_its_line_and_remedy(text: str, line: int, found: str, remedy: str) -> None:
    """The line is the one to change, not that on which the parser noticed; the remedy fits."""
    _, (fault,) = parse_document(text, FILE)
    assert fault.line == line
    assert found in fault.found
    assert remedy in fault.expected


def test_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    """Files of Windows editors work."""
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_document(path)[0].value == {"a": 1}


def test_an_anchor_that_is_wrong_is_a_fault_of_its_line() -> None:
    """An alias without anchor and a repeated anchor are reported; an alias of a text may be a key."""
    _, (undefined,) = parse_document("a: 1\nb: *x\n", FILE)
    _, (twice,) = parse_document("a: &x 1\nb: &x 2\n", FILE)
    document, faults = parse_document("a: &x text\n*x : 1\n", FILE)
    assert (undefined.line, "alias" in undefined.found) == (2, True)
    assert (twice.line, "anchor" in twice.found) == (2, True)
    assert (document.value, faults) == ({"a": "text", "text": 1}, [])


def test_an_anchor_within_an_aliased_value_may_be_used_again() -> None:
    """Aliases of a value that contains anchors and aliases mean the whole value."""
    document, faults = parse_document("a: &x {k: &y [1], l: *y}\nb: *x\nc: *y\n", FILE)
    inner = {"k": [1], "l": [1]}
    assert (document.value, faults) == ({"a": inner, "b": inner, "c": [1]}, [])
