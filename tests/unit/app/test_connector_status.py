"""Rows of `connectors`: each count is added once, and removed connectors get none."""

import asyncio
from typing import Any, cast

import pytest

from opsconductor.app.connectors.status import StatusKeeper
from opsconductor.connector.interface import Role
from opsconductor.errors import Unreachable
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.enums import ConnectorStatus
from opsconductor.store.postgres.connection import Pool

CONNECTED, DISCONNECTED = ConnectorStatus.CONNECTED, ConnectorStatus.DISCONNECTED


class Rows:
    """A stand-in for the database whose queries take time."""

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {}
        self.received: dict[str, int] = {}
        self.writes = 0

    async def execute(self, _: str, name: str, *values: Any) -> None:
        """Store a status."""
        await asyncio.sleep(0)
        self.writes += 1
        self.statuses[name] = values[0]
        self.received[name] = self.received.get(name, 0) + values[3]


def keeper_of(rows: Rows) -> tuple[StatusKeeper, Pool, Ledger]:
    """Make the status keeper under test."""
    ledger = Ledger()
    return StatusKeeper(ledger), cast("Pool", rows), ledger


@pytest.mark.parametrize(("role", "is_reported"), [(Role.SOURCE, True), (Role.INVENTORY, False)])
def test_one_failure_is_reported_by_one_alert(role: Role, is_reported: bool) -> None:  # noqa: FBT001 - a case
    """A source reports an unreachable system itself, so the daemon does not; the daemon reports a crash."""
    keeper = StatusKeeper(Ledger())
    health = keeper.health_of("prtg", role)
    health.report_down(Unreachable("no route"))
    assert keeper.now() == {"prtg": (ConnectorStatus.ERROR, "no route")}
    assert ("prtg" in keeper.unreported()) is not is_reported
    health.failed(RuntimeError("a bug"))
    assert keeper.unreported() == keeper.now() == {"prtg": (ConnectorStatus.ERROR, "RuntimeError: a bug")}
    health.report_down(Unreachable("no route"))
    health.report_up()
    assert keeper.unreported() == keeper.now() == {"prtg": (CONNECTED, None)}


async def test_a_concurrent_write_of_rows_counts_nothing_twice() -> None:
    """`connectors status` writes the rows at once, while they are also written every five seconds."""
    rows = Rows()
    keeper, pool, ledger = keeper_of(rows)
    keeper.report("traps", CONNECTED, None)
    ledger.count("traps", "normalized", amount=7)
    await asyncio.gather(keeper.save_all(pool), keeper.save_all(pool))
    assert rows.received == {"traps": 7}


async def test_the_row_of_a_connector_that_is_switched_off_does_not_say_that_it_works() -> None:
    """Its row is written once more and then stays unchanged until the connector is enabled."""
    rows = Rows()
    keeper, pool, _ = keeper_of(rows)
    for name in ("traps", "ups"):
        keeper.report(name, CONNECTED, None)
    keeper.keep_only({"ups"})
    await keeper.save_all(pool)
    assert rows.statuses == {"traps": DISCONNECTED, "ups": CONNECTED}
    writes = rows.writes
    await keeper.save_all(pool)
    assert rows.writes == writes + 1
    assert keeper.now().keys() == {"ups"}
    keeper.report("traps", CONNECTED, None)
    await keeper.save_all(pool)
    assert rows.statuses["traps"] == CONNECTED
