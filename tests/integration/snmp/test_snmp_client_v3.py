"""The SNMP client by v3 against a faulty agent: empty values, restarts, answers not to be trusted."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.message.plausible import NoValue
from opsconductor.snmp.security.access import SnmpAccess
from tests.support.snmp import snmp_agent
from tests.support.snmp.usm_agent import AgentV3, agent_v3

UP_TIME = "1.3.6.1.2.1.1.3.0"
STATUS = "1.3.6.1.2.1.2.2.1.8"
AUTH = {"auth_protocol": "SHA", "auth_password": "the auth password"}
PRIV = {**AUTH, "priv_protocol": "AES", "priv_password": "the priv password"}
LEVELS: dict[str, dict[str, str]] = {"noAuthNoPriv": {}, "authNoPriv": AUTH, "authPriv": PRIV}
EMPTY = {"INTEGER": (2, b""), "OID": (6, b""), "Gauge32": (0x42, b""), "IpAddress": (0x40, b"")}
ROWS = {f"{STATUS}.{index}": snmp_agent.integer(index) for index in range(1, 11)}


def access(**user: Any) -> SnmpAccess:
    """Make an access of v3 that does not wait long."""
    return SnmpAccess.model_validate(
        {"version": "v3", "timeout": 0.2, "retries": 0, "snmpv3_user": {"username": "joe", **user}}
    )


@pytest.fixture(params=LEVELS.values(), ids=LEVELS)
def how(request: pytest.FixtureRequest) -> SnmpAccess:
    """Ask with each security level."""
    return access(**request.param)


@pytest.fixture
async def ill(how: SnmpAccess) -> AsyncIterator[AgentV3]:
    """Run an agent with ten interfaces that knows the user."""
    assert how.snmpv3_user
    async with agent_v3({UP_TIME: snmp_agent.ticks(500), **ROWS}, how.snmpv3_user.as_usm_user()) as running:
        yield running


@pytest.mark.parametrize("odd", EMPTY.values(), ids=EMPTY)
async def test_a_value_of_no_bytes_is_unknown_with_a_reason(
    ill: AgentV3, how: SnmpAccess, odd: tuple[int, bytes]
) -> None:
    """Never zero, whether it is asked for alone, beside others, or in a table; the others are read."""
    ill.put({f"{STATUS}.2": odd})
    async with SnmpClient("127.0.0.1", ill.port, how) as client:
        alone = await client.get([f"{STATUS}.2"])
        beside = await client.get([UP_TIME, f"{STATUS}.2", f"{STATUS}.77"])
        table = {name: value async for name, value in client.walk(STATUS)}
    unknown = alone[f"{STATUS}.2"]
    assert isinstance(unknown, NoValue)
    assert "no bytes" in unknown.reason
    assert beside == {UP_TIME: 500, f"{STATUS}.2": unknown, f"{STATUS}.77": None}
    assert table == {f"{STATUS}.{index}": index for index in range(1, 11)} | {f"{STATUS}.2": unknown}


async def test_texts_of_any_length_are_read(ill: AgentV3, how: SnmpAccess) -> None:
    """A text of 9,000 bytes in an answer of one row is read, and hides no other."""
    table = "1.3.6.1.2.1.2.2.1.2"
    ill.put({f"{table}.{index}": snmp_agent.text("x" * 9_000) for index in range(1, 4)})
    async with SnmpClient("127.0.0.1", ill.port, how) as client:
        assert [len(str(value)) > 9_000 async for _, value in client.walk(table)] == [True] * 3


@pytest.mark.parametrize("level", ["authNoPriv", "authPriv"])
async def test_a_restart_in_the_middle_sets_our_clock_anew(level: str) -> None:
    """The device says, signed, that it rejects our clock: it is asked again with its own, and answers."""
    how = access(**LEVELS[level])
    assert how.snmpv3_user
    async with (
        agent_v3(ROWS, how.snmpv3_user.as_usm_user()) as agent,
        SnmpClient("127.0.0.1", agent.port, how) as client,
    ):
        assert await client.get([f"{STATUS}.1"]) == {f"{STATUS}.1": 1}
        agent.start(boots=8, uptime_s=3.0)
        assert await client.get([f"{STATUS}.2"]) == {f"{STATUS}.2": 2}
    assert agent.refused == ["engine_discovery", "not_in_time_window"]


def unsigned(message: bytes) -> bytes:
    """Damage the signature, or the last byte of a message that has none."""
    return message[:-1] + bytes((message[-1] ^ 1,))


@pytest.mark.parametrize("level", ["authNoPriv", "authPriv"])
async def test_an_answer_whose_signature_is_wrong_is_not_believed(level: str) -> None:
    """It is skipped, and its fault is reported in place of silence."""
    how = access(**LEVELS[level])
    assert how.snmpv3_user
    async with (
        agent_v3(ROWS, how.snmpv3_user.as_usm_user()) as agent,
        SnmpClient("127.0.0.1", agent.port, how) as client,
    ):
        agent.spoil = unsigned
        with pytest.raises(Rejected, match="answers with a wrong signature"):
            await client.get([f"{STATUS}.1"])
        agent.spoil = bytes
        assert await client.get([f"{STATUS}.1"]) == {f"{STATUS}.1": 1}


async def test_an_old_answer_is_not_believed() -> None:
    """An engine whose clock went back, with its boots, is reported; its answer is not used."""
    how = access(**PRIV)
    assert how.snmpv3_user
    async with (
        agent_v3(ROWS, how.snmpv3_user.as_usm_user()) as agent,
        SnmpClient("127.0.0.1", agent.port, how) as client,
    ):
        await client.get([f"{STATUS}.1"])
        agent.start(boots=6)
        with pytest.raises(Rejected, match="engineBoots went back"):
            await client.get([f"{STATUS}.1"])


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"username": "jim"}, "does not know the user"),
        ({"auth_password": "not the password"}, "rejects the signature"),
        ({"priv_password": "not the password"}, "cannot decrypt"),
        ({"priv_protocol": None, "priv_password": ""}, "requires another security level"),
    ],
)
async def test_reports_are_explained(keys: dict[str, Any], expected: str) -> None:
    """Which of user, signature, level and key is wrong; with the first answer, without waiting."""
    right, wrong = access(**PRIV), access(**{**PRIV, **keys})
    assert right.snmpv3_user
    async with agent_v3(ROWS, right.snmpv3_user.as_usm_user()) as agent:
        with pytest.raises(Rejected, match=expected):
            async with SnmpClient("127.0.0.1", agent.port, wrong) as client:
                await client.get([f"{STATUS}.1"])


async def test_a_device_that_is_silent_is_unreachable(ill: AgentV3, how: SnmpAccess) -> None:
    """Silence at the discovery, and later, is no password fault once an answer was opened."""
    ill.drops = 1
    with pytest.raises(Unreachable, match="does not answer within"):
        async with SnmpClient("127.0.0.1", ill.port, how):
            pass
    async with SnmpClient("127.0.0.1", ill.port, how) as client:
        await client.get([f"{STATUS}.1"])
        ill.drops = 1
        with pytest.raises(Unreachable, match="does not answer within"):
            await client.get([f"{STATUS}.1"])


async def test_strays_are_waited_past(ill: AgentV3, how: SnmpAccess) -> None:
    """Random bytes, and the answer to another message, do not end the wait."""
    async with SnmpClient("127.0.0.1", ill.port, how) as client:
        ill.strays = (b"", b"\x30", bytes(100), b"\x30\x82\x01")
        assert await client.get([f"{STATUS}.3"]) == {f"{STATUS}.3": 3}


async def test_no_socket_is_left_open_when_the_discovery_fails() -> None:
    """A client that could not be opened has closed its socket."""
    client = SnmpClient("127.0.0.1", 1, access())
    with pytest.raises(Unreachable, match="the port is closed"):
        await client.__aenter__()
    assert client._socket is None
