"""Hashing of passwords to keys of SNMPv3 users.

It is pysnmp's (RFC 3414 A.2 and the two drafts for longer keys).
"""

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


class KeyHashing:
    """The hashes of one user."""

    def __init__(self, user: UsmUser) -> None:
        self._user = user

    def auth_master(self) -> bytes:
        """Return the master key for signing, hashed from the password in milliseconds."""
        return bytes(_AUTH_SERVICES[self._auth].hash_passphrase(self._user.auth_password.encode()))

    def priv_master(self) -> bytes:
        """Return the master key for encryption, hashed from the password in milliseconds."""
        password = self._user.priv_password.encode()
        return bytes(_PRIV_SERVICES[self._priv].hash_passphrase(_AUTH_IDS[self._auth], password))

    def auth_key(self, master: bytes, engine_id: bytes) -> bytes:
        """Return the signing key localized to an engine: one short hash."""
        service = _AUTH_SERVICES[self._auth]
        return bytes(service.localize_key(OctetString(master), OctetString(engine_id)))

    def priv_key(self, master: bytes, engine_id: bytes) -> bytes:
        """Return the encryption key for an engine: one short hash, or milliseconds if it must be extended."""
        service = _PRIV_SERVICES[self._priv]
        return bytes(service.localize_key(_AUTH_IDS[self._auth], OctetString(master), OctetString(engine_id)))

    @property
    def _auth(self) -> AuthProtocol:
        assert self._user.auth_protocol is not None
        return self._user.auth_protocol

    @property
    def _priv(self) -> PrivProtocol:
        assert self._user.priv_protocol is not None
        return self._user.priv_protocol
