"""The audit log as a chain of hashes that can only be appended to."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
