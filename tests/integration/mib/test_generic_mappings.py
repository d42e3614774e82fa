"""The generic mappings of the first migration rank like a pack, except those that the operator changed."""

import asyncpg

from opsconductor.app.configuring.loading import table_of
from opsconductor.mib.lookup import standard_facts
from opsconductor.model.enums import Category, Severity
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.store.configuration import load_mappings
from opsconductor.store.postgres import migrate
from tests.conftest import Cluster

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"


async def test_an_upgrade_takes_unchanged_ones_from_the_operator(postgres: Cluster) -> None:
    """A row that was changed, and one that a file declares, stay the operator's; a downgrade restores all."""
    name = postgres.create()
    url = postgres.url(name)
    await migrate.upgrade(url, "0020")
    connection = await asyncpg.connect(url)
    await connection.execute(
        "UPDATE oid_mappings SET default_severity = 'critical' WHERE mib_object = 'linkDown';"
        "UPDATE oid_mappings SET provisioned_from = 'a.yaml' WHERE mib_object = 'coldStart'"
    )
    await migrate.upgrade(url)
    rows = await connection.fetch("SELECT mib_object, origin FROM oid_mappings")
    assert {row["mib_object"]: row["origin"] for row in rows} == {
        "coldStart": "own",
        "warmStart": "pack",
        "linkDown": "own",
        "linkUp": "pack",
        "authenticationFailure": "pack",
        "egpNeighborLoss": "pack",
    }
    await connection.execute(
        "INSERT INTO oid_mappings (oid_pattern, alert_type, category, default_severity, title_template)"
        " SELECT oid_pattern, 'network_mine', category, default_severity, title_template"
        " FROM oid_mappings WHERE mib_object = 'linkUp'"
    )
    await migrate.downgrade(url, "0020")
    rows = await connection.fetch("SELECT alert_type, origin FROM oid_mappings WHERE oid_pattern LIKE '%5.4'")
    assert [tuple(row) for row in rows] == [("network_mine", "own")]
    assert await connection.fetchval("SELECT count(*) FROM oid_mappings WHERE origin <> 'own'") == 0
    await connection.close()
    postgres.drop(name)


async def test_a_pack_for_a_vendor_is_not_hidden(pool: asyncpg.Pool) -> None:
    """Of generic and vendor mappings of packs the vendor's counts for its devices, the generic one else."""
    pack = OidMapping(
        oid_pattern=LINK_DOWN,
        vendor="siklu",
        alert_type="wireless_link_down",
        category=Category.WIRELESS,
        default_severity=Severity.MAJOR,
        title_template="Radio link down - {device_name}",
        origin=Origin.PACK,
    )
    table = table_of([*await load_mappings(pool), pack], standard_facts())
    found = [table.find(LINK_DOWN, vendor) for vendor in ("siklu", "cisco", None)]
    assert [each and each.alert_type for each in found] == [
        "wireless_link_down",
        "network_link_down",
        "network_link_down",
    ]
