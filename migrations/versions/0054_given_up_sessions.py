"""A session that the daemon has given up cannot write any more."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
