"""Functions for the revisions in `migrations/versions`: their SQL files are executed unchanged."""

from pathlib import Path

from alembic import op


def write_sql(file: Path) -> None:
    """Add the text of an SQL file to the script that Alembic generates.

    It bypasses SQLAlchemy, which would take `:name` and `%` in it for parameters.
    """
    op.get_context().impl.static_output(file.read_text(encoding="utf-8"))
