"""SNMPv3 traps of real devices whose engine ID or clock is not what the standard wants, sent by net-snmp."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.snmp.trap_listener import LINK_DOWN, NetSnmp, listening, until

AUTH, PRIV = "authpass12", "privpass12"
JOE = {
    "username": "joe",
    "auth_protocol": "SHA",
    "auth_password": AUTH,
    "priv_protocol": "AES",
    "priv_password": PRIV,
}
SHARED = "0x80003a8c04"
RESTARTED = "0x80001f8801020304a3"


class Device:
    """A device that sends as user joe, with an engine ID, address and clock that are given."""

    def __init__(self, state: Path, port: int) -> None:
        self._net_snmp = NetSnmp(state)
        self._port = port

    async def sends(self, address: str, engine_id: str, boots: int, time_s: int) -> None:
        """Send one trap, signed and encrypted."""
        user = ["-v3", "-l", "authPriv", "-u", "joe", "-a", "SHA", "-A", AUTH, "-x", "AES", "-X", PRIV]
        clock = ["-e", engine_id, "-Z", f"{boots},{time_s}", f"--clientaddr={address}"]
        ended = await self._net_snmp.run(
            "snmptrap",
            *user,
            *clock,
            f"127.0.0.1:{self._port}",
            "",
            LINK_DOWN,
            "1.3.6.1.2.1.2.2.1.1.7",
            "i",
            "7",
        )
        assert ended.code == 0, ended.output


async def test_two_devices_with_one_engine_id_are_both_accepted(tmp_path: Path) -> None:
    """Devices that were cloned with their engine ID have separate clocks, by their addresses."""
    async with listening(tmp_path, snmpv3_users=[JOE]) as listener:
        device = Device(tmp_path / "device", listener.port)
        await device.sends("127.0.5.11", SHARED, 12, 900_000)
        await device.sends("127.0.5.12", SHARED, 3, 5_000)
        await device.sends("127.0.5.11", SHARED, 12, 900_005)
        await until(lambda: sum(listener.intake.counts.values()) == 3)
        events = listener.intake.events
    assert [event.peer for event in events] == ["127.0.5.11", "127.0.5.12", "127.0.5.11"]


RESTARTS: Sequence[tuple[str, int, list[str]]] = [("strict", 1, ["went back"]), ("relaxed", 2, [])]


@pytest.mark.parametrize(("time_window", "accepted", "words"), RESTARTS)
async def test_a_device_that_does_not_count_its_restarts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, time_window: str, accepted: int, words: list[str]
) -> None:
    """It is refused with the reason and the remedy, and accepted where that is configured."""
    users = [{**JOE, "time_window": time_window}]
    with caplog.at_level(logging.WARNING):
        async with listening(tmp_path, snmpv3_users=users) as listener:
            device = Device(tmp_path / "device", listener.port)
            await device.sends("127.0.2.3", RESTARTED, 1, 50_000)
            await device.sends("127.0.2.3", RESTARTED, 1, 20)
            await until(lambda: listener.intake.counts["received", ""] == 2)
            events, counts = listener.intake.events, listener.intake.counts
            rejections = listener.intake.rejections
    assert len(events) == accepted
    assert counts["refused", "not_in_time_window"] == 2 - accepted
    remedies = [str(vars(record)["remedy"]) for record in caplog.records if "remedy" in vars(record)]
    assert [word for word in words if any(word in remedy for remedy in remedies)] == words
    assert [(sender, reason) for sender, reason, *_ in rejections] == [
        ("127.0.2.3", "not_in_time_window")
    ] * len(words)
    assert all("went back" in text and "time_window: relaxed" in remedy for *_, text, remedy in rejections)
