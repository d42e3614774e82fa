"""The migrations are one chain: each revision once, in the order of its number, with its SQL both ways."""

import re
from pathlib import Path

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
REVISION = re.compile(r'^revision = "(\w+)"\ndown_revision = (None|"\w+")$', re.MULTILINE)


def test_each_migration_follows_the_one_before() -> None:
    """Two branches that were merged may not bring the same number."""
    files = sorted(VERSIONS.glob("[0-9]*.py"))
    found = [REVISION.search(path.read_text()) for path in files]
    chain = [(each[1], each[2].strip('"')) if each else None for each in found]
    numbers = [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [path.name[:4] for path in files] == numbers, [path.name for path in files]
    assert chain == list(zip(numbers, ["None", *numbers], strict=False))


def test_each_migration_has_its_sql_both_ways() -> None:
    """A step that cannot be taken back has no place here."""
    without = [
        path.name
        for path in VERSIONS.glob("[0-9]*.py")
        for way in (".up.sql", ".down.sql")
        if "write_sql" in path.read_text() and not path.with_suffix(way).exists()
    ]
    assert without == []
