"""Contact methods of people: encrypted where they are stored, with the vault's key."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from opsconductor.app.configuring.runtime import encrypt_contacts
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.settings import SecretsSettings, Settings
from opsconductor.errors import SecretError
from opsconductor.model.people.person import ContactMethod
from opsconductor.selfcheck.doctor.database import examine_database
from opsconductor.store.access.credentials import open_vault
from opsconductor.store.access.rotation import rotate_key
from opsconductor.store.declared.provisioning import read_provisioned
from opsconductor.store.declared.rows import find_row, list_rows
from opsconductor.store.people.directory import load_directory
from opsconductor.store.people.sealed import ContactSeal, seal_of
from tests.support.daemons.declaring import KEY, applied
from tests.support.daemons.terminal import invoked

MAIL = "ada@example.org"
PHONE = "+33 6 12 34 56 78"
METHODS = [
    {"channel": "mail", "recipient": MAIL, "failover": {"channel": "sms", "recipient": PHONE}},
    {"channel": "sms", "recipient": PHONE, "minimum_severity": "critical"},
]
FILE = f"""
connectors:
- {{name: mail, type: mailer, config: {{host: mx}}}}
- {{name: sms, type: mailer, config: {{host: sms}}}}
people:
- name: ada
  contact_methods:
  - {{channel: mail, recipient: {MAIL}, failover: {{channel: sms, recipient: "{PHONE}"}}}}
  - {{channel: sms, recipient: "{PHONE}", minimum_severity: critical}}
- {{name: bob}}
"""
SEAL = ContactSeal(lambda: KEY)
AUDIT = "SELECT string_agg(details::text, ' ') FROM audit_log"
PLAIN = "UPDATE users SET contact_methods = $1 WHERE username = 'ada'"


async def stored(pool: asyncpg.Pool) -> str:
    """Return everything that the tables of people and of the audit log hold, as text."""
    people = await pool.fetchval("SELECT string_agg(to_jsonb(users)::text, ' ') FROM users")
    return f"{people} {await pool.fetchval(AUDIT)}"


async def methods_of(pool: asyncpg.Pool, seal: ContactSeal = SEAL) -> tuple[ContactMethod, ...]:
    """Return the addresses at which a notification reaches ada."""
    return (await load_directory(pool, seal)).people["ada"].methods


@pytest.fixture
async def declared(pool: asyncpg.Pool, tmp_path: Path) -> Path:
    """Declare ada, who has contact methods, and bob, who has none."""
    file = tmp_path / "people.yaml"
    file.write_text(FILE)
    await applied(pool, file)
    return file


async def test_declared_methods_are_stored_encrypted(pool: asyncpg.Pool, declared: Path) -> None:
    """No address is in a table or the audit log; directory and API read it; it is no change again."""
    text = await stored(pool)
    assert MAIL not in text
    assert PHONE not in text
    assert '"sealed"' in text
    assert '"recipient": "***"' in text
    assert [each.recipient for each in await methods_of(pool)] == [MAIL, PHONE]
    rows, _ = await list_rows(pool, ProvisionTable.PEOPLE, "", limit=9, offset=0, seal=SEAL)
    assert rows[0].row["contact_methods"][0]["recipient"] == MAIL
    found = await find_row(pool, ProvisionTable.PEOPLE, "ada", SEAL)
    assert found is not None
    assert found.row == rows[0].row
    assert (await applied(pool, declared)).changes == ()
    assert await pool.fetchval("SELECT contact_methods FROM users WHERE username = 'bob'") == []


async def test_those_of_an_earlier_version_are_encrypted_at_the_start(
    pool: asyncpg.Pool, declared: Path
) -> None:
    """They work before, and are encrypted once; a downgrade stores them as they were."""
    await pool.execute(PLAIN, METHODS)
    assert [each.recipient for each in await methods_of(pool)] == [MAIL, PHONE]
    settings = settings_of(KEY, declared.parent)
    await encrypt_contacts(pool, settings)
    text = await stored(pool)
    assert MAIL not in text
    await encrypt_contacts(pool, settings)
    assert [each.recipient for each in await methods_of(pool)] == [MAIL, PHONE]


async def test_a_downgrade_decrypts_them(pool: asyncpg.Pool, database_url: str, declared: Path) -> None:
    """The version before reads them as they are; the way up keeps them."""
    lines = ["data_dir: .", f"database: {{url: '{database_url}'}}", f"secrets: {{key: '{KEY.hex()}'}}"]
    settings = declared.with_name("opsconductor.yaml")
    settings.write_text("\n".join(lines))
    for command in (("downgrade", "0049", "--yes"), ("upgrade",)):
        done = await invoked("--config", str(settings), "db", *command)
        assert done.exit_code == 0, done.output
    before: list[dict[str, Any]] = await pool.fetchval(
        "SELECT contact_methods FROM users WHERE username = 'ada'"
    )
    assert [each["recipient"] for each in before] == [MAIL, PHONE]


async def test_a_new_key_encrypts_them_anew(pool: asyncpg.Pool, declared: Path) -> None:
    """Only the new key reads them, and the old one is refused, though the vault is empty."""
    del declared
    new = bytes(range(1, 33))
    await pool.execute("DELETE FROM credentials")
    done = await rotate_key(pool, KEY, new, actor="root")
    assert done.people == 1
    assert [each.recipient for each in await methods_of(pool, ContactSeal(lambda: new))] == [MAIL, PHONE]
    with pytest.raises(SecretError, match="another key"):
        await open_vault(pool, KEY)


@pytest.mark.parametrize("key", [None, bytes(32)], ids=["lost", "another"])
async def test_without_the_key_it_is_reported(
    pool: asyncpg.Pool, declared: Path, key: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """The directory leaves the person out and logs it; doctor calls it bad; no key is made."""
    settings = settings_of(key, declared.parent)
    seal = seal_of(settings)
    directory = await load_directory(pool, seal)
    assert set(directory.people) == {"bob"}
    assert "no one is notified by it" in caplog.text
    with pytest.raises(SecretError, match="contact methods of 'ada'"):
        await read_provisioned(pool, seal)
    findings = (await examine_database(pool, settings, None)).findings
    (bad,) = [each for each in findings if "contact methods" in each.text]
    assert bad.verdict == "bad"
    assert "secrets.key" in bad.remedy
    assert not (declared.parent / "secrets.key").exists()


async def test_a_ciphertext_counts_for_its_person_alone(pool: asyncpg.Pool, declared: Path) -> None:
    """Moved to another person it is damaged: no person gets another one's messages by it."""
    del declared
    await pool.execute(
        "UPDATE users SET contact_methods = (SELECT contact_methods FROM users WHERE username = 'ada') "
        "WHERE username = 'bob'"
    )
    assert set((await load_directory(pool, SEAL)).people) == {"ada"}


def settings_of(key: bytes | None, folder: Path) -> Settings:
    """Return settings with a key, or without one."""
    secrets = SecretsSettings(key=None if key is None else SecretStr(key.hex()))
    return Settings(data_dir=folder, secrets=secrets)
