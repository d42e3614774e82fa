"""Laws of SNMPv3 receiving: protected messages open, altered ones do not, nothing else happens."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.errors import DecodeError
from opsconductor.snmp.security.engine import LocalEngine
from opsconductor.snmp.security.keys import MasterKeys
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.requester import UsmReport, UsmRequester
from opsconductor.snmp.security.security import AuthProtocol, PrivProtocol, SecurityLevel, UsmUser
from opsconductor.snmp.security.usm import Opened, Refusal, UsmReceiver
from opsconductor.snmp.security.v3_message import parse_v3, scoped_pdu

OURS = LocalEngine(engine_id=b"\x80\x00\x7e\xd9\x05ours", boots=1, started_s=0.0)
THEIRS = b"\x80\x00\x1f\x88\x80them"
PDU = b"\xa7\x00"
NUMBER = 1


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
    return protect(protection, scoped_pdu(THEIRS, b"context", content), msg_id=NUMBER)


SAMPLE = protected(user_of(AuthProtocol.SHA, PrivProtocol.AES), PDU, 1, 1)


@settings(deadline=None)
@given(st.sampled_from(USERS), st.binary(max_size=2000), st.integers(0, 2**31 - 2), st.integers(0, 2**31 - 1))
def test_a_protected_message_opens(user: UsmUser, content: bytes, boots: int, time_s: int) -> None:
    """Every level and protocol, any content, any clock: the content is returned unchanged."""
    RECEIVER.clocks = type(RECEIVER.clocks)()
    pdu = b"\xa7" + b"\x82" + len(content).to_bytes(2, "big") + content
    opened = RECEIVER.open(protected(user, pdu, boots, time_s), 0.0)
    assert isinstance(opened, Opened)
    assert (opened.scoped.pdu, opened.scoped.context_name) == (pdu, b"context")


@given(st.integers(0, len(SAMPLE) * 8 - 1))
def test_an_altered_message_never_opens(bit: int) -> None:
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
    unsigned = user_of(None, None)
    protection = Protection(
        user=unsigned,
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


def requester(user: UsmUser, boots: int = 1, time_s: int = 1) -> UsmRequester:
    """Make a requester that has learned their engine ID and clock without a signature."""
    made = UsmRequester(user)
    unsigned_clock = Protection(
        user=user_of(None, None),
        level=SecurityLevel.NO_AUTH_NO_PRIV,
        authority=Authority(engine_id=THEIRS, boots=boots, time_s=time_s),
    )
    report = protect(unsigned_clock, scoped_pdu(THEIRS, b"", b"\xa8\x00"), msg_id=NUMBER)
    assert made.discover(report, NUMBER, 0.0)
    return made


@settings(deadline=None)
@given(st.sampled_from(USERS), st.binary(max_size=2000), st.integers(0, 2**31 - 2), st.integers(0, 2**31 - 1))
def test_answers_open_for_the_requester(user: UsmUser, content: bytes, boots: int, time_s: int) -> None:
    """Every level and protocol; the clock is taken from the first signed answer."""
    pdu = b"\xa2\x82" + len(content).to_bytes(2, "big") + content
    made = requester(user, boots=2**31 - 1)
    assert made.open(protected(user, pdu, boots, time_s), NUMBER, 0.0) == pdu
    assert made.is_proven
    assert made.open(protected(user, pdu, boots, time_s), NUMBER + 1, 0.0) is None


@given(st.integers(0, len(SAMPLE) * 8 - 1))
def test_an_altered_answer_is_not_trusted(bit: int) -> None:
    """One flipped bit in a signed answer: it is none, at most an unsigned report, and sets no clock."""
    touched = bytearray(SAMPLE)
    touched[bit // 8] ^= 1 << bit % 8
    made = requester(user_of(AuthProtocol.SHA, PrivProtocol.AES))
    with suppress(DecodeError):
        answer = made.open(bytes(touched), NUMBER, 0.0)
        assert answer is None or (isinstance(answer, UsmReport) and not answer.is_clock_learned)
    assert not made.is_proven


@given(st.one_of(st.binary(max_size=300), mutations), st.integers(0, len(SAMPLE)))
def test_answers_raise_only_the_decoders_own_error(noise: bytes | list[tuple[int, int]], cut: int) -> None:
    """Random bytes and damaged answers raise nothing but DecodeError, at the discovery and later."""
    payload = bytearray(SAMPLE[:cut])
    if isinstance(noise, bytes):
        payload += noise
    else:
        for place, value in noise:
            payload[place:place] = bytes((value,))
    made = requester(user_of(AuthProtocol.SHA, PrivProtocol.AES))
    with suppress(DecodeError):
        made.open(bytes(payload), NUMBER, 0.0)
    with suppress(DecodeError):
        made.discover(bytes(payload), NUMBER, 0.0)
