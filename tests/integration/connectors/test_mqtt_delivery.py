"""PUBACK only after the commit; no message is lost or processed twice."""

from pathlib import Path

import pytest

from tests.support.connectors.mqtt_broker import Cable, Listening, broker, listening
from tests.support.snmp.trap_listener import commit, until

VERSIONS = ["v5", "v3.1.1"]


def keys(running: Listening) -> list[bytes]:
    """List the keys of the received events, as they are committed."""
    return [event.keys for event in running.intake.events]


@pytest.mark.parametrize("protocol", VERSIONS)
async def test_uncommitted_messages_come_again(tmp_path: Path, protocol: str) -> None:
    """A daemon that ends before the commit gets the message again, and those that came meanwhile."""
    async with broker(tmp_path) as mosquitto:
        async with listening(tmp_path, mosquitto.port, protocol=protocol, is_committing=False) as first:
            await mosquitto.publish("site/a/state", "offline")
            await until(lambda: first.reported == [("a", "major")])
        await mosquitto.publish("site/b/state", "offline")
        async with listening(tmp_path, mosquitto.port, protocol=protocol) as second:
            await until(lambda: second.reported == [("a", "major"), ("b", "major")])
        async with listening(tmp_path, mosquitto.port, protocol=protocol) as third:
            await mosquitto.publish("site/c/state", "online")
            await until(lambda: bool(third.reported))
            assert third.reported == [("c", "clear")]


@pytest.mark.parametrize("protocol", VERSIONS)
async def test_a_connection_lost_before_the_commit_counts_nothing_twice(
    tmp_path: Path, protocol: str
) -> None:
    """The broker sends again with DUP: it is acknowledged when the first one is committed."""
    async with broker(tmp_path) as mosquitto:
        cable = Cable(mosquitto.port)
        port = await cable.lay()
        async with listening(tmp_path, port, protocol=protocol, is_committing=False) as running:
            await mosquitto.publish("site/a/state", "offline")
            await until(lambda: bool(running.reported))
            cable.cut()
            await until(lambda: running.intake.counts["duplicate", "redelivered"] == 1)
            assert running.states[0] == running.states[-1] == "works"
            commit(running.intake.events)
            await mosquitto.publish("site/b/state", "offline")
            await until(lambda: len(running.reported) == 2)
            commit(running.intake.events[-1:])
            assert running.reported == [("a", "major"), ("b", "major")]
        async with listening(tmp_path, mosquitto.port, protocol=protocol) as next_one:
            await mosquitto.publish("site/c/state", "offline")
            await until(lambda: bool(next_one.reported))
            assert next_one.reported == [("c", "major")]
        await cable.remove()


async def test_a_committed_unacknowledged_message_is_not_processed_twice(tmp_path: Path) -> None:
    """The daemon dies between commit and PUBACK; the next one knows the message by its key."""
    async with broker(tmp_path) as mosquitto:
        async with listening(tmp_path, mosquitto.port, is_committing=False) as first:
            await mosquitto.publish("site/a/state", "offline")
            await until(lambda: bool(first.reported))
        async with listening(tmp_path, mosquitto.port, earlier=keys(first)) as second:
            await until(lambda: second.intake.counts["duplicate", "before_restart"] == 1)
            assert second.reported == []
            await mosquitto.publish("site/a/state", "offline")
            await until(lambda: second.reported == [("a", "major")])


async def test_a_reload_in_the_middle_counts_nothing_twice(tmp_path: Path) -> None:
    """Uncommitted messages of the former connector are known to its replacement."""
    legacy: dict[str, object] = {}
    async with broker(tmp_path) as mosquitto:
        async with listening(tmp_path, mosquitto.port, legacy=legacy, is_committing=False) as first:
            await mosquitto.publish("site/a/state", "offline")
            await until(lambda: bool(first.reported))
        async with listening(tmp_path, mosquitto.port, legacy=legacy) as second:
            await until(lambda: second.intake.counts["duplicate", "redelivered"] == 1)
            commit(first.intake.events)
            assert second.reported == []


async def test_a_broker_that_is_killed_is_found_again(tmp_path: Path) -> None:
    """It is ended by kill -9 and started anew: reported once as down and once as back, and messages come."""
    async with broker(tmp_path) as mosquitto, listening(tmp_path, mosquitto.port) as running:
        await mosquitto.publish("site/a/state", "offline")
        await until(lambda: bool(running.reported))
        mosquitto.kill()
        await until(lambda: running.states[-1] != "works")
        await mosquitto.start()
        await until(lambda: running.states[-1] == "works")
        await mosquitto.publish("site/a/state", "online")
        await until(lambda: running.reported == [("a", "major"), ("a", "clear")])
        assert "has lost the connection" in running.states[1]


async def test_a_full_intake_makes_the_broker_wait(tmp_path: Path) -> None:
    """At most Receive Maximum is processed while nothing is committed; then all come, in order."""
    async with (
        broker(tmp_path, "max_queued_messages 0") as mosquitto,
        listening(tmp_path, mosquitto.port, max_inflight=50, is_committing=False) as running,
    ):
        await mosquitto.publish_all((f"site/d{number}/state", b"offline") for number in range(500))
        await until(lambda: len(running.reported) == 50)
        waiting = running.intake.events[1:]
        running.intake.is_committing = True
        commit(waiting)
        await until(lambda: len(running.reported) == 500)
        assert [device for device, _ in running.reported] == [f"d{number}" for number in range(500)]


async def test_two_of_one_group_share_the_messages(tmp_path: Path) -> None:
    """Each message goes to one of the two, and both get some."""
    async with (
        broker(tmp_path) as mosquitto,
        listening(tmp_path, mosquitto.port, share="noc", client_id="one") as one,
        listening(tmp_path, mosquitto.port, share="noc", client_id="two") as two,
    ):
        await mosquitto.publish_all((f"site/d{number}/state", b"offline") for number in range(200))
        await until(lambda: len(one.reported) + len(two.reported) == 200)
        assert one.reported
        assert two.reported
        assert {device for device, _ in one.reported + two.reported} == {
            f"d{number}" for number in range(200)
        }


async def test_messages_refused_by_a_full_intake_reach_the_next_connector(tmp_path: Path) -> None:
    """A reload while the intake is full: the broker sends it again, and now it is processed."""
    legacy: dict[str, object] = {}
    async with broker(tmp_path) as mosquitto:
        async with listening(tmp_path, mosquitto.port, legacy=legacy) as first:
            first.intake.has_room.clear()
            await mosquitto.publish("site/a/state", "offline")
            await until(lambda: first.intake.counts["received", ""] == 1)
        async with listening(tmp_path, mosquitto.port, legacy=legacy) as second:
            await until(lambda: second.reported == [("a", "major")])
            assert second.intake.counts["duplicate", "redelivered"] == 0
