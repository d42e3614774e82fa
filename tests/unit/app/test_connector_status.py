"""What the rows of `connectors` are told: each count once, and nothing of who is gone."""

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
    """Stands for the database, which takes its time."""

    def __init__(self) -> None:
        self.statuses: dict[str, str] = {}
        self.received: dict[str, int] = {}
        self.writes = 0

    async def execute(self, _: str, name: str, *values: Any) -> None:
        """Take a status."""
        await asyncio.sleep(0)
        self.writes += 1
        self.statuses[name] = values[0]
        self.received[name] = self.received.get(name, 0) + values[3]


def keeper_of(rows: Rows) -> tuple[StatusKeeper, Pool, Ledger]:
    """Make what is under test."""
    ledger = Ledger()
    return StatusKeeper(ledger), cast("Pool", rows), ledger


@pytest.mark.parametrize(("role", "is_told"), [(Role.SOURCE, True), (Role.INVENTORY, False)])
def test_one_failure_is_reported_by_one_alert(role: Role, is_told: bool) -> None:  # noqa: FBT001 - a case
    """A source makes an alert of a system that is away, so the daemon makes none; of a crash it does."""
    keeper = StatusKeeper(Ledger())
    health = keeper.health_of("prtg", role)
    health.report_down(Unreachable("no route"))
    assert keeper.now() == {"prtg": (ConnectorStatus.ERROR, "no route")}
    assert ("prtg" in keeper.unreported()) is not is_told
    health.failed(RuntimeError("a bug"))
    assert keeper.unreported() == keeper.now() == {"prtg": (ConnectorStatus.ERROR, "a bug")}
    health.report_down(Unreachable("no route"))
    health.report_up()
    assert keeper.unreported() == keeper.now() == {"prtg": (CONNECTED, None)}


async def test_who_asks_while_rows_are_written_counts_nothing_twice() -> None:
    """`connectors status` has the rows written at once, while every five seconds they are anyway."""
    rows = Rows()
    keeper, pool, ledger = keeper_of(rows)
    keeper.report("traps", CONNECTED, None)
    ledger.count("traps", "normalized", amount=7)
    await asyncio.gather(keeper.save_all(pool), keeper.save_all(pool))
    assert rows.received == {"traps": 7}


async def test_the_row_of_a_connector_that_is_switched_off_does_not_say_that_it_works() -> None:
    """It is written once more; after that it stays as it is until the connector is back."""
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
