"""Keys of SNMPv3 users: from password to master key to localized key.

The hashing is pysnmp's (RFC 3414 A.2 and the two drafts for longer keys).
"""

import hmac
from functools import cached_property, lru_cache

from pyasn1.type.univ import OctetString
from pysnmp.proto.secmod.rfc3414.service import (  # the modules it names circle around it
    aes,
    aes192,
    aes256,
    des,
    des3,
    hmacmd5,
    hmacsha,
    hmacsha2,
)

from opsconductor.snmp.security.security import AuthProtocol, PrivProtocol, UsmUser

_SHA2 = hmacsha2.HmacSha2
_AUTH_IDS = {
    AuthProtocol.MD5: hmacmd5.HmacMd5.SERVICE_ID,
    AuthProtocol.SHA: hmacsha.HmacSha.SERVICE_ID,
    AuthProtocol.SHA224: _SHA2.SHA224_SERVICE_ID,
    AuthProtocol.SHA256: _SHA2.SHA256_SERVICE_ID,
    AuthProtocol.SHA384: _SHA2.SAH384_SERVICE_ID,
    AuthProtocol.SHA512: _SHA2.SHA512_SERVICE_ID,
}
_AUTH_SERVICES = {
    AuthProtocol.MD5: hmacmd5.HmacMd5(),
    AuthProtocol.SHA: hmacsha.HmacSha(),
    AuthProtocol.SHA224: _SHA2(_SHA2.SHA224_SERVICE_ID),
    AuthProtocol.SHA256: _SHA2(_SHA2.SHA256_SERVICE_ID),
    AuthProtocol.SHA384: _SHA2(_SHA2.SAH384_SERVICE_ID),
    AuthProtocol.SHA512: _SHA2(_SHA2.SHA512_SERVICE_ID),
}
_PRIV_SERVICES = {
    PrivProtocol.DES: des.Des(),
    PrivProtocol.TRIPLE_DES: des3.Des3(),
    PrivProtocol.AES: aes.Aes(),
    PrivProtocol.AES192: aes192.AesBlumenthal192(),
    PrivProtocol.AES256: aes256.AesBlumenthal256(),
    PrivProtocol.AES192_REEDER: aes192.Aes192(),
    PrivProtocol.AES256_REEDER: aes256.Aes256(),
}
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
        self.user = user

    def __repr__(self) -> str:
        return f"MasterKeys({self.user.username!r})"

    def auth_key(self, engine_id: bytes) -> bytes:
        """Return the signing key localized to an engine: one short hash."""
        return bytes(_AUTH_SERVICES[self._auth].localize_key(self._auth_master, OctetString(engine_id)))

    def priv_key(self, engine_id: bytes) -> bytes:
        """Return the encryption key for an engine: one short hash, or milliseconds if it must be extended."""
        service = _PRIV_SERVICES[self._priv]
        return bytes(service.localize_key(_AUTH_IDS[self._auth], self._priv_master, OctetString(engine_id)))

    @property
    def _auth(self) -> AuthProtocol:
        assert self.user.auth_protocol is not None
        return self.user.auth_protocol

    @property
    def _priv(self) -> PrivProtocol:
        assert self.user.priv_protocol is not None
        return self.user.priv_protocol

    @cached_property
    def _auth_master(self) -> OctetString:
        return _AUTH_SERVICES[self._auth].hash_passphrase(self.user.auth_password.encode())

    @cached_property
    def _priv_master(self) -> OctetString:
        password = self.user.priv_password.encode()
        return _PRIV_SERVICES[self._priv].hash_passphrase(_AUTH_IDS[self._auth], password)


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
