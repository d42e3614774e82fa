"""Names of ports from stored alerts are read again at a start."""

from dataclasses import replace
from datetime import timedelta

import asyncpg

from opsconductor.model.enums import Status
from opsconductor.store.commit.commit import commit
from opsconductor.store.port_names import read_port_names
from tests.support.store.stored import NOW, a_creation, an_alert

RESOURCE = "ifIndex=24"


async def test_the_last_name_of_a_port_comes_last(pool: asyncpg.Pool) -> None:
    """From open and closed alerts; without those that name no port, and no more closed ones than wanted."""
    ports = {"custom_fields": {"port": "Gi0/24"}, "resource": RESOURCE, "device_ip": "192.0.2.1"}
    opened = replace(an_alert(), **ports, last_occurrence_at=NOW)  # type: ignore[arg-type]
    renamed = replace(
        an_alert(),
        **{**ports, "custom_fields": {"port": "Gi1/0/24"}},  # type: ignore[arg-type]
        status=Status.RESOLVED,
        resolved_at=NOW + timedelta(seconds=2),
        last_occurrence_at=NOW + timedelta(seconds=1),
    )
    by_name = replace(an_alert(), **{**ports, "device_ip": None, "device_name": "sw-1"})  # type: ignore[arg-type]
    other = replace(an_alert(), custom_fields={"port": 443}, resource="web")
    await commit(pool, a_creation(opened, renamed, by_name, other))
    found = await read_port_names(pool)
    assert [name for name in found if name[0] == "192.0.2.1"] == [
        ("192.0.2.1", RESOURCE, "Gi0/24"),
        ("192.0.2.1", RESOURCE, "Gi1/0/24"),
    ]
    assert ("sw-1", RESOURCE, "Gi0/24") in found
    assert len(found) == 3
    assert len(await read_port_names(pool, most_closed=0)) == 2
