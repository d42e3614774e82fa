"""What an inventory has published beside its rows: rules, losses that wait, lists that are not shown."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
