"""Writing what is in a real database as a provisioning file."""

from pathlib import Path

import asyncpg

from opsconductor.config.provision.export import export
from opsconductor.store.declared.provisioning import read_provisioned
from tests.support.daemons.declaring import EVERYTHING, INSTALLED, applied, rewrite


async def test_export_declares_the_same(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """Applying an export changes nothing, seeds and rows made by hand included, and shows no secret."""
    file = tmp_path / "all.yaml"
    rewrite(file, EVERYTHING)
    await applied(pool, file)
    await pool.execute(
        """INSERT INTO notification_rules (name, enabled, conditions, channels)
           VALUES ('by hand', false, '{"severity": "critical"}', '[{"channel": "mail"}]')"""
    )
    text, variables = export(await read_provisioned(pool), INSTALLED)
    assert "hunter2" not in text
    assert variables == []
    exported = tmp_path / "exported.yaml"
    rewrite(exported, text)
    assert (await applied(pool, exported, prune=True)).changes == ()


async def test_export_leaves_plain_secrets_of_the_database_out(pool: asyncpg.Pool) -> None:
    """Plain text stored by another program becomes a reference, and is named."""
    config = {"host": "mx", "password": "hunter2hunter2"}
    await pool.execute("INSERT INTO connectors (name, type, config) VALUES ('mail', 'mailer', $1)", config)
    text, variables = export(await read_provisioned(pool), INSTALLED)
    assert "${env:MAIL_PASSWORD}" in text
    assert "hunter2" not in text
    assert variables == ["MAIL_PASSWORD"]
