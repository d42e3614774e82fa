"""Restart, reload and crash under load: received events are kept, sent messages are not sent again."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from tests.soak.packets import LINK_UP
from tests.support.snmp.trap_site import RATE, SETTLE_S, Site, eventually, running

LOCK = "BEGIN; LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
async def lent(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """A site whose port outlives the daemon, as with systemd's socket."""
    async with running(tmp_path, database_url, is_lent=True) as site:
        yield site


@pytest.fixture
async def alone(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """A site whose daemon opens its port itself."""
    async with running(tmp_path, database_url, is_lent=False) as site:
        yield site


async def test_restart_under_load_loses_no_trap(lent: Site) -> None:
    """With the port kept by systemd, traps sent while the daemon stops and starts are all counted, once."""

    async def restart() -> None:
        for _ in range(2):
            assert await lent.daemon.end(signal.SIGTERM) == 0
            await lent.daemon.come_up()

    last = await lent.send_while(restart())
    assert last > RATE
    await lent.counted_once(last)


async def test_reload_under_load_drops_nothing(alone: Site) -> None:
    """SIGHUP swaps the configuration between two batches; a file with a fault changes nothing."""

    async def reload() -> None:
        await asyncio.sleep(0.2)
        for number in range(3):
            alone.daemon.declare("more", devices=[{"ip_address": "10.9.9.9", "name": f"edge-{number}"}])
            await alone.daemon.reload()
        (alone.daemon.provision / "mistake.yaml").write_text("devices: [\n")
        await alone.daemon.reload()

    last = await alone.send_while(reload())
    await alone.counted_once(last)


async def test_reload_of_the_listener_itself_drops_nothing(alone: Site) -> None:
    """A rebuilt listener takes over the open port: no trap is lost in between."""

    async def reload() -> None:
        await asyncio.sleep(0.2)
        for number in range(3):
            listener = alone.daemon.trap_connector(communities=["public", f"other-{number}"])
            alone.daemon.declare("traps", connectors=[listener])
            await alone.daemon.reload()

    last = await alone.send_while(reload())
    await alone.counted_once(last)


async def test_stop_commits_what_has_arrived_first(alone: Site) -> None:
    """Events in the socket and in the intake at SIGTERM are in the database afterwards."""
    last = 1_000  # as many as a busy machine commits before the rest would go to the spool
    for port in range(1, last + 1):
        alone.send(port)
    assert await alone.daemon.end(signal.SIGTERM) == 0
    await alone.counted_once(last)


async def test_stop_without_the_database_spools_the_rest(alone: Site) -> None:
    """PostgreSQL does not answer when SIGTERM comes: the daemon ends without it and loses nothing."""
    connection = await asyncpg.connect(alone.url)
    await connection.execute(LOCK)
    for port in range(1, 301):
        alone.send(port)
    assert await alone.daemon.end(signal.SIGTERM) == 0
    assert connection.is_in_transaction()  # the lock was held until the end
    await connection.close()
    await alone.daemon.come_up()
    await alone.counted_once(300)


async def test_gap_without_socket_activation_is_known(alone: Site) -> None:
    """The ledger has the time for which the daemon did not listen, and whether that was on purpose."""
    await asyncio.sleep(1.1)
    await alone.daemon.end(signal.SIGTERM)
    await alone.daemon.come_up()
    await eventually(alone.spans, bool)
    await alone.daemon.end(signal.SIGKILL)
    await alone.daemon.come_up()
    await eventually(alone.spans, lambda found: len(found) == 2)
    assert await alone.spans() == ["down", "unknown"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_an_alert_resolved_during_a_stop_is_notified_once(lent: Site, how: signal.Signals) -> None:
    """The problem is sent once, before; its end, which came meanwhile, once, afterwards."""
    lent.send(7)
    await eventually(_of(lent.sent), lambda kinds: kinds == ["problem"])
    await lent.daemon.end(how)
    lent.send(7, LINK_UP)
    lent.send(8)
    await lent.daemon.come_up()
    await eventually(_of(lent.sent), lambda kinds: len(kinds) == 3)
    await asyncio.sleep(0.5)
    assert sorted(lent.sent()) == ["problem", "problem", "recovery"]
    assert await lent.counts() == {7: (1, "resolved"), 8: (1, "active")}


async def test_an_alert_that_is_held_keeps_its_time(lent: Site) -> None:
    """An alert that waits for a cause when the daemon is killed is sent at its original time."""
    lent.daemon.declare(
        "graph",
        devices=[{"ip_address": address, "name": address} for address in ("127.0.0.1", "127.0.0.9")],
        dependencies=[{"device_ip": "127.0.0.1", "depends_on_ip": "127.0.0.9", "dependency_type": "network"}],
    )
    await lent.daemon.reload()
    lent.send(7)
    arrived = time.monotonic()
    await eventually(lent.counts, lambda found: 7 in found)
    await asyncio.sleep(SETTLE_S / 4)
    await lent.daemon.end(signal.SIGKILL)
    await lent.daemon.come_up()
    started_after_s = time.monotonic() - arrived
    assert lent.sent() == []
    await eventually(_of(lent.sent), bool)
    sent_after_s = time.monotonic() - arrived
    assert lent.sent() == ["problem"]
    assert SETTLE_S - 0.1 <= sent_after_s < max(SETTLE_S, started_after_s) + 1.5


async def test_notification_under_way_when_the_daemon_dies_is_not_late(lent: Site) -> None:
    """A message of unknown outcome is sent again at once, not when its lease ends.

    The receiver had got one of the two: only that one comes twice, with the same id and marked
    as the second attempt.
    """
    lent.receiver.hang()
    lent.send(7)
    lent.send(8)
    await eventually(_of(lambda: lent.receiver.hung), lambda hung: hung == 2)
    await lent.daemon.end(signal.SIGKILL)
    lent.receiver.answer()
    await lent.daemon.come_up()
    await eventually(_of(lent.sent), lambda kinds: len(kinds) == 2)
    assert lent.sent() == ["problem", "problem"]
    assert sorted(lent.receiver.received.values()) == [1, 2]
    assert sorted(lent.receiver.attempts.values()) == [[1, 2], [2]]


async def test_inform_that_was_not_answered_is_served_by_the_next_life(lent: Site) -> None:
    """An INFORM that a killed daemon left in the socket is answered by the next, and counted once."""
    await lent.daemon.end(signal.SIGKILL)
    asking = asyncio.create_task(lent.ask(7))
    await lent.daemon.come_up()
    assert await asking == 7
    assert await lent.counts() == {7: (1, "active")}


async def test_inform_whose_answer_was_lost_in_a_crash_is_counted_once(lent: Site) -> None:
    """Committed by a daemon that was killed before the answer, repeated to the next: counted once."""
    for _ in range(2):
        assert await lent.ask(7) == 7
        await lent.daemon.end(signal.SIGKILL)
        await lent.daemon.come_up()
    assert await lent.ask(7) == 7
    assert await lent.ask(8) == 8
    assert await lent.counts() == {7: (1, "active"), 8: (1, "active")}


def _of(look: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    async def seen() -> object:
        return look()

    return seen
