"""Devices may have no address: their name is the key by which dependencies refer to them."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
