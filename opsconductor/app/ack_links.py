"""Key of the acknowledge links: an entry of the vault, made at the first start."""

import asyncio
import logging
import secrets
from hashlib import sha256

from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.errors import SecretError
from opsconductor.notify.ack_link import KEY_BYTES, AckLinks
from opsconductor.store.access.audit import DAEMON
from opsconductor.store.access.credentials import open_vault, write_credential
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

ENTRY = "acknowledge-links"
"""Name of the entry; a new value ends the links of all messages sent before."""


async def open_ack_links(pool: Pool, settings: Settings) -> AckLinks | None:
    """Return what makes and reads the links; None: they are not configured, or the vault cannot be opened.

    Raises:
        StoreUnavailable: The database is away.
    """
    valid_for = settings.notifications.acknowledge_links
    if settings.public_url is None or not valid_for:
        return None
    try:
        secret = await _secret(pool, settings)
    except SecretError as error:
        log.error("messages carry no acknowledge links", extra={"error": str(error)})
        return None
    return AckLinks(sha256(secret.encode()).digest(), str(settings.public_url), valid_for)


async def _secret(pool: Pool, settings: Settings) -> str:
    """Return the secret from the vault; it is made if there is none.

    Raises:
        SecretError: The vault cannot be opened, or the secret can be guessed.
    """
    vault = await open_vault(pool, await asyncio.to_thread(find_key, settings.secrets, settings.data_dir))
    if ENTRY in vault:
        secret = vault.open(ENTRY)
        if len(secret) < KEY_BYTES:
            raise SecretError(f"vault:{ENTRY}: expected at least {KEY_BYTES} random characters")
        return secret
    secret = secrets.token_urlsafe(KEY_BYTES)
    await write_credential(pool, ENTRY, vault.seal(ENTRY, secret), DAEMON)
    return secret
