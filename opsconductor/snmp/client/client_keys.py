"""The user of SNMPv3 in the form that gufo_snmp takes; passwords are stretched once, not at every poll."""

from functools import lru_cache

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    BaseAuthKey,
    BasePrivKey,
    DesKey,
    KeyExpansion,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)
from gufo.snmp.user import KeyType

from opsconductor.snmp.security.security import AuthProtocol, PrivProtocol, UsmUser

_AUTH: dict[AuthProtocol, type[BaseAuthKey]] = {
    AuthProtocol.MD5: Md5Key,
    AuthProtocol.SHA: Sha1Key,
    AuthProtocol.SHA224: Sha224Key,
    AuthProtocol.SHA256: Sha256Key,
    AuthProtocol.SHA384: Sha384Key,
    AuthProtocol.SHA512: Sha512Key,
}
_PRIV: dict[PrivProtocol, type[BasePrivKey]] = {
    PrivProtocol.DES: DesKey,
    PrivProtocol.AES: Aes128Key,
    PrivProtocol.AES192: Aes192Key,
    PrivProtocol.AES256: Aes256Key,
    PrivProtocol.AES192_REEDER: Aes192Key,
    PrivProtocol.AES256_REEDER: Aes256Key,
}
_REEDER = frozenset({PrivProtocol.AES192_REEDER, PrivProtocol.AES256_REEDER})


@lru_cache(maxsize=1024)
def gufo_user(user: UsmUser) -> User:
    """Make the user with master keys; 3DES, which gufo_snmp lacks, is refused by the configuration."""
    if user.auth_protocol is None:
        return User(user.username)
    auth = _AUTH[user.auth_protocol]
    return User(
        user.username,
        auth_key=auth(auth.get_master_key(user.auth_password.encode()), KeyType.Master),
        priv_key=_priv_key(user, auth),
        key_expansion=KeyExpansion.Cisco if user.priv_protocol in _REEDER else KeyExpansion.Blumenthal,
    )


def _priv_key(user: UsmUser, auth: type[BaseAuthKey]) -> BasePrivKey | None:
    if user.priv_protocol is None:
        return None
    master = auth.get_master_key(user.priv_password.encode())
    return _PRIV[user.priv_protocol](master, KeyType.Master)
