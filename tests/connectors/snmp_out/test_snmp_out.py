"""The SNMP channel against the real snmptrapd, and against our own listener, which reads our own MIB."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.snmp_out import channel as channel_module
from connectors.snmp_out.channel import SnmpOutChannel
from connectors.snmp_out.config import SnmpOutConfig
from connectors.snmp_out.varbinds import LARGEST, alert_notice, date_and_time
from opsconductor.connector.context import ConnectorContext
from opsconductor.errors import StoreUnavailable, Unreachable
from opsconductor.model.enums import NotificationKind
from opsconductor.model.event import ArchivedEvent
from opsconductor.model.notifications.notification import Notification
from opsconductor.snmp.message import encode
from opsconductor.snmp.message.record import masked_record
from opsconductor.snmp.message.trap import Varbind
from opsconductor.snmp.notice import SenderV2c, SnmpNotice
from opsconductor.snmp.security.engine import start_engine
from tests.support.notify.notices import notice
from tests.support.snmp.trap_receiver import snmptrapd

MIB = ".1.3.6.1.4.1.32473.8"
TRAP_OID, TRAP_ADDRESS = ".1.3.6.1.6.3.1.1.4.1.0", ".1.3.6.1.6.3.18.1.3.0"
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FACTS = {
    "title": "Link Down - core-sw1",
    "severity": "critical",
    "status": "active",
    "priority": "P1",
    "category": "network",
    "alert_type": "network_link_down",
    "device_name": "core-sw1",
    "device_ip": "192.0.2.1",
    "resource": "ifIndex=7",
    "message": "ifOperStatus=down",
    "site": "Zürich",
    "occurred_at": "2026-03-04T05:06:07.300000+00:00",
    "occurrence_count": 3,
    "impacted": 43,
    "tags": ["core", "uplink"],
    "custom_fields": {"rack": "A7", "empty": None},
}
NOTICE = notice(facts=FACTS, recipient="", url="https://noc.example.net/?alert=1")
OVER = replace(
    NOTICE,
    kind=NotificationKind.RECOVERY,
    facts={**FACTS, "status": "resolved", "resolved_at": AT.isoformat()},
)
USER = {
    "username": "ops",
    "auth_protocol": "SHA",
    "auth_password": "authpass-1",
    "priv_protocol": "AES",
    "priv_password": "privpass-1",
}
CREATE = "ops SHA authpass-1 AES privpass-1"
LINK_DOWN = SnmpNotice(
    trap_oid="1.3.6.1.6.3.1.1.5.3", uptime=4_711, varbinds=[("1.3.6.1.2.1.2.2.1.1.7", 0x02, b"\x07")]
)
RECORD = masked_record(SenderV2c(community=b"secret").trap(LINK_DOWN))


def channel(port: int, folder: Path, *, event: ArchivedEvent | None = None, **config: Any) -> SnmpOutChannel:
    """Make a channel to a receiver of this machine; the archive holds one event."""

    async def original(_: UUID) -> ArchivedEvent | None:
        return event

    given = {"host": "127.0.0.1", "port": port, "timeout": "1s", **config}
    context = ConnectorContext(name="umbrella", data_dir=folder, original_of=original)
    return SnmpOutChannel(SnmpOutConfig.model_validate(given), context)


def event(payload: bytes = RECORD, received_at: datetime = AT) -> ArchivedEvent:
    """Make an archived event."""
    return ArchivedEvent(
        id=UUID(int=1), connector="traps", received_at=received_at, peer="192.0.2.9", payload=payload
    )


async def got(received: "asyncio.Queue[str]") -> dict[str, str]:
    """Return the variables of the next notification, by numeric OID."""
    async with asyncio.timeout(10):
        while ".1.3.6.1.2.1.1.3.0" not in (line := await received.get()):
            continue
    return dict(variable.split(" = ", 1) for variable in line.split("|") if " = " in variable)


@pytest.mark.parametrize("notification", ["trap", "inform"])
async def test_v2c_carries_all_facts(tmp_path: Path, notification: str) -> None:
    """The real receiver reads every variable of OPSCONDUCTOR-MIB; an inform is confirmed by it."""
    async with snmptrapd(tmp_path) as (port, received):
        receipt = await channel(port, tmp_path, notification=notification).send(NOTICE)
        variables = await got(received)
    assert variables[TRAP_OID] == f"OID: {MIB}.0.1"
    assert variables[f"{MIB}.1.1.0"] == f'STRING: "{NOTICE.alert_id}"'
    codes = [variables[f"{MIB}.1.{number}.0"] for number in (2, 3, 4, 5, 6)]
    assert codes == ["INTEGER: 2", "INTEGER: 6", "INTEGER: 2", "INTEGER: 2", "INTEGER: 2"]
    assert variables[f"{MIB}.1.8.0"] == 'STRING: "Link Down - core-sw1"'
    assert variables[f"{MIB}.1.19.0"] == "Gauge32: 43"
    assert variables[f"{MIB}.1.23.0"] == 'STRING: "core, uplink"'
    assert variables[f"{MIB}.1.24.0"] == 'STRING: "rack=A7"'
    assert variables[f"{MIB}.1.15.0"] == "Hex-STRING: 07 EA 03 04 05 06 07 03 2B 00 00 "
    assert variables[TRAP_ADDRESS] == "IpAddress: 192.0.2.1"
    assert len([oid for oid in variables if oid.startswith(f"{MIB}.1.")]) == 27
    confirmation = {"inform": ": confirmed", "trap": "a trap is not confirmed"}[notification]
    assert confirmation in receipt.detail


async def test_a_recovery_is_the_clear(tmp_path: Path) -> None:
    """The other notification of the MIB, with the same id, severity clear and the end."""
    async with snmptrapd(tmp_path) as (port, received):
        await channel(port, tmp_path).send(OVER)
        variables = await got(received)
    assert variables[TRAP_OID] == f"OID: {MIB}.0.2"
    assert variables[f"{MIB}.1.1.0"] == f'STRING: "{NOTICE.alert_id}"'
    assert variables[f"{MIB}.1.3.0"] == "INTEGER: 1"
    assert variables[f"{MIB}.1.17.0"].startswith("Hex-STRING: 07 EA 03 04 05 06 07")


async def test_v3_informs_are_confirmed_encrypted(tmp_path: Path) -> None:
    """The receiver's engine is discovered; a wrong password is refused with the reason."""
    async with snmptrapd(tmp_path, f"createUser {CREATE}") as (port, received):
        out = channel(port, tmp_path, version="v3", snmpv3_user=USER)
        assert (await out.check()).message.endswith("answers with its engine ID")
        await out.send(NOTICE)
        assert (await got(received))[TRAP_OID] == f"OID: {MIB}.0.1"
        wrong = {**USER, "auth_password": "another-password"}
        with pytest.raises(Unreachable, match="check authentication password"):
            await channel(port, tmp_path, version="v3", snmpv3_user=wrong).send(NOTICE)


async def test_v3_traps_are_of_our_engine(tmp_path: Path) -> None:
    """The receiver knows our engine ID, which the check shows and a restart keeps; boots are counted."""
    folder = tmp_path / "snmp-out"
    engine = start_engine(folder / "umbrella.json", 0.0)
    users = f"createUser -e 0x{engine.engine_id.hex()} {CREATE}"
    async with snmptrapd(tmp_path, users) as (port, received):
        out = channel(port, tmp_path, version="v3", snmpv3_user=USER, notification="trap")
        assert f"our engine ID is 0x{engine.engine_id.hex()}" in (await out.check()).message
        await out.send(NOTICE)
        assert (await got(received))[TRAP_OID] == f"OID: {MIB}.0.1"
    assert start_engine(folder / "umbrella.json", 0.0).boots == engine.boots + 2


async def test_an_unconfirmed_inform_is_tried_again(tmp_path: Path) -> None:
    """A closed port and a silent receiver are failures; a trap to the same place is not noticed."""
    async with snmptrapd(tmp_path) as (port, _):
        pass
    with pytest.raises(Unreachable):
        await channel(port, tmp_path, timeout=1, retries=0).send(NOTICE)
    receipt = await channel(port, tmp_path, notification="trap").send(NOTICE)
    assert "a trap is not confirmed" in receipt.detail
    with pytest.raises(Unreachable):
        await channel(port, tmp_path, host="no-such-host.invalid").send(NOTICE)


@pytest.mark.parametrize("send", ["original", "both"])
async def test_the_original_trap_is_forwarded_with_its_address(tmp_path: Path, send: str) -> None:
    """As the device sent it, with snmpTrapAddress.0 of its sender (RFC 3584), and without its community."""
    async with snmptrapd(tmp_path) as (port, received):
        await channel(port, tmp_path, event=event(), send=send).send(NOTICE)
        variables = await got(received)
        if send == "both":
            assert (await got(received))[TRAP_OID] == f"OID: {MIB}.0.1"
    assert variables == {
        ".1.3.6.1.2.1.1.3.0": "Timeticks: (4711) 0:00:47.11",
        TRAP_OID: "OID: .1.3.6.1.6.3.1.1.5.3",
        ".1.3.6.1.2.1.2.2.1.1.7": "INTEGER: 7",
        TRAP_ADDRESS: "IpAddress: 192.0.2.9",
    }


@pytest.mark.parametrize(
    ("archived", "sent"),
    [
        (None, NOTICE),
        (event(b'{"json": 1}'), NOTICE),
        (event(), replace(NOTICE, kind=NotificationKind.FLAPPING)),
        (event(received_at=datetime(2026, 3, 4, tzinfo=UTC)), OVER),
    ],
    ids=["not kept", "from elsewhere", "no begin or end", "ended by an operator"],
)
async def test_an_alert_without_original_trap_is_sent_as_alert(
    tmp_path: Path, archived: ArchivedEvent | None, sent: Notification
) -> None:
    """A trap with another meaning is not forwarded."""
    async with snmptrapd(tmp_path) as (port, received):
        await channel(port, tmp_path, event=archived, send="original").send(sent)
        assert (await got(received))[TRAP_OID].startswith(f"OID: {MIB}.0.")


async def test_without_the_archive_the_alert_is_sent(tmp_path: Path) -> None:
    """PostgreSQL is away: the notification does not wait for it."""

    async def away(_: UUID) -> ArchivedEvent | None:
        raise StoreUnavailable("away")

    async with snmptrapd(tmp_path) as (port, received):
        config = SnmpOutConfig.model_validate({"host": "127.0.0.1", "port": port, "send": "original"})
        context = ConnectorContext(name="umbrella", data_dir=tmp_path, original_of=away)
        await SnmpOutChannel(config, context).send(NOTICE)
        assert (await got(received))[TRAP_OID] == f"OID: {MIB}.0.1"


async def test_an_archive_that_hangs_delays_no_alert_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL does not answer: the alert is sent without the original trap before the attempt is over."""
    monkeypatch.setattr(channel_module, "ORIGINAL_WITHIN_S", 0.05)

    async def hangs(_: UUID) -> ArchivedEvent | None:
        await asyncio.Event().wait()
        return None

    async with snmptrapd(tmp_path) as (port, received):
        config = SnmpOutConfig.model_validate({"host": "127.0.0.1", "port": port, "send": "original"})
        context = ConnectorContext(name="umbrella", data_dir=tmp_path, original_of=hangs)
        async with asyncio.timeout(10):
            await SnmpOutChannel(config, context).send(NOTICE)
        assert (await got(received))[TRAP_OID] == f"OID: {MIB}.0.1"


async def test_the_clear_trap_of_a_device_is_forwarded_as_recovery(tmp_path: Path) -> None:
    """The trap that has ended the alert is the recovery."""
    async with snmptrapd(tmp_path) as (port, received):
        await channel(port, tmp_path, event=event(), send="original").send(OVER)
        assert (await got(received))[TRAP_OID] == "OID: .1.3.6.1.6.3.1.1.5.3"


@given(
    st.dictionaries(
        st.sampled_from([*FACTS, "resolved_at", "cause"]),
        st.none() | st.text(max_size=2_000) | st.integers() | st.lists(st.text(max_size=300)),
    )
)
def test_any_facts_fit_into_a_packet(facts: dict[str, Any]) -> None:
    """Any text of a device can be encoded, the message is small, and no text is above 255 bytes."""
    varbinds: Sequence[Varbind] = alert_notice(replace(NOTICE, facts=facts), 0).varbinds
    assert len(encode.varbind_list(varbinds)) <= 2 * LARGEST
    assert all(len(content) <= 255 for _, _, content in varbinds)


@pytest.mark.parametrize("text", [None, "", "soon", "0001-01-01T00:00:00+14:00", 7])
def test_an_invalid_time_is_zeros(text: object) -> None:
    """A wrong time is replaced."""
    assert date_and_time(text) == bytes(8)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"version": "v1"}, "v2c or v3"),
        ({"timeout": "20s", "retries": 3}, "at most 25 s"),
        ({"version": "v3"}, "requires snmpv3_user"),
    ],
)
def test_a_wrong_configuration_says_what_is_expected(config: dict[str, Any], expected: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match=expected):
        SnmpOutConfig.model_validate({"host": "umbrella.example.net", **config})
