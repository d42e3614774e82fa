"""The threat model says what is so: its limits are those of the code, its tests exist."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from opsconductor.config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text()
UNITS = {"KiB": 1024, "MiB": 1024**2}
LIMIT = re.compile(r"([0-9][0-9,]*)(?: (KiB|MiB))?\b")


def rows(heading: str) -> Iterator[list[str]]:
    """Walk the cells of the table below a heading."""
    section = TEXT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith("| input") and not line.startswith("| threat"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def value_of(where: str) -> float:
    """Look a limit up where the table says it stands."""
    if where.startswith("setting "):
        section, key = where.removeprefix("setting ").strip("`").split(".")
        found = getattr(getattr(Settings(), section), key)
        return float(found.total_seconds() if hasattr(found, "total_seconds") else found)
    path = where.strip("`")
    if ":" in path:
        module, _, field = path.partition(":")
        model, _, name = field.partition(".")
        return float(getattr(import_module(module), model).model_fields[name].default)
    module, _, name = path.rpartition(".")
    return float(getattr(import_module(module), name))


LIMITS = list(rows("Limits of every input"))


@pytest.mark.parametrize(("limited", "limit", "_beyond", "where"), LIMITS, ids=[row[0] for row in LIMITS])
def test_a_limit_is_what_the_table_says(limited: str, limit: str, _beyond: str, where: str) -> None:
    """The number in the table is the one in the code."""
    match = LIMIT.match(limit)
    assert match is not None, limited
    number = int(match[1].replace(",", "")) * UNITS.get(match[2] or "", 1)
    assert value_of(where) == number, f"{limited}: {where} is {value_of(where)}"


def test_every_defence_is_shown_by_tests_that_exist() -> None:
    """Each row names at least one file of tests, and each file is there."""
    defences = list(rows("What is defended, and how"))
    assert len(defences) > 15
    for threat, _defence, shown_by in defences:
        files = re.findall(r"`(tests/[^`]+)`", shown_by)
        assert files, threat
        for file in files:
            assert (ROOT / file).is_file(), f"{threat}: {file}"
