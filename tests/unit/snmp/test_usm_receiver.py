"""The security model opens valid messages and names each reason of refusal (RFC 3414 section 3.2)."""

import dataclasses
from typing import Any

import pytest

from opsconductor.snmp.client.answer import answer_v3, report
from opsconductor.snmp.message import encode
from opsconductor.snmp.notice import SnmpNotice
from opsconductor.snmp.security.engine import LocalEngine
from opsconductor.snmp.security.keys import MasterKeys
from opsconductor.snmp.security.protect import Authority, Protection, protect
from opsconductor.snmp.security.security import AuthProtocol, PrivProtocol, SecurityLevel, UsmUser
from opsconductor.snmp.security.usm import DISCOVERIES, REFUSALS, Opened, Refusal, UsmReceiver
from opsconductor.snmp.security.v3_message import V3Message, build_v3, parse_scoped_pdu, parse_v3, scoped_pdu

OURS = LocalEngine(engine_id=bytes.fromhex("80007ed90501020304050607"), boots=5, started_s=0.0)
THEIRS = bytes.fromhex("80001f888001020304")
NOTICE = SnmpNotice(trap_oid="1.3.6.1.6.3.1.1.5.3", uptime=100)
NOC = UsmUser(
    username="noc",
    auth_protocol=AuthProtocol.SHA,
    auth_password="authentic pass",
    priv_protocol=PrivProtocol.AES256,
    priv_password="private pass",
)
FROM_THEM = Authority(engine_id=THEIRS, boots=1, time_s=50)
NOW_S = 1000.0


def message(
    user: UsmUser = NOC,
    *,
    authority: Authority = FROM_THEM,
    tag: int = encode.TRAP_V2,
    context: bytes = THEIRS,
) -> bytes:
    """Write a message as a device would."""
    keys = MasterKeys(user)
    protection = Protection(
        user=user,
        level=user.level,
        authority=authority,
        auth_key=keys.auth_key(authority.engine_id) if user.auth_protocol else b"",
        priv_key=keys.priv_key(authority.engine_id) if user.priv_protocol else b"",
    )
    scoped = scoped_pdu(context, b"", NOTICE.pdu(tag, 77))
    return protect(protection, scoped, msg_id=4711, reportable=tag == encode.INFORM)


def to_us(time_s: int = 1000, boots: int = 5) -> Authority:
    """Name our engine as the authority, with a clock."""
    return Authority(engine_id=OURS.engine_id, boots=boots, time_s=time_s)


def reason_of(receiver: UsmReceiver, payload: bytes, now_s: float = NOW_S) -> str:
    """Open a message and return the reason of refusal; empty: it was accepted."""
    opened = receiver.open(payload, now_s)
    return opened.reason if isinstance(opened, Refusal) else ""


def test_a_trap_of_an_unknown_engine_is_opened() -> None:
    """The sender's engine ID comes from the message; its content is returned."""
    opened = UsmReceiver([NOC], OURS).open(message(), NOW_S)
    assert isinstance(opened, Opened)
    assert opened.sender_engine_id == THEIRS
    assert opened.scoped.pdu == NOTICE.pdu(encode.TRAP_V2, 77)


@pytest.mark.parametrize("protocol", [PrivProtocol.AES192_REEDER, PrivProtocol.AES256_REEDER])
def test_both_ways_to_stretch_a_key_are_tried(protocol: PrivProtocol) -> None:
    """A user configured with AES-256 also works when the device stretches the key like Cisco."""
    plain = {PrivProtocol.AES192_REEDER: PrivProtocol.AES192, PrivProtocol.AES256_REEDER: PrivProtocol.AES256}
    configured = dataclasses.replace(NOC, priv_protocol=plain[protocol])
    sent_by = dataclasses.replace(NOC, priv_protocol=protocol)
    assert reason_of(UsmReceiver([configured], OURS), message(sent_by)) == ""
    assert reason_of(UsmReceiver([sent_by], OURS), message(configured)) == "decryption_failed"


def changed(**fields: object) -> UsmUser:
    """Make the user with something different."""
    return dataclasses.replace(NOC, **fields)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another name": ({"user": changed(username="root")}, "unknown_user"),
    "another password": ({"user": changed(auth_password="another pass")}, "wrong_digest"),
    "another signature": ({"user": changed(auth_protocol=AuthProtocol.MD5)}, "wrong_digest"),
    "another privacy password": ({"user": changed(priv_password="another pass")}, "decryption_failed"),
    "another cipher": ({"user": changed(priv_protocol=PrivProtocol.DES)}, "decryption_failed"),
    "not encrypted": ({"user": changed(priv_protocol=None)}, "wrong_security_level"),
    "not signed": ({"user": UsmUser(username="noc")}, "wrong_security_level"),
    "short engine ID": (
        {"authority": Authority(engine_id=b"1234", boots=1, time_s=1)},
        "unknown_engine_id",
    ),
    "long engine ID": (
        {"authority": Authority(engine_id=bytes(33), boots=1, time_s=1)},
        "unknown_engine_id",
    ),
    "last possible boot": (
        {"authority": Authority(engine_id=THEIRS, boots=2**31 - 1, time_s=1)},
        "not_in_time_window",
    ),
    "inform for another engine": ({"tag": encode.INFORM}, "unknown_engine_id"),
    "inform of long ago": ({"authority": to_us(849), "tag": encode.INFORM}, "not_in_time_window"),
    "inform of the future": ({"authority": to_us(1151), "tag": encode.INFORM}, "not_in_time_window"),
    "inform for our last life": ({"authority": to_us(boots=4), "tag": encode.INFORM}, "not_in_time_window"),
    "inform that asks for the clock": ({"authority": to_us(0, 0), "tag": encode.INFORM}, "clock_discovery"),
    "inform in time": ({"authority": to_us(851), "tag": encode.INFORM}, ""),
    "trap through our own engine": ({"authority": to_us(1150)}, ""),
}
"""Arguments of `message`, and the reason. The test makes the message: its keys are hashes of a megabyte."""


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_have_their_own_reason(case: str) -> None:
    """Every fault of a message has its own reason, explained in words."""
    sent, reason = REFUSED[case]
    assert reason_of(UsmReceiver([NOC], OURS), message(**sent)) == reason
    assert reason in {"", *REFUSALS, *DISCOVERIES}


def test_a_relaxed_user_is_accepted_with_any_clock() -> None:
    """An administrator may accept devices without a clock; a wrong password is refused all the same."""
    strict, relaxed = UsmReceiver([NOC], OURS), UsmReceiver([changed(is_replay_accepted=True)], OURS)
    for receiver, reason in ((strict, "not_in_time_window"), (relaxed, "")):
        assert reason_of(receiver, message(), NOW_S) == ""
        assert reason_of(receiver, message(), NOW_S + 151) == reason
    assert reason_of(relaxed, message(changed(auth_password="another pass"))) == "wrong_digest"
    assert reason_of(relaxed, message(authority=to_us(849), tag=encode.INFORM)) == "not_in_time_window"


def test_a_refusal_for_the_clock_says_what_to_do() -> None:
    """The message has the observed clock, not only the refusal."""
    receiver = UsmReceiver([NOC], OURS)
    receiver.open(message(), NOW_S, "192.0.2.1")
    refusal = receiver.open(message(), NOW_S + 151, "192.0.2.1")
    assert isinstance(refusal, Refusal)
    assert refusal.clock == "stands_still"
    assert refusal.clock_fault is not None
    assert "stands still" in refusal.clock_fault.explanation
    assert isinstance(receiver.open(message(), NOW_S + 151, "192.0.2.2"), Opened)


def test_frames_that_the_standard_forbids() -> None:
    """Another security model, or encryption without signature, is refused before anything is trusted."""
    plain = parse_v3(message(UsmUser(username="noc")))
    other_model = build_v3(dataclasses.replace(plain, security_model=99))
    flags_at = build_v3(plain).index(b"\x04\x01\x00") + 2
    unsigned = bytearray(build_v3(plain))
    unsigned[flags_at] = 2
    receiver = UsmReceiver([NOC], OURS)
    assert reason_of(receiver, other_model) == "unsupported_security_model"
    assert reason_of(receiver, bytes(unsigned)) == "invalid_security_level"


def test_a_flood_of_invented_engines_leaves_nothing_behind() -> None:
    """Keys and clocks are stored only after a right signature."""
    user = changed(priv_protocol=PrivProtocol.AES)
    receiver = UsmReceiver([user], OURS)
    parsed = parse_v3(message(user))
    for number in range(500):
        engine_id = THEIRS + number.to_bytes(2, "big")
        assert (
            reason_of(receiver, build_v3(dataclasses.replace(parsed, engine_id=engine_id))) == "wrong_digest"
        )
    assert (len(receiver.clocks), len(receiver._keys)) == (0, 0)
    assert reason_of(receiver, message(user)) == ""
    assert (len(receiver.clocks), len(receiver._keys)) == (1, 1)


def test_an_answer_is_protected_as_the_inform_was() -> None:
    """The response carries our engine, the same message and request ID, and opens with the same keys."""
    receiver = UsmReceiver([NOC], OURS)
    opened = receiver.open(message(authority=to_us(), tag=encode.INFORM), NOW_S)
    assert isinstance(opened, Opened)
    sender = UsmReceiver([NOC], dataclasses.replace(OURS, engine_id=THEIRS))
    answer = sender.open(answer_v3(receiver, opened, NOW_S), NOW_S)
    assert isinstance(answer, Opened)
    assert answer.message.msg_id == 4711
    assert answer.message.level is SecurityLevel.AUTH_PRIV
    assert not answer.message.reportable
    assert answer.scoped.pdu == NOTICE.pdu(encode.RESPONSE, 77)


def refusal_of(payload: bytes) -> tuple[UsmReceiver, Refusal]:
    """Open a message that must be refused."""
    receiver = UsmReceiver([NOC], OURS)
    refusal = receiver.open(payload, NOW_S)
    assert isinstance(refusal, Refusal)
    return receiver, refusal


def test_discovery_reports_our_engine_and_clock() -> None:
    """A message without engine ID is answered by a report with ours (RFC 3414 section 4)."""
    question = protect(
        Protection(
            user=UsmUser(username=""),
            level=SecurityLevel.NO_AUTH_NO_PRIV,
            authority=Authority(engine_id=b"", boots=0, time_s=0),
        ),
        scoped_pdu(b"", b"", encode.pdu(0xA0, 1, ())),
        msg_id=9,
        reportable=True,
    )
    receiver, refusal = refusal_of(question)
    answer = report(receiver, refusal, count=3, now_s=NOW_S)
    assert answer is not None
    discovery = parse_v3(answer)
    assert (discovery.msg_id, discovery.engine_id, discovery.boots, discovery.time_s) == (
        9,
        OURS.engine_id,
        5,
        1000,
    )
    oid = "1.3.6.1.6.3.15.1.1.4.0"
    assert parse_scoped_pdu(discovery.data).pdu == encode.pdu(encode.REPORT, 0, [(oid, 0x41, b"\x03")])


def test_a_report_about_the_clock_is_signed() -> None:
    """The sender sets its clock by that report, so it must not be forgeable."""
    receiver, refusal = refusal_of(message(authority=to_us(1), tag=encode.INFORM))
    answer = report(receiver, refusal, count=1, now_s=NOW_S)
    assert answer is not None
    unencrypted = dataclasses.replace(NOC, priv_protocol=None)
    opened = UsmReceiver([unencrypted], dataclasses.replace(OURS, engine_id=THEIRS)).open(answer, NOW_S)
    assert isinstance(opened, Opened)
    assert opened.message.time_s == 1000


def test_senders_of_traps_get_no_report() -> None:
    """A trap expects no report, whatever is wrong with it (RFC 3412 section 7.1)."""
    receiver, refusal = refusal_of(message(changed(username="root")))
    assert report(receiver, refusal, count=1, now_s=NOW_S) is None


def test_keys_of_the_standard() -> None:
    """The examples of RFC 3414 A.3: password `maplesyrup`, engine 00..02."""
    engine_id = bytes(11) + b"\x02"
    md5 = UsmUser(username="a", auth_protocol=AuthProtocol.MD5, auth_password="maplesyrup")
    sha = UsmUser(username="a", auth_protocol=AuthProtocol.SHA, auth_password="maplesyrup")
    assert MasterKeys(md5).auth_key(engine_id).hex() == "526f5eed9fcce26f8964c2930787d82b"
    assert MasterKeys(sha).auth_key(engine_id).hex() == "6695febc9288e36282235fc7151f128497b38f3f"


def test_passwords_are_not_printed() -> None:
    """Neither users nor keys print passwords."""
    shown = (
        repr(NOC)
        + repr(MasterKeys(NOC))
        + repr(V3Message(msg_id=1, level=None, reportable=False, security_model=3))
    )
    assert "pass" not in shown.replace("auth_password", "").replace("priv_password", "")
