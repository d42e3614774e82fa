"""Keys of SNMPv3 users: from password to master key to localized key.

The hashing is in `key_hashing.py`.
"""

import hmac
from functools import cached_property, lru_cache

from opsconductor.snmp.security.security import AuthProtocol, UsmUser

_HASHES = {
    AuthProtocol.MD5: "md5",
    AuthProtocol.SHA: "sha1",
    AuthProtocol.SHA224: "sha224",
    AuthProtocol.SHA256: "sha256",
    AuthProtocol.SHA384: "sha384",
    AuthProtocol.SHA512: "sha512",
}
DIGEST_LENGTHS = {
    AuthProtocol.MD5: 12,
    AuthProtocol.SHA: 12,
    AuthProtocol.SHA224: 16,
    AuthProtocol.SHA256: 24,
    AuthProtocol.SHA384: 32,
    AuthProtocol.SHA512: 48,
}
"""Bytes of the truncated signature in a message (RFC 3414 6, RFC 7860 4)."""


MAX_USERS = 1_024
"""Users whose master keys are cached."""

MAX_LOCALIZED = 20_000
"""Pairs of user and polled engine whose localized keys are cached."""


def digest(protocol: AuthProtocol, key: bytes, message: bytes) -> bytes:
    """Return the signature of a whole message whose signature field is filled with zeros."""
    return hmac.digest(key, message, _HASHES[protocol])[: DIGEST_LENGTHS[protocol]]


class MasterKeys:
    """The master keys of a user, each computed once, which takes milliseconds.

    Computed on first use: a thousand users do not delay the start, and an attacker who guesses names
    can cause each computation at most once.
    """

    def __init__(self, user: UsmUser) -> None:
        from opsconductor.snmp.security.key_hashing import KeyHashing  # noqa: PLC0415 - 40 ms that only v3 costs

        self.user = user
        self._hashing = KeyHashing(user)

    def __repr__(self) -> str:
        return f"MasterKeys({self.user.username!r})"

    def auth_key(self, engine_id: bytes) -> bytes:
        """Return the signing key localized to an engine: one short hash."""
        return self._hashing.auth_key(self._auth_master, engine_id)

    def priv_key(self, engine_id: bytes) -> bytes:
        """Return the encryption key for an engine: one short hash, or milliseconds if it must be extended."""
        return self._hashing.priv_key(self._priv_master, engine_id)

    @cached_property
    def _auth_master(self) -> bytes:
        return self._hashing.auth_master()

    @cached_property
    def _priv_master(self) -> bytes:
        return self._hashing.priv_master()


@lru_cache(maxsize=MAX_USERS)
def master_keys(user: UsmUser) -> MasterKeys:
    """Return the master keys of a user, cached so that passwords are not hashed at every poll."""
    return MasterKeys(user)


@lru_cache(maxsize=MAX_LOCALIZED)
def localized_keys(user: UsmUser, engine_id: bytes) -> tuple[bytes, bytes]:
    """Return signing and encryption key of a user for an engine; empty where the user has none."""
    keys = master_keys(user)
    auth_key = keys.auth_key(engine_id) if user.auth_protocol else b""
    return auth_key, keys.priv_key(engine_id) if user.priv_protocol else b""
