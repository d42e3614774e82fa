"""Clears that ended no alert are counted by what they named."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
