"""A backup by a dump brings everything back: the same export, counts and files; or nothing changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from click.testing import Result

from opsconductor.config.settings import DatabaseSettings, SecretsSettings, Settings
from opsconductor.config.vault import find_key
from opsconductor.errors import StoreRejected
from opsconductor.store.backups import dump
from opsconductor.store.backups.archive import read_manifest
from opsconductor.store.backups.dump import count_rows
from opsconductor.store.backups.folder import list_backups
from opsconductor.store.backups.make import BackupPlan, make_backup
from opsconductor.store.backups.manifest import check_restorable
from opsconductor.store.backups.restore import RestoredBackup, RestoreOrder, restore_backup
from opsconductor.store.commit.commit import commit
from opsconductor.store.postgres import migrate
from opsconductor.store.postgres.client_programs import split_password
from opsconductor.store.postgres.connection import close_pool, open_pool
from opsconductor.store.postgres.daemon_lock import sole_daemon
from opsconductor.store.retention.old_rows import make_partitions
from tests.conftest import Cluster
from tests.support.daemons.terminal import invoked
from tests.support.store.stored import a_creation, an_alert, an_entry

DECLARED = """
devices:
  - {ip_address: 192.0.2.1, name: core-1}
  - {ip_address: 192.0.2.2, name: access-1}
dependencies:
  - {device_ip: 192.0.2.2, depends_on_ip: 192.0.2.1}
oid_mappings:
  - {oid_pattern: 1.3.6.1.4.1.99999.1, alert_type: network_test, category: network,
     default_severity: major, title_template: "Test - {device_name}"}
"""


async def opsconductor(url: str, folder: Path, *arguments: str) -> Result:
    """Run a command against a database."""
    places = {"OPSCONDUCTOR__DATABASE__URL": url, "OPSCONDUCTOR__DATA_DIR": str(folder / "var")}
    return await invoked(*arguments, environment=places)


async def fill(pool: asyncpg.Pool) -> Mapping[str, int]:
    """Store alerts with history in several partitions; return the counts."""
    await make_partitions(pool, datetime.now(UTC))
    alerts = [an_alert() for _ in range(50)]
    entries = tuple(an_entry(alert, created_at=datetime.now(UTC)) for alert in alerts)
    await commit(pool, replace(a_creation(*alerts), history=entries))
    return await count_rows(pool)


def settings_of(url: str, folder: Path) -> Settings:
    """Return settings for a database of its own, and a data directory with files in it."""
    return Settings(data_dir=folder, database=DatabaseSettings(url=url))


async def back_up(url: str, folder: Path, *, with_key: bool = False) -> Path:
    """Make a backup of a database by a dump; return the file."""
    target = folder / "of.backup"
    await make_backup(
        settings_of(url, folder / "var"), url, BackupPlan(target=target, method="dump", with_key=with_key)
    )
    return target


async def restored(url: str, file: Path, *, replace: bool) -> RestoredBackup:
    """Restore a backup into a database and a data directory beside it."""
    order = RestoreOrder(file=file, replace=replace)
    return await restore_backup(settings_of(url, file.parent / "other"), order)


async def test_everything_is_the_same_after_a_restore(
    pool: asyncpg.Pool, database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    """A backup restored elsewhere by the commands is equal: rows, files and key."""
    (tmp_path / "declared.yaml").write_text(DECLARED)
    applied = await opsconductor(database_url, tmp_path, "apply", str(tmp_path / "declared.yaml"))
    assert applied.exit_code == 0, applied.output
    counts = await fill(pool)
    (tmp_path / "var" / "uploads").mkdir(parents=True)
    (tmp_path / "var" / "uploads" / "one.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "var" / "spool").mkdir()
    (tmp_path / "var" / "spool" / "1.log").write_bytes(b"not this")
    made = await opsconductor(database_url, tmp_path, "backup", str(tmp_path / "backups"), "--with-key")
    assert made.exit_code == 0, made.stderr
    assert "50 alerts" in made.stdout
    assert "Keep it safe" in made.stdout
    (file,) = list_backups(tmp_path / "backups")
    assert file.path.stat().st_mode & 0o777 == 0o600
    there = tmp_path / "there"
    done = await opsconductor(empty_database_url, there, "restore", str(file.path))
    assert done.exit_code == 0, done.stderr
    assert "50 alerts" in done.stdout
    places = ((database_url, tmp_path), (empty_database_url, there))
    before, after = [(await opsconductor(url, folder, "export")).stdout for url, folder in places]
    assert before == after != ""
    names = {path.relative_to(there / "var").as_posix() for path in (there / "var").rglob("*")}
    assert names == {"uploads", "uploads/one.csv", "secrets.key"}
    assert (there / "var" / "uploads" / "one.csv").read_bytes() == b"a,b\n1,2\n"
    assert (there / "var" / "secrets.key").read_bytes() == (tmp_path / "var" / "secrets.key").read_bytes()
    other = await open_pool(empty_database_url, 2)
    assert await count_rows(other) == counts
    await close_pool(other)


async def test_without_the_key_a_restore_reports_unreadable_secrets(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """A backup leaves the vault's key out by default, and the restore reports the consequence."""
    del pool
    (tmp_path / "var").mkdir()
    find_key(SecretsSettings(), tmp_path / "var")
    file = await back_up(database_url, tmp_path)
    assert not read_manifest(file).has_key
    done = await restored(database_url, file, replace=False)
    assert done.key_differs


async def test_a_backup_of_a_newer_version_is_refused(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """A restore compares versions before it touches anything, and names the version that is needed."""
    del pool
    file = await back_up(database_url, tmp_path)
    manifest = read_manifest(file)
    newer = replace(manifest, revision="9999", version="99.1.0")
    with pytest.raises(StoreRejected, match=r"made by OpsConductor 99\.1\.0 .*install 99\.1\.0"):
        check_restorable(newer, manifest.version, manifest.revision)
    check_restorable(manifest, manifest.version, manifest.revision)


async def test_a_database_with_alerts_is_replaced_only_on_request(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """A restore into a database that holds alerts is refused; with `replace` it becomes the dump."""
    await fill(pool)
    file = await back_up(database_url, tmp_path)
    await commit(pool, a_creation(an_alert()))
    with pytest.raises(StoreRejected, match=r"holds 51 alerts.*--replace"):
        await restored(database_url, file, replace=False)
    assert (await restored(database_url, file, replace=True)).rows["alerts"] == 50


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
async def test_a_file_that_was_cut_short_changes_nothing(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, share: float
) -> None:
    """A dump that lacks its end is refused before anything is touched, however little is missing."""
    await fill(pool)
    file = await back_up(database_url, tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(StoreRejected, match="not a complete file"):
        await restored(database_url, file, replace=True)
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 50


async def test_a_file_in_which_a_byte_differs_changes_nothing(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """A backup that was changed after it was made is refused by its checksum."""
    await fill(pool)
    file = await back_up(database_url, tmp_path)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(StoreRejected, match=r"database\.dump in the backup is damaged"):
        await restored(database_url, file, replace=True)
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 50


async def test_a_restore_that_fails_changes_nothing(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When PostgreSQL refuses a statement of the dump, the database is as it was."""
    await fill(pool)
    file = await back_up(database_url, tmp_path)
    monkeypatch.setattr(dump, "UNKNOWN_BEFORE_17", b"CREATE TABLE")
    with pytest.raises(StoreRejected, match="psql failed"):
        await restored(database_url, file, replace=True)
    assert await pool.fetchval("SELECT count(*) FROM alerts") == 50
    assert await migrate.current(pool) == migrate.head()


async def test_nothing_is_restored_below_a_daemon(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """While a daemon works on the database, a restore is refused."""
    file = await back_up(database_url, tmp_path)
    async with sole_daemon(pool):
        with pytest.raises(StoreRejected, match="another OpsConductor daemon"):
            await restored(database_url, file, replace=True)


async def test_the_oldest_server_moves_to_the_newest(
    postgres_15: Cluster, empty_database_url: str, tmp_path: Path
) -> None:
    """A database of PostgreSQL 15 is dumped, and restored into 18 and into 15 again."""
    name, back = postgres_15.create(), postgres_15.create()
    try:
        url = postgres_15.url(name)
        await migrate.upgrade(url)
        old = await open_pool(url, 2)
        counts = await fill(old)
        await close_pool(old)
        file = await back_up(url, tmp_path)
        assert (await restored(empty_database_url, file, replace=False)).rows == counts
        assert (await restored(postgres_15.url(back), file, replace=False)).rows == counts
    finally:
        postgres_15.drop(name)
        postgres_15.drop(back)


def test_passwords_are_no_arguments() -> None:
    """The password of a URL goes into the environment; everything else stays as it is."""
    address, environment = split_password("postgresql://me:p%40ss@db.example:5432/ops?sslmode=require")
    assert address == "postgresql://me@db.example:5432/ops?sslmode=require"
    assert environment == {"PGPASSWORD": "p@ss"}
    assert split_password("postgresql://me@/ops?host=/run") == ("postgresql://me@/ops?host=/run", {})
