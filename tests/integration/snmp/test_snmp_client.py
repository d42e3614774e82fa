"""The SNMP client against real snmpsim, and against an agent with the faults of real devices."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from opsconductor.errors import Rejected, Unreachable
from opsconductor.snmp.client.client import SnmpClient
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.plausible import NoValue
from opsconductor.snmp.security.access import SnmpAccess
from tests.support.snmp import snmp_agent
from tests.support.snmp.snmp_agent import Agent
from tests.support.snmp.snmpsim import Snmpsim, snmpsim

UP_TIME = "1.3.6.1.2.1.1.3.0"
MISSING = "1.3.6.1.2.1.1.99.0"
STATUS = "1.3.6.1.2.1.2.2.1.8"
AUTH_PASSWORD, PRIV_PASSWORD = "the auth password", "the priv password"
JOE = (
    "--v3-user=joe",
    "--v3-auth-proto=SHA256",
    f"--v3-auth-key={AUTH_PASSWORD}",
    "--v3-priv-proto=AES256BLMT",
    f"--v3-priv-key={PRIV_PASSWORD}",
)
TESS = (
    "--v3-user=tess",
    "--v3-auth-proto=SHA",
    f"--v3-auth-key={AUTH_PASSWORD}",
    "--v3-priv-proto=3DES",
    f"--v3-priv-key={PRIV_PASSWORD}",
)
RECORDS = {
    "1.3.6.1.2.1.1.1.0": "4|a switch",
    "1.3.6.1.2.1.1.2.0": "6|1.3.6.1.4.1.9.1.1",
    UP_TIME: "67|500",
    f"{STATUS}.1": "2|1",
    f"{STATUS}.2": "2|2",
    "1.3.6.1.2.1.4.20.1.1.10.0.0.1": "64|10.0.0.1",
    "1.3.6.1.2.1.31.1.1.1.6.1": "70|18446744073709551615",
}


def access(**keys: Any) -> SnmpAccess:
    """Make an access that does not wait long."""
    return SnmpAccess.model_validate({"timeout": 0.2, "retries": 0, **keys})


def as_joe(**keys: Any) -> SnmpAccess:
    """Make an access with the user of v3."""
    user = {
        "username": "joe",
        "auth_protocol": "SHA-256",
        "auth_password": AUTH_PASSWORD,
        "priv_protocol": "AES-256",
        "priv_password": PRIV_PASSWORD,
    }
    return access(version="v3", timeout=2, snmpv3_user={**user, **keys})


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpsim]:
    """Run snmpsim for the tests of this module."""
    with snmpsim(tmp_path_factory.mktemp("snmpsim"), RECORDS, (*JOE, *TESS)) as running:
        yield running


@pytest.fixture
async def ill() -> AsyncIterator[Agent]:
    """Run an agent with ten interfaces whose faults a test sets."""
    values = {f"{STATUS}.{index}": snmp_agent.integer(index) for index in range(1, 11)}
    async with snmp_agent.agent({UP_TIME: snmp_agent.ticks(500), **values}) as running:
        yield running


async def walked(client: SnmpClient, oid: str) -> dict[str, object]:
    """Read a whole table."""
    return {name: value async for name, value in client.walk(oid)}


@pytest.mark.parametrize("how", [access(version="v1", timeout=2), access(timeout=2), as_joe()])
async def test_values_and_tables_are_read_with_every_version(simulated: Snmpsim, how: SnmpAccess) -> None:
    """Numbers, texts and OIDs are unchanged; a missing one is None and does not affect the others."""
    async with SnmpClient("127.0.0.1", simulated.port, how) as client:
        found = await client.get([UP_TIME, MISSING, "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0"])
        table = await walked(client, STATUS)
        addresses = await walked(client, "1.3.6.1.2.1.4.20")
    assert found == {
        UP_TIME: 500,
        MISSING: None,
        "1.3.6.1.2.1.1.1.0": b"a switch",
        "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.9.1.1",
    }
    assert table == {f"{STATUS}.1": 1, f"{STATUS}.2": 2}
    assert addresses == {"1.3.6.1.2.1.4.20.1.1.10.0.0.1": "10.0.0.1"}


async def test_a_device_is_asked_with_3des(simulated: Snmpsim) -> None:
    """The one protocol that net-snmp lacks, with the keys of pysnmp."""
    how = as_joe(username="tess", auth_protocol="SHA", priv_protocol="3DES")
    async with SnmpClient("127.0.0.1", simulated.port, how) as client:
        assert await client.get([UP_TIME]) == {UP_TIME: 500}


async def test_counters_of_64_bits_are_read_whole(simulated: Snmpsim) -> None:
    """The greatest Counter64 is a number like any other."""
    async with SnmpClient("127.0.0.1", simulated.port, access(timeout=2)) as client:
        found = await client.get(["1.3.6.1.2.1.31.1.1.1.6.1"])
    assert found == {"1.3.6.1.2.1.31.1.1.1.6.1": 2**64 - 1}


async def test_a_changed_value_is_seen_in_the_next_answer(simulated: Snmpsim) -> None:
    """The simulated device changes as the test says."""
    simulated.change({f"{STATUS}.3": "2|7"})
    async with SnmpClient("127.0.0.1", simulated.port, access(timeout=2)) as client:
        with_it = await client.get([f"{STATUS}.3"])
        simulated.change({}, without=[f"{STATUS}.3"])
        without_it = await client.get([f"{STATUS}.3"])
    assert (with_it, without_it) == ({f"{STATUS}.3": 7}, {f"{STATUS}.3": None})


async def test_one_that_is_silent_is_unreachable(ill: Agent) -> None:
    """After the last attempt the error has the time waited."""
    ill.drops = 2
    async with SnmpClient("127.0.0.1", ill.port, access(retries=1)) as client:
        with pytest.raises(Unreachable, match="does not answer within"):
            await client.get([UP_TIME])
        assert await client.get([UP_TIME]) == {UP_TIME: 500}


async def test_a_lost_packet_is_asked_for_again(ill: Agent) -> None:
    """One lost packet is no failure."""
    ill.drops = 1
    async with SnmpClient("127.0.0.1", ill.port, access(retries=1)) as client:
        assert await client.get([UP_TIME]) == {UP_TIME: 500}
    assert ill.requests == 2


async def test_a_closed_port_is_reported_from_silence() -> None:
    """The kernel's refusal comes at once and is reported."""
    async with SnmpClient("127.0.0.1", 1, access(timeout=60)) as client:
        with pytest.raises(Unreachable, match="the port is closed"):
            await client.get([UP_TIME])


async def test_a_late_answer_is_not_taken_for_that_of_the_next_question(ill: Agent) -> None:
    """The answer that came too late is dropped by its number."""
    ill.delay_s = 0.3
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        with pytest.raises(Unreachable):
            await client.get([f"{STATUS}.1"])
        ill.delay_s = 0.15
        assert await client.get([f"{STATUS}.2"]) == {f"{STATUS}.2": 2}


@pytest.mark.parametrize("version", ["v1", "v2c"])
async def test_an_answer_that_would_be_too_big_is_asked_for_in_parts(ill: Agent, version: str) -> None:
    """A device whose answers have room for three values returns all of them."""
    ill.most = 3
    wanted = {f"{STATUS}.{index}": index for index in range(1, 11)}
    async with SnmpClient("127.0.0.1", ill.port, access(version=version)) as client:
        assert await client.get(list(wanted)) == wanted


@pytest.mark.parametrize("version", ["v1", "v2c"])
async def test_a_device_that_answers_in_circles_is_left(ill: Agent, version: str) -> None:
    """The walk ends when it is back where it has been, and has everything."""
    ill.loops = True
    async with SnmpClient("127.0.0.1", ill.port, access(version=version)) as client:
        assert len(await walked(client, "1.3.6.1")) == 11


async def test_one_that_falls_silent_in_the_middle_of_a_table_is_unreachable(ill: Agent) -> None:
    """A table that was read in part raises; it never looks complete."""
    ill.put({f"{STATUS}.{index}": snmp_agent.integer(1) for index in range(11, 100)})
    ill.silent_below = (f"{STATUS}.50",)
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        with pytest.raises(Unreachable):
            await walked(client, STATUS)


@pytest.mark.parametrize("version", ["v1", "v2c"])
@pytest.mark.parametrize("row", [1, 5, 10])
async def test_an_error_in_a_table_is_not_taken_for_its_end(ill: Agent, version: str, row: int) -> None:
    """The device fails at a row, the first or a later one: the rows before it are not all there are."""
    ill.ill_below = (f"{STATUS}.{row}",)
    async with SnmpClient("127.0.0.1", ill.port, access(version=version)) as client:
        with pytest.raises(Rejected, match="with an error"):
            await walked(client, STATUS)


async def test_an_error_in_a_table_is_reported_with_v3_too(simulated: Snmpsim) -> None:
    """An answer with an error status is one by v3 as well."""
    ill = "1.3.6.1.2.1.2.2.1.9.2"
    simulated.change({ill.replace("9.2", "9.1"): "67|1", ill: "2:error|op=any,status=generror"})
    async with SnmpClient("127.0.0.1", simulated.port, as_joe()) as client:
        with pytest.raises(Rejected, match="with an error"):
            await walked(client, "1.3.6.1.2.1.2.2.1.9")
    simulated.change({}, without=[ill, ill.replace("9.2", "9.1")])


async def test_an_error_beyond_a_table_takes_none_of_its_rows(ill: Agent) -> None:
    """GETBULK runs on into a faulty table; with fewer rows at once it ends before that."""
    beyond = "1.3.6.1.2.1.2.2.1.9"
    ill.put({f"{beyond}.1": snmp_agent.integer(1), f"{beyond}.2": snmp_agent.integer(2)})
    ill.ill_below = (f"{beyond}.2",)
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        assert len(await walked(client, STATUS)) == 10


async def test_the_end_of_everything_is_made_sure_of_with_one_more_question(simulated: Snmpsim) -> None:
    """The last table of a device is whole with every version."""
    for how in (access(version="v1", timeout=2), access(timeout=2), as_joe()):
        async with SnmpClient("127.0.0.1", simulated.port, how) as client:
            assert await walked(client, "1.3.6.1.2.1.31.1.1.1.7") == {}
            if how.version != "v1":  # which has no Counter64
                assert len(await walked(client, "1.3.6.1.2.1.31")) == 1


@pytest.mark.parametrize(("version", "questions"), [("v1", 10 + 1 + 1), ("v2c", 1 + 1 + 1)])
async def test_no_table_costs_more_than_one_question_more(ill: Agent, version: str, questions: int) -> None:
    """Its rows, the end, and once more to know the end from an error; nothing where others follow."""
    async with SnmpClient("127.0.0.1", ill.port, access(version=version)) as client:
        await walked(client, STATUS)
        assert ill.requests == questions
        await walked(client, "1.3.6.1.2.1.1")
        assert ill.requests == questions + (2 if version == "v1" else 1)


async def test_a_community_that_may_not_read_is_reported(ill: Agent) -> None:
    """AuthorizationError comes with v2c, too, where there is no user."""
    ill.ill_below, ill.illness = (STATUS,), snmp_agent.AUTHORIZATION_ERROR
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        with pytest.raises(Rejected, match="denies read access to this community"):
            await client.get([f"{STATUS}.1"])
        with pytest.raises(Rejected, match="denies read access to this community"):
            await walked(client, STATUS)


async def test_a_table_of_long_texts_is_read_in_smaller_parts(ill: Agent) -> None:
    """Answers that are longer than the decoder takes are asked for again with fewer rows."""
    table = "1.3.6.1.2.1.2.2.1.2"
    ill.put({f"{table}.{index}": snmp_agent.text("x" * 900) for index in range(1, 31)})
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        found = await walked(client, table)
    assert list(found) == [f"{table}.{index}" for index in range(1, 31)]


async def test_one_unreadable_value_does_not_affect_the_others(ill: Agent) -> None:
    """A value of unknown type is no value, with the reason; values beside it are read."""
    ill.put({MISSING: (0x77, b"?")})
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        found = await client.get([UP_TIME, MISSING])
    assert found[UP_TIME] == 500
    assert found[MISSING] == NoValue("the device answers with a value of type tag 0x77 and 1 bytes")


async def test_a_stray_datagram_is_not_taken_for_the_answer(ill: Agent) -> None:
    """Other datagrams of the device, with another number or no message at all, are skipped."""
    ill.strays = (b"\x30\x03\x02\x01\x01", b"", bytes(40), _other_answer())
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        assert await client.get([f"{STATUS}.1"]) == {f"{STATUS}.1": 1}
        assert len(await walked(client, STATUS)) == 10


def _other_answer() -> bytes:
    """Write a sound answer to a question that was never asked."""
    pdu = encode.pdu(encode.RESPONSE, 1, [(f"{STATUS}.1", 2, b"\x63")])
    return encode.message_v2c(b"public", pdu)


@pytest.mark.parametrize("odd", [(2, b""), (6, b""), (0x42, b"")], ids=["INTEGER", "OID", "Gauge32"])
async def test_a_number_of_no_bytes_in_a_table_is_no_zero(ill: Agent, odd: tuple[int, bytes]) -> None:
    """The row is there, its value is not, and all other rows are read."""
    ill.put({f"{STATUS}.2": odd})
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        found = await walked(client, STATUS)
    assert isinstance(found.pop(f"{STATUS}.2"), NoValue)
    assert found == {f"{STATUS}.{index}": index for index in range(1, 11) if index != 2}


async def test_an_error_of_the_device_is_not_taken_for_a_missing_value(ill: Agent) -> None:
    """GenErr for one value is reported; it does not mean that the device has none."""
    ill.ill_below = (f"{STATUS}.5",)
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        with pytest.raises(Rejected, match="with an error"):
            await client.get([f"{STATUS}.4", f"{STATUS}.5"])


async def test_numbers_that_net_snmp_wraps_are_numbers(ill: Agent) -> None:
    """A Float inside an Opaque is read; other bytes stay bytes."""
    ill.put({MISSING: (0x44, bytes.fromhex("9f780441200000"))})
    async with SnmpClient("127.0.0.1", ill.port, access()) as client:
        assert await client.get([MISSING]) == {MISSING: 10.0}


async def test_questions_of_many_at_once_keep_to_the_permits(ill: Agent) -> None:
    """With two permits, ten clients ask at once without disturbing each other."""
    permits = asyncio.Semaphore(2)

    async def ask() -> object:
        async with SnmpClient("127.0.0.1", ill.port, access(timeout=5), permits) as client:
            return await client.get([UP_TIME])

    assert await asyncio.gather(*(ask() for _ in range(10))) == [{UP_TIME: 500}] * 10


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"username": "jim"}, "does not know the user"),
        ({"auth_password": "not the password"}, "rejects the signature"),
        ({"auth_protocol": "MD5"}, "rejects the signature"),
        ({"priv_password": "not the password"}, "check privacy password"),
        ({"priv_protocol": "AES"}, "cannot decrypt"),
    ],
)
async def test_refusals_of_a_v3_device_are_distinguished(
    simulated: Snmpsim, keys: dict[str, str], expected: str
) -> None:
    """User, signature and encryption: the text says which, and trying again does not help."""
    how = as_joe(**keys).model_copy(update={"timeout": timedelta(seconds=0.5)})
    with pytest.raises(Rejected, match=expected):
        async with SnmpClient("127.0.0.1", simulated.port, how) as client:
            await client.get([UP_TIME])


async def test_an_invalid_address_is_rejected() -> None:
    """A name is refused before anything is sent."""
    with pytest.raises(Rejected, match="not a valid IP address"):
        async with SnmpClient("switch.example", 161, access()):
            pass


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"version": "v3"}, "requires version: v3"),
        ({"snmpv3_user": {"username": "joe"}}, "requires version: v3"),
    ],
)
def test_an_access_that_cannot_work_is_refused(keys: dict[str, Any], expected: str) -> None:
    """Contradictions are reported by the configuration."""
    with pytest.raises(ValidationError, match=expected):
        SnmpAccess.model_validate(keys)
