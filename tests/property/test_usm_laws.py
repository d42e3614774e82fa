"""Laws of SNMPv3 receiving: what is protected opens, what is touched does not, nothing else happens."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.errors import DecodeError
from opsconductor.snmp.security.engine import LocalEngine
from opsconductor.snmp.security.keys import MasterKeys
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.security import AuthProtocol, PrivProtocol, SecurityLevel, UsmUser
from opsconductor.snmp.security.usm import Opened, Refusal, UsmReceiver
from opsconductor.snmp.security.v3_message import parse_v3, scoped_pdu

OURS = LocalEngine(engine_id=b"\x80\x00\x7e\xd9\x05ours", boots=1, started_s=0.0)
THEIRS = b"\x80\x00\x1f\x88\x80them"
PDU = b"\xa7\x00"


def user_of(auth: AuthProtocol | None, priv: PrivProtocol | None) -> UsmUser:
    """Make a user; the passwords' keys are made once a process."""
    return UsmUser(
        username=f"{auth}/{priv}",
        auth_protocol=auth,
        auth_password="authentic pass" if auth else "",
        priv_protocol=priv if auth else None,
        priv_password="private pass" if auth and priv else "",
    )


USERS = [
    user_of(auth, priv)
    for auth in (None, *AuthProtocol)
    for priv in (None, *PrivProtocol)
    if auth or not priv
]
KEYS = {user: MasterKeys(user) for user in USERS}
RECEIVER = UsmReceiver(USERS, OURS)


def protected(user: UsmUser, content: bytes, boots: int, time_s: int) -> bytes:
    """Write a trap of their engine."""
    protection = Protection(
        user=user,
        level=user.level,
        authority=Authority(engine_id=THEIRS, boots=boots, time_s=time_s),
        auth_key=KEYS[user].auth_key(THEIRS) if user.auth_protocol else b"",
        priv_key=KEYS[user].priv_key(THEIRS) if user.priv_protocol else b"",
    )
    return protect(protection, scoped_pdu(THEIRS, b"context", content), msg_id=1)


SAMPLE = protected(user_of(AuthProtocol.SHA, PrivProtocol.AES), PDU, 1, 1)


@settings(deadline=None)
@given(st.sampled_from(USERS), st.binary(max_size=2000), st.integers(0, 2**31 - 2), st.integers(0, 2**31 - 1))
def test_what_is_protected_opens(user: UsmUser, content: bytes, boots: int, time_s: int) -> None:
    """Every level and protocol, any content, any clock: out comes what went in."""
    RECEIVER.clocks = type(RECEIVER.clocks)()
    pdu = b"\xa7" + b"\x82" + len(content).to_bytes(2, "big") + content
    opened = RECEIVER.open(protected(user, pdu, boots, time_s), 0.0)
    assert isinstance(opened, Opened)
    assert (opened.scoped.pdu, opened.scoped.context_name) == (pdu, b"context")


@given(st.integers(0, len(SAMPLE) * 8 - 1))
def test_a_touched_message_never_opens(bit: int) -> None:
    """One flipped bit anywhere in a signed message, and it is refused or cannot be read."""
    touched = bytearray(SAMPLE)
    touched[bit // 8] ^= 1 << bit % 8
    with suppress(DecodeError):
        assert isinstance(RECEIVER.open(bytes(touched), 0.0), Refusal)


mutations = st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), max_size=8)


@given(st.one_of(st.binary(max_size=300), mutations), st.integers(0, len(SAMPLE)))
def test_only_the_decoders_own_error(noise: bytes | list[tuple[int, int]], cut: int) -> None:
    """Random bytes and damaged messages give a refusal or DecodeError, never anything else."""
    if isinstance(noise, bytes):
        payload = SAMPLE[:cut] + noise
    else:
        damaged = bytearray(SAMPLE)
        for place, value in noise:
            damaged[place] = value
        payload = bytes(damaged[:cut])
    try:
        RECEIVER.open(payload, 0.0)
        parse_v3(payload)
    except DecodeError as error:
        assert error.reason  # noqa: PT017 - most payloads raise nothing


@given(st.binary(max_size=200))
def test_an_unsigned_user_says_anything(content: bytes) -> None:
    """Content that is no scoped PDU from a user without passwords is undecodable, not a wrong key."""
    nobody = user_of(None, None)
    protection = Protection(
        user=nobody,
        level=SecurityLevel.NO_AUTH_NO_PRIV,
        authority=Authority(engine_id=THEIRS, boots=0, time_s=0),
    )
    try:
        opened = RECEIVER.open(
            protect(protection, b"\x30\x82" + len(content).to_bytes(2, "big") + content, msg_id=1), 0.0
        )
    except DecodeError:
        return
    assert isinstance(opened, Opened)
