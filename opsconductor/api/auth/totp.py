"""Time-based one-time passwords (RFC 6238) and recovery codes; never reads a clock."""

import hmac
import os
import secrets
from base64 import b32encode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
DIGITS = 6
STEP_S = 30
STEPS_AROUND = 1
"""Codes of the step before and after are accepted as well, for clocks that differ and people who type."""
ISSUER = "OpsConductor"
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


def new_secret() -> bytes:
    """Return a secret for an authenticator app."""
    return os.urandom(SECRET_BYTES)


def text_of(secret: bytes) -> str:
    """Return a secret as a person types it into an app."""
    return b32encode(secret).decode("ascii")


def uri_of(secret: bytes, username: str) -> str:
    """Return the `otpauth://` address that apps import."""
    return _totp(secret).get_provisioning_uri(username, ISSUER)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step of 30 seconds."""
    return _totp(secret).generate(step * STEP_S).decode("ascii")


def matching_step(secret: bytes, code: str, now_s: float) -> int | None:
    """Return the step whose code this is, or None.

    The caller accepts each step once, so that a code that was overlooked cannot be used again.
    """
    present = int(now_s // STEP_S)
    for step in range(present - STEPS_AROUND, present + STEPS_AROUND + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode(errors="replace")):
            return step
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Return codes of 80 random bits, in groups of four letters and digits."""
    made = []
    for _ in range(RECOVERY_CODES):
        text = b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode("ascii").lower()
        made.append("-".join(text[at : at + 4] for at in range(0, len(text), 4)))
    return tuple(made)


def normalized(code: str) -> str:
    """Return a code as it is compared: lower case, without spaces."""
    return "".join(code.lower().split())


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303 - RFC 6238's default, which all apps know
