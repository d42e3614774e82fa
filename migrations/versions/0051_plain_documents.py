"""Documents that are only shown are `json`, and one index of history is enough."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
