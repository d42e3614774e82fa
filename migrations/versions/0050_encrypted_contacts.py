"""Contact methods of people are encrypted by the daemon when it starts."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
