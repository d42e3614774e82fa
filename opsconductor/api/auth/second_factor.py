"""Check of the second factor of a user: code of an app, recovery code or passkey."""

import time
from datetime import UTC, datetime
from uuid import UUID

from aiohttp import web

from opsconductor.api.auth import totp
from opsconductor.api.auth.passkeys import (
    SIGN_IN,
    Credential,
    PasskeyChallenges,
    challenge_in,
    id_in,
    new_count,
)
from opsconductor.api.http.endpoint import Call
from opsconductor.api.http.responses import refusal
from opsconductor.config.vault import Vault
from opsconductor.errors import SignInRefused
from opsconductor.store.access.audit import Author
from opsconductor.store.access.passkeys import find_passkey, use_passkey
from opsconductor.store.access.second_factor import (
    sealed_secret_of,
    totp_entry,
    use_recovery_code,
    use_step,
)
from opsconductor.store.access.users import User, find_user

CODE_NEEDED = "code_needed"
PASSKEY_NEEDED = "passkey_needed"

challenges: web.AppKey[PasskeyChallenges] = web.AppKey("passkey challenges", PasskeyChallenges)


def sealed_secret(call: Call, user_id: UUID, secret: bytes) -> bytes:
    """Encrypt a secret, bound to its user."""
    return Vault(call.parts.accounts.vault_key, {}).seal(totp_entry(user_id), secret.hex())


async def opened_secret(call: Call, user_id: UUID) -> bytes | None:
    """Return the secret of a user, or None.

    Raises:
        SecretError: It was encrypted with another key.
    """
    sealed = await call.parts.database.ask(sealed_secret_of, user_id)
    if sealed is None:
        return None
    vault = Vault(call.parts.accounts.vault_key, {totp_entry(user_id): sealed})
    return bytes.fromhex(vault.open(totp_entry(user_id)))


async def is_second_factor(
    call: Call, user: User, code: str | None, passkey: Credential | None = None
) -> bool:
    """Check code or passkey of a user who has a second factor; others need none.

    Raises:
        web.HTTPUnauthorized: There is neither (`code_needed`, `passkey_needed`).
        SignInRefused: The passkey is not valid.
    """
    if not user.needs_second_factor:
        return True
    if passkey is not None:
        return (await user_of_passkey(call, passkey)).id == user.id
    if not user.has_second_factor:
        raise refusal(web.HTTPUnauthorized, PASSKEY_NEEDED, "log in with your passkey as well")
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


async def user_of_passkey(call: Call, credential: Credential) -> User:
    """Return the user whose passkey has answered; the answer is used by that.

    Raises:
        SignInRefused: The passkey is unknown, or its answer is not valid.
    """
    party, known, now_s = call.parts.accounts.relying_party, call.request.app[challenges], time.time()
    if party is None:
        raise SignInRefused("there are no passkeys here: public_url is not set")
    challenge = challenge_in(credential)
    known.check(challenge, SIGN_IN, None, now_s)
    passkey = await call.parts.database.ask(find_passkey, id_in(credential))
    if passkey is None:
        raise SignInRefused("this passkey is not registered here, or its user is disabled")
    count = new_count(party, credential, challenge, passkey)
    known.use(challenge, SIGN_IN, None, now_s)
    if not await call.parts.database.ask(use_passkey, passkey.id, count):
        raise SignInRefused("the counter of this passkey has not grown: a copy of it may be in use")
    return await call.parts.database.ask(find_user, passkey.username)
