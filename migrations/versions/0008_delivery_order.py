"""The order in which the outbox is delivered, and when a notification was sent or given up."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
