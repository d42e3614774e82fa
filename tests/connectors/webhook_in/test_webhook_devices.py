"""Devices of posts: found through the connector and the inventory, as in the pipeline."""

import json
from pathlib import Path

from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from tests.support.api.webhook_posts import alerts_of, post, source_of
from tests.support.engine.pipeline_scene import device

CASE = Path(__file__).parents[2] / "connectors" / "webhook_in" / "cases" / "zabbix_hosts_on_loopback"


async def test_zabbix_hosts_on_loopback_are_devices_of_their_own() -> None:
    """Two hosts with the address 127.0.0.1 are two devices by their names, and neither is 127.0.0.1."""
    source = source_of(format="zabbix")
    alerts = [
        alert
        for document in json.loads((CASE / "input.json").read_text())
        for alert in await alerts_of(source, await source.receive(post(document)))
    ]
    one, other = identify(alerts, InventorySnapshot())
    assert [(each.device_ip, each.device_name) for each in (one, other)] == [
        (None, "srv-agent-42"),
        (None, "srv-agent-43"),
    ]
    assert one.fingerprint != other.fingerprint
    assert (one.conflict, other.conflict) == (None, None)


async def test_an_inventory_gives_zabbix_hosts_on_loopback_their_addresses() -> None:
    """The host's name leads to its device, whatever address Zabbix polls it at."""
    source = source_of(format="zabbix")
    [document, _] = json.loads((CASE / "input.json").read_text())
    alerts = await alerts_of(source, await source.receive(post(document)))
    known = InventorySnapshot([device("10.0.0.42", "SRV-agent-42.example.net")])
    assert [each.device_ip for each in identify(alerts, known)] == ["10.0.0.42"]
