"""What a revision in `migrations/versions` calls: its SQL file goes out as it is."""

from pathlib import Path

from alembic import op


def write_sql(file: Path) -> None:
    """Add the text of an SQL file to the script that Alembic writes.

    It goes past SQLAlchemy, which would take `:name` and `%` in it for parameters.
    """
    op.get_context().impl.static_output(file.read_text(encoding="utf-8"))
