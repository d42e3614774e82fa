"""Check of the second factor of a user, and encryption of its secret."""

from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from opsconductor.api.auth import totp
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.config.vault import Vault
from opsconductor.store.access.audit import Author
from opsconductor.store.access.second_factor import sealed_secret_of, use_recovery_code, use_step
from opsconductor.store.access.users import User

CODE_NEEDED = "code_needed"


def sealed_secret(call: Call, user_id: UUID, secret: bytes) -> bytes:
    """Encrypt a secret, bound to its user."""
    return Vault(call.parts.accounts.vault_key, {}).seal(_name(user_id), secret.hex())


async def opened_secret(call: Call, user_id: UUID) -> bytes | None:
    """Return the secret of a user, or None.

    Raises:
        SecretError: It was encrypted with another key.
    """
    sealed = await call.parts.database.ask(sealed_secret_of, user_id)
    if sealed is None:
        return None
    vault = Vault(call.parts.accounts.vault_key, {_name(user_id): sealed})
    return bytes.fromhex(vault.open(_name(user_id)))


async def is_second_factor(call: Call, user: User, code: str | None) -> bool:
    """Check the code of a user who has a second factor; others need none.

    Raises:
        web.HTTPUnauthorized: There is no code (`code_needed`).
    """
    if not user.has_second_factor:
        return True
    if not code:
        message = "enter the code of your authenticator app, or a recovery code"
        raise refusal(web.HTTPUnauthorized, CODE_NEEDED, message)
    given = totp.normalized(code)
    secret = await opened_secret(call, user.id)
    step = None if secret is None else totp.matching_step(secret, given, datetime.now(UTC).timestamp())
    if step is not None:
        return await call.parts.database.ask(use_step, user.id, step)
    by = Author(name=user.username, address=call.request.remote)
    return await call.parts.database.ask(use_recovery_code, user, given, by)


def _name(user_id: UUID) -> str:
    return f"user/{user_id}/totp"
