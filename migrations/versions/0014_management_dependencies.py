"""A device may need another one only to be managed: the dependency type `management`."""

from pathlib import Path

from opsconductor.store.postgres.revision import write_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Write the step forward."""
    write_sql(Path(__file__).with_suffix(".up.sql"))


def downgrade() -> None:
    """Write the step back."""
    write_sql(Path(__file__).with_suffix(".down.sql"))
