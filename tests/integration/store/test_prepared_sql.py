"""Every statement of the store is one that PostgreSQL can prepare with the present schema."""

import re
from pathlib import Path

import asyncpg
import pytest

from opsconductor.store import queries

FOLDER = Path(queries.__file__).parent
FILES = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.sql"))
FILLED = re.compile(r"\{[a-z_]+\}")
"""A part that code fills in: such statements are prepared where they are used, in tests of their own."""


@pytest.mark.parametrize("file", FILES)
async def test_every_named_statement_can_be_prepared(file: str, pool: asyncpg.Pool) -> None:
    """A misspelt column would else be taken for a database that is away, and tried again for ever."""
    wrong: dict[str, str] = {}
    async with pool.acquire() as connection:
        for name, statement in queries.load(file).items():
            is_script = statement.rstrip(";").count(";\n") > 0  # several commands: run as a script
            if is_script or FILLED.search(statement):
                continue
            try:
                await connection.prepare(statement)
            except asyncpg.PostgresError as error:
                wrong[name] = f"{error.sqlstate} {error}"
    assert wrong == {}
