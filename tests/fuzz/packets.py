"""Packets to begin with: recorded ones, hostile ones, and SNMPv3 with right, wrong and no keys."""

from collections.abc import Sequence
from functools import cache
from random import Random

from opsconductor.snmp.message.encode import INFORM
from opsconductor.snmp.message.oid import encode_oid
from opsconductor.snmp.security.keys import MasterKeys
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.security import AuthProtocol, PrivProtocol, UsmUser
from opsconductor.snmp.security.v3_message import scoped_pdu
from tests.fuzz.mutation import TEXTS, mutated
from tests.property.snmp.test_hostile_packets import HEAD, HOSTILE, PACKETS, element

OURS = b"\x80\x00\x7e\xd9\x05fuzzed!"
THEIRS = b"\x80\x00\x1f\x88\x80them"
USERS = (
    UsmUser(username="open"),
    UsmUser(username="signed", auth_protocol=AuthProtocol.SHA, auth_password="authentic pass"),
    *(
        UsmUser(
            username="secret",
            auth_protocol=AuthProtocol.SHA256,
            auth_password=f"authentic pass {number}",
            priv_protocol=priv,
            priv_password="private pass",
        )
        for number, priv in enumerate((PrivProtocol.AES, PrivProtocol.AES256, PrivProtocol.DES))
    ),
)
STRANGER = UsmUser(username="secret", auth_protocol=AuthProtocol.SHA256, auth_password="guessed pass")
CORPUS: Sequence[bytes] = (*PACKETS, *(packet for packet, _ in HOSTILE.values()))
TAGS = (0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x43, 0x44, 0x46, 0x80, 0x81, 0x82, 0x24, 0x30, 0x1F)
NAMES = ("1.3.6.1.2.1.2.2.1.1.7", "1.3.6.1.2.1.2.2.1.2.7", "1.3.6.1.4.1.9.9.1", "1.3.6.1.2.1.1.5.0", "1.3")


def packet(chance: Random) -> bytes:
    """Make one datagram."""
    return chance.choice((_recorded, _recorded, _worded, _worded, _protected, _noise))(chance)


def _recorded(chance: Random) -> bytes:
    return mutated(chance.choice(CORPUS), chance, CORPUS)


def _noise(chance: Random) -> bytes:
    return chance.choice((b"", b"\x30\x82", b"0\x2e\2\1\1\4\6public\xa7")) + chance.randbytes(
        chance.randrange(300)
    )


def _worded(chance: Random) -> bytes:
    """Write a sound trap or inform with strange values in it, and sometimes break it."""
    tag = chance.choice((0xA7, 0xA7, INFORM))
    community = chance.choice((b"public", b"public", b"wrong"))
    whole = element(0x30, b"\x02\x01\x01", element(0x04, community), _pdu(chance, tag))
    return mutated(whole, chance, CORPUS) if chance.random() < 0.2 else whole[:65_507]


def _pdu(chance: Random, tag: int) -> bytes:
    variables = b"".join(_variable(chance) for _ in range(chance.choice((0, 1, 3, 6, 30, 300))))
    request = element(0x02, chance.randbytes(4)) + b"\x02\x01\x00\x02\x01\x00"
    return element(tag, request, element(0x30, HEAD + variables))


def _variable(chance: Random) -> bytes:
    name = element(0x06, encode_oid(chance.choice(NAMES)))
    tag = chance.choice(TAGS)
    text = chance.choice(TEXTS).encode("utf-8", "surrogatepass")
    content = chance.choice((text, text, chance.randbytes(chance.choice((0, 1, 4, 8, 11, 40)))))
    return element(0x30, name, element(0x04 if content is text else tag, content))


def _protected(chance: Random) -> bytes:
    """Write an SNMPv3 message of some user or a stranger; what is in it, or it itself, may be broken."""
    pdu = _pdu(chance, chance.choice((0xA7, INFORM, 0xA0)))
    if chance.random() < 0.3:
        pdu = mutated(pdu, chance, CORPUS)
    engine_id = chance.choice((THEIRS, OURS, b"", chance.randbytes(chance.choice((5, 12, 32, 40)))))
    user = chance.choice((*USERS, STRANGER))
    authority = Authority(
        engine_id=engine_id, boots=chance.choice((0, 1, 2**31 - 1)), time_s=chance.choice((0, 50))
    )
    protection = Protection(user=user, level=user.level, authority=authority, **_keys(user, engine_id))
    whole = protect(protection, scoped_pdu(engine_id, b"", pdu), msg_id=1, reportable=chance.random() < 0.5)
    return mutated(whole, chance, CORPUS) if chance.random() < 0.5 else whole[:65_507]


@cache
def _keys(user: UsmUser, engine_id: bytes) -> dict[str, bytes]:
    masters = MasterKeys(user)
    return {
        "auth_key": masters.auth_key(engine_id) if user.auth_protocol else b"",
        "priv_key": masters.priv_key(engine_id) if user.priv_protocol else b"",
    }
