"""State of the engine that belongs to no single alert: messages that wait, limits of recipients."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
