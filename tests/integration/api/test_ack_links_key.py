"""The key of acknowledge links: made once, kept encrypted in the vault, replaced by hand."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg

from opsconductor.app.ack_links import ENTRY, open_ack_links
from opsconductor.config.settings import Settings
from opsconductor.config.vault import Vault, find_key
from opsconductor.notify.ack_link import AckLinks
from opsconductor.store.access.audit import Author
from opsconductor.store.access.credentials import write_credential

ALERT = UUID(int=7)
AT = datetime(2026, 3, 4, tzinfo=UTC)


def settings_in(folder: Path, **changes: object) -> Settings:
    """Make settings with a public address."""
    return Settings.model_validate({"data_dir": folder, "public_url": "https://noc.example.net/", **changes})


def token_of(links: AckLinks | None) -> str:
    """Return a token."""
    assert links is not None
    return links.url_of(ALERT, "anna", AT).rpartition("/")[2]


async def test_the_key_is_made_once_and_kept_encrypted(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """The next start reads the links of the one before; the table holds only the ciphertext."""
    first, again = [await open_ack_links(pool, settings_in(tmp_path)) for _ in range(2)]
    assert again is not None
    assert again.read(token_of(first)) is not None
    assert await pool.fetchval("SELECT count(*) FROM credentials WHERE name = $1", ENTRY) == 1


async def test_a_new_secret_ends_the_links_sent_before(pool: asyncpg.Pool, tmp_path: Path) -> None:
    """As `opsconductor credential set` writes it; one that can be guessed is refused."""
    settings = settings_in(tmp_path)
    first = await open_ack_links(pool, settings)
    vault = Vault(find_key(settings.secrets, tmp_path), {})
    await write_credential(pool, ENTRY, vault.seal(ENTRY, "x" * 40), Author(name="cli:anna"))
    second = await open_ack_links(pool, settings)
    assert second is not None
    assert second.read(token_of(first)) is None
    await write_credential(pool, ENTRY, vault.seal(ENTRY, "guess"), Author(name="cli:anna"))
    assert await open_ack_links(pool, settings) is None


async def test_without_public_address_or_with_0s_there_are_no_links(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    """Nothing is written to the vault then."""
    assert await open_ack_links(pool, settings_in(tmp_path, public_url=None)) is None
    off = settings_in(tmp_path, notifications={"acknowledge_links": "0s"})
    assert await open_ack_links(pool, off) is None
    assert await pool.fetchval("SELECT count(*) FROM credentials") == 0
