"""Indexes for filters of lists of the page."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
