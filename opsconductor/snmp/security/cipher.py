"""Encryption of the scoped PDU of an SNMPv3 message; the ciphers are those of `cryptography`."""

import struct
from dataclasses import dataclass
from itertools import count
from secrets import randbits

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from opsconductor.snmp.security.security import PrivProtocol

SALT_LENGTH = 8
_BLOCK = 8
_salts = count(randbits(62))


@dataclass(frozen=True, slots=True, kw_only=True)
class CipherUse:
    """Inputs of the cipher besides the text.

    Attributes:
        key: The localized key, `KEY_SIZE` bytes of its protocol.
        boots: engineBoots of the authoritative engine as in the message.
        time_s: engineTime as in the message.
    """

    protocol: PrivProtocol
    key: bytes
    boots: int
    time_s: int


def encrypt(use: CipherUse, plain: bytes) -> tuple[bytes, bytes]:
    """Encrypt a scoped PDU.

    Returns:
        The encrypted text and the salt that goes into `msgPrivacyParameters`.
    """
    if use.protocol in (PrivProtocol.DES, PrivProtocol.TRIPLE_DES):
        salt = struct.pack(">II", use.boots, next(_salts) & 0xFFFF_FFFF)
        plain += bytes(-len(plain) % _BLOCK)
    else:
        salt = struct.pack(">Q", next(_salts) & 0xFFFF_FFFF_FFFF_FFFF)
    encryptor = _cipher(use, salt).encryptor()
    return encryptor.update(plain) + encryptor.finalize(), salt


def decrypt(use: CipherUse, salt: bytes, encrypted: bytes) -> bytes | None:
    """Decrypt a scoped PDU; None when salt or text are not valid for this protocol.

    A wrong key yields random bytes, which only decoding can detect.
    """
    in_blocks = use.protocol in (PrivProtocol.DES, PrivProtocol.TRIPLE_DES)
    if len(salt) != SALT_LENGTH or (in_blocks and len(encrypted) % _BLOCK):
        return None
    decryptor = _cipher(use, salt).decryptor()
    return decryptor.update(encrypted) + decryptor.finalize()


def _cipher(use: CipherUse, salt: bytes) -> Cipher[CBC] | Cipher[CFB]:
    """Return the cipher by RFC 3414 8.1.1, RFC 3826 3.1.2.1 or section 5.1.1 of the 3DES draft."""
    match use.protocol:
        case PrivProtocol.DES:  # one DES is 3DES with three equal keys
            return Cipher(TripleDES(use.key[:8] * 3), CBC(_mixed(salt, use.key[8:16])))
        case PrivProtocol.TRIPLE_DES:
            return Cipher(TripleDES(use.key[:24]), CBC(_mixed(salt, use.key[24:32])))
        case _:
            return Cipher(AES(use.key), CFB(struct.pack(">II", use.boots, use.time_s) + salt))


def _mixed(salt: bytes, pre_iv: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(salt, pre_iv, strict=True))
