"""Users of SNMPv3 and the protocols that protect their messages."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum


class AuthProtocol(StrEnum):
    """Authentication protocol; named as in net-snmp (RFC 3414, RFC 7860)."""

    MD5 = "MD5"
    SHA = "SHA"
    SHA224 = "SHA-224"
    SHA256 = "SHA-256"
    SHA384 = "SHA-384"
    SHA512 = "SHA-512"


class PrivProtocol(StrEnum):
    """Privacy protocol; named as in net-snmp.

    AES with 192 and 256 bits needs longer keys than some hashes produce. There are two methods to extend
    them: draft-blumenthal-aes-usm-04 (`AES-192`, `AES-256`) and, used by Cisco and others,
    draft-reeder-snmpv3-usm-3desede-00 (`AES-192-C`, `AES-256-C`).
    """

    DES = "DES"
    TRIPLE_DES = "3DES"
    AES = "AES"
    AES192 = "AES-192"
    AES256 = "AES-256"
    AES192_REEDER = "AES-192-C"
    AES256_REEDER = "AES-256-C"


class SecurityLevel(Enum):
    """Security level of a message; the value is in the two low bits of `msgFlags`."""

    NO_AUTH_NO_PRIV = 0
    AUTH_NO_PRIV = 1
    AUTH_PRIV = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UsmUser:
    """A user of the User-based Security Model as configured.

    Attributes:
        auth_password: At least 8 characters when `auth_protocol` is set; never printed.
        priv_password: At least 8 characters when `priv_protocol` is set; never printed.
        is_replay_accepted: Signed traps of this user are accepted whatever the sender's clock.
    """

    username: str
    auth_protocol: AuthProtocol | None = None
    auth_password: str = field(default="", repr=False)
    priv_protocol: PrivProtocol | None = None
    priv_password: str = field(default="", repr=False)
    is_replay_accepted: bool = False

    @property
    def level(self) -> SecurityLevel:
        """The only level at which messages of this user are accepted."""
        if self.auth_protocol is None:
            return SecurityLevel.NO_AUTH_NO_PRIV
        return SecurityLevel.AUTH_NO_PRIV if self.priv_protocol is None else SecurityLevel.AUTH_PRIV


_OTHER_SPELLINGS = {"SHA1": "SHA", "AES128": "AES", "3DESEDE": "3DES", "DES3": "3DES", "TRIPLEDES": "3DES"}


def auth_protocol(name: str) -> AuthProtocol:
    """Return the authentication protocol for any usual spelling (`sha256`, `SHA-256`, `SHA1`)."""
    return AuthProtocol(_spelling(name, AuthProtocol))


def priv_protocol(name: str) -> PrivProtocol:
    """Return the privacy protocol for any usual spelling (`aes128`, `AES-256-C`)."""
    return PrivProtocol(_spelling(name, PrivProtocol))


def _spelling(name: str, among: type[StrEnum]) -> str:
    plain = name.upper().replace("-", "").replace("_", "")
    plain = _OTHER_SPELLINGS.get(plain, plain)
    for member in among:
        if member.value.replace("-", "") == plain:
            return member.value
    known = ", ".join(member.value for member in among)
    raise ValueError(f"unknown protocol {name!r}, expected one of {known}")
