"""`opsconductor inventory`: its state, and the changes of a sync."""

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from opsconductor.cli import main
from opsconductor.config.provision.rows import ConnectorTypes
from opsconductor.connector.connector_type import inventory_type
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.interface import CheckResult, Publish
from opsconductor.errors import Unreachable
from opsconductor.inventory.enforce import enforce
from opsconductor.model.inventory.listed import Inventory
from opsconductor.store.postgres.connection import close_pool, open_pool
from tests.support.daemons.live_daemon import Nothing
from tests.support.engine.inventories import A_WEEK, found, inventory, way

SITE = (found(1, "10.0.0.1", "10.1.0.1", site="A", role="core"), found(2, "10.0.0.2"))
CABLE = way("10.0.0.2", "10.0.0.1", via_resources=("ifIndex=7",), description="cable 7")


class OneAnswer:
    """An inventory system that answers once, or not at all."""

    def __init__(self, answer: Inventory | Exception, context: ConnectorContext, *, is_patient: bool) -> None:
        self._answer, self._context, self._is_patient = answer, context, is_patient

    async def check(self) -> CheckResult:
        """Succeed."""
        return CheckResult(ok=True, message="a toy")

    async def run(self, publish: Publish) -> None:
        """Publish, raise, or report the failure and go on trying."""
        if isinstance(self._answer, Inventory):
            await publish(self._answer)
        elif self._is_patient:
            self._context.report_down(self._answer)
            await asyncio.Event().wait()
        else:
            raise self._answer


class Shell:
    """Runs `opsconductor inventory` with a database of its own and an inventory of the test's own."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = url
        self.answer: Inventory | Exception = inventory()
        self.is_patient = False
        toy = inventory_type("toy", Nothing, self._build)
        for module in ("connectors.specs", "inventory_preview"):
            installed = ConnectorTypes(known={"toy": toy}, channels=frozenset())
            monkeypatch.setattr(
                f"opsconductor.app.{module}.installed_types", lambda installed=installed: installed
            )

    def _build(self, _: object, context: ConnectorContext) -> OneAnswer:
        return OneAnswer(self.answer, context, is_patient=self.is_patient)

    def run(self, *arguments: str) -> Result:
        """Run one command in this process."""
        environment: dict[str, str | None] = {
            **{name: None for name in os.environ if name.startswith("OPSCONDUCTOR")},
            "OPSCONDUCTOR__DATABASE__URL": self.url,
            "OPSCONDUCTOR__SECRETS__KEY": "00" * 32,
        }
        runner = CliRunner(env=environment)
        return runner.invoke(main, ["inventory", *arguments], catch_exceptions=False)

    def ok(self, *arguments: str) -> str:
        """Run one command that must succeed and return what it prints."""
        done = self.run(*arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    def database(self, work: Callable[[asyncpg.Pool], Any]) -> Any:
        """Run a query on the database."""

        async def do() -> Any:
            pool = await open_pool(self.url, 2)
            try:
                return await work(pool)
            finally:
                await close_pool(pool)

        return asyncio.run(do())

    def connector(self, name: str) -> None:
        """Declare a connector, switched off."""
        self.database(
            lambda pool: pool.execute(
                "INSERT INTO connectors (name, type, enabled) VALUES ($1, 'toy', false)", name
            )
        )

    def sync(self, given: Inventory) -> None:
        """Apply an inventory."""
        self.database(lambda pool: enforce(pool, "netbox", given, A_WEEK))


@pytest.fixture
def shell(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Provide a shell with the connector `netbox`."""
    made = Shell(database_url, monkeypatch)
    made.connector("netbox")
    return made


def test_a_preview_shows_everything_and_writes_nothing(shell: Shell) -> None:
    """New, changed, removed and ageing rows each have their sign, conflicts and the sum below."""
    shell.sync(inventory([*SITE, found(3, "10.0.0.3")], [CABLE, way("10.0.0.3", "10.0.0.1")]))
    shell.answer = inventory(
        [
            found(1, "10.0.0.1", site="B", role="core"),
            SITE[1],
            found(4, "10.0.0.4", "10.0.0.2", site="A"),
        ],
        [way("10.0.0.4", "10.0.0.1", via_resources=("ifIndex=9",))],
        days=1,
    )
    assert shell.ok("preview").splitlines() == [
        "netbox has 3 devices and 1 dependencies",
        "+ device sw4 10.0.0.4  site A",
        "~ device sw1 10.0.0.1  site: A -> B; 10.1.0.1 is no longer listed",
        "- device sw3 10.0.0.3  retired",
        "+ dependency sw4 10.0.0.4 -> sw1 10.0.0.1 (network)  confidence 0.90; via ifIndex=9",
        "- dependency sw3 10.0.0.3 -> sw1 10.0.0.1 (network)",
        "? dependency sw2 10.0.0.2 -> sw1 10.0.0.1 (network)  is no longer found",
        "",
        "addresses claimed by two devices; the first keeps them:",
        "  sw4 claims 10.0.0.2 of sw2",
        "",
        "devices 1 added, 1 changed, 1 retired; dependencies 1 added, 1 aged, 1 removed; nothing was written",
    ]
    assert shell.database(lambda pool: pool.fetchval("SELECT count(*) FROM devices")) == 3


def test_a_preview_as_json_is_whole(shell: Shell) -> None:
    """Machines get every difference, people the first ones of each kind unless they want all."""
    shell.answer = inventory([found(number, f"10.0.1.{number}") for number in range(1, 41)])
    document = json.loads(shell.ok("preview", "netbox", "--json"))
    assert (document["devices"], document["changes"]["devices_added"]) == (40, 40)
    assert len(document["differences"]) == 40
    assert "+ 20 more devices (--all shows them)" in shell.ok("preview")
    assert shell.ok("preview", "--all").count("+ device") == 40


@pytest.mark.parametrize("is_patient", [True, False])
def test_an_inventory_that_does_not_answer_is_reported(shell: Shell, *, is_patient: bool) -> None:
    """One line says why, also when the connector would go on trying by itself."""
    shell.answer, shell.is_patient = Unreachable("netbox.example.org: connection refused"), is_patient
    done = shell.run("preview")
    assert (done.exit_code, done.stderr) == (1, "Error: netbox.example.org: connection refused\n")


def test_which_inventory_must_be_clear(shell: Shell) -> None:
    """With several, or under a wrong name, the possible names are listed."""
    shell.connector("other")
    assert "there are several inventories; give one of netbox, other" in shell.run("preview").stderr
    assert "mail is not an inventory; give one of netbox, other" in shell.run("preview", "mail").stderr


def test_status_shows_what_is_in_force(shell: Shell) -> None:
    """Last sync, devices and dependencies by their finder, type, confidence and what is missing."""
    assert shell.ok("status") == "no inventory has been synced yet\n"
    shell.sync(inventory([*SITE, found(3, "10.0.0.3")], [CABLE]))
    shell.database(
        lambda pool: pool.execute(
            "INSERT INTO devices (ip_address, name) VALUES ('10.9.9.9', 'mine'); "
            "INSERT INTO dependencies (device_ip, depends_on_ip) VALUES ('10.9.9.9', '10.0.0.1')"
        )
    )
    shell.sync(inventory([*SITE, found(5, "10.0.0.5", "10.0.0.1")], days=1))
    text = shell.ok("status")
    assert "netbox: sw5 claims 10.0.0.1 of sw1" in text
    assert "devices 1 added, 1 retired; dependencies 1 aged" in text
    document = json.loads(shell.ok("status", "--json"))
    assert [(row["found_by"], row["active"], row["retired"]) for row in document["devices"]] == [
        ("netbox", 3, 1),
        (None, 1, 0),
    ]
    shown = [
        (row["found_by"], row["confidence"], row["amount"], row["missing"])
        for row in document["dependencies"]
    ]
    assert shown == [("netbox", 0.9, 1, 1), (None, 1.0, 1, 0)]
