"""Announcements of maintenance windows: whom a window names, and notifications that are about no alert."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
