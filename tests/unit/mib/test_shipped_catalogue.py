"""The shipped catalogue: every file is valid and contains names and numbers only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconductor.mib.built import files_of
from opsconductor.mib.catalogue import head_of, read_line
from opsconductor.mib.cataloguing import OTHER, file_of
from opsconductor.mib.facts import NotificationFact
from opsconductor.mib.lookup import STANDARD
from opsconductor.mib.mapping_columns import mapping_of_columns
from opsconductor.shipped import shipped

FOLDER = shipped("mibs") / "catalogue"
FILES = files_of(FOLDER)
PARSED = 100
"""One line of so many is read as a whole."""

SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Five words in lower case."""

TITLE, REASONS, RESOURCE, CLEARS = 7, 14, 8, 9
"""Columns of a mapping that may hold several words."""


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a file without remarks."""
    return (line for line in path.read_text().splitlines() if not line.startswith("#"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_in_order(path: Path) -> None:
    """Lines are sorted and each OID comes once; a mapping follows its notification."""
    before: tuple[list[int], str, str] = ([], "", "")
    objects: set[str] = set()
    notified: set[str] = set()
    is_vendor = path.stem not in (STANDARD, OTHER)
    last: NotificationFact | None = None
    for number, line in enumerate(lines_of(path)):
        kind, oid, module, name = head_of(line)
        place = [int(arc) for arc in oid.split(".")], module, name
        assert before <= place, line[:80]
        before = place
        if is_vendor:
            assert file_of(oid) == path.stem, line[:80]
        if kind == "mapping":
            assert last is not None
            assert (last.oid, last.module, last.name) == (oid, module, name)
            if number % PARSED == 0:
                mapping_of_columns(line.split("\t")[1:], last)
            continue
        seen = objects if kind == "object" else notified
        assert oid not in seen, line[:80]
        seen.add(oid)
        if kind == "notification":
            last = NotificationFact(oid, name, module, ())
        if number % PARSED == 0:
            read_line(line)


def test_no_column_contains_a_description() -> None:
    """Descriptions belong to the maker of a MIB and are not copied."""
    for path in FILES:
        for line in lines_of(path):
            kind, *columns = line.split("\t")
            if kind == "mapping":
                columns = [text for at, text in enumerate(columns) if at not in (TITLE, REASONS)]
            elif kind == "notification":
                columns = columns[:3]
            assert not SENTENCE.search("\t".join(columns)), f"{path.name}: {line[:200]}"


def test_every_module_names_its_source() -> None:
    """A file has the collection of each of its modules."""
    for path in FILES:
        text = path.read_text()
        named = set(re.findall(r"^# Module (\S+?),? (?:of|from) ", text, re.MULTILINE))
        if path.stem == STANDARD:
            assert text.startswith("# ")
        else:
            assert named >= {head_of(line)[2] for line in lines_of(path)}, path.name
