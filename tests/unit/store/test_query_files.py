"""The SQL of the store is read in named blocks, and faults of a file are reported."""

from pathlib import Path

import pytest

from opsconductor.store import queries


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "-- name: a\n-- Does a.\nSELECT 1;\n-- name: a\n-- Again.\nSELECT 2;\n",
            "block 'a' is defined twice",
        ),
        ("-- name: a\nSELECT 1;\n", "block 'a' lacks the comment line that describes it"),
        ("-- name: a\n-- Does nothing.\n", "block 'a' holds no SQL"),
        ("-- name: List Open\n-- Lists.\nSELECT 1;\n", "block name 'List Open', expected lower-case"),
        ("SELECT 0;\n-- name: a\n-- Does a.\nSELECT 1;\n", "SQL before the first '-- name:' line"),
    ],
)
def test_a_faulty_file_is_refused(text: str, complaint: str) -> None:
    """The message has the file, the block and the fault."""
    with pytest.raises(ValueError, match=r"faulty\.sql: ") as caught:
        queries.parse(text, file="faulty.sql")
    assert complaint in str(caught.value)


def test_blocks_are_found_by_name() -> None:
    """A block reaches to the next one and keeps its comment; a head of comments is allowed."""
    text = "-- All about a.\n\n-- name: a\n-- Does a.\nSELECT 1;\n\n-- name: b2\n-- Does b.\nSELECT\n2;\n"
    assert queries.parse(text, file="x.sql") == {"a": "-- Does a.\nSELECT 1;", "b2": "-- Does b.\nSELECT\n2;"}


def test_every_shipped_file_is_valid() -> None:
    """All files of the store can be read."""
    folder = Path(queries.__file__).parent
    files = list(folder.rglob("*.sql"))
    assert files
    for file in files:
        assert queries.load(str(file.relative_to(folder).with_suffix("")))
