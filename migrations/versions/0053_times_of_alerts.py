"""No trigger sets the time of an update of an alert; each statement does."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
