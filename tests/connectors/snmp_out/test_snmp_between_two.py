"""One OpsConductor receives from another: informs of snmp_out, our listener, and the pack for our own MIB."""

from dataclasses import replace
from pathlib import Path

from connectors.snmp_out.channel import SnmpOutChannel
from connectors.snmp_out.config import SnmpOutConfig
from opsconductor.app.configuring.loading import pack_mapping_of
from opsconductor.config.provision.packs import read_pack_files
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from opsconductor.shipped import shipped
from tests.connectors.snmp_out.test_snmp_out import FACTS, NOTICE, OVER
from tests.support.engine.flow import source_of
from tests.support.engine.pipeline_scene import Scene
from tests.support.snmp.trap_listener import listening

OPTIONS = {"trusted_forwarders": ["127.0.0.1/32"]}


async def test_an_alert_is_raised_gets_worse_and_ends_on_the_other_side(tmp_path: Path) -> None:
    """On the device that the first one names, with its title, severity and category."""
    minor = replace(NOTICE, facts={**FACTS, "severity": "minor"})
    async with listening(tmp_path, **OPTIONS) as listener:
        host, port = "127.0.0.1", listener.port
        config = SnmpOutConfig.model_validate({"host": host, "port": port})
        channel = SnmpOutChannel(config, ConnectorContext(name="umbrella", data_dir=tmp_path))
        for sent in (minor, NOTICE, NOTICE, OVER):
            assert "confirmed" in (await channel.send(sent)).detail
        events = list(listener.intake.events)
    pack = read_pack_files([shipped("mibs") / "packs" / "opsconductor.yaml"])
    mappings = MappingTable(pack_mapping_of(item.row) for item in pack)
    receiver = source_of("snmp_trap", "traps", OPTIONS, tmp_path, mappings=mappings)
    scene, seen = Scene(), []
    for event in events:
        raw = RawEvent(connector="traps", payload=event.payload, received_at=scene.now, peer=event.peer)
        reports = receiver.normalize(raw)
        assert isinstance(reports, tuple)
        scene.send(*reports)
        (alert,) = scene.rows()
        seen.append((alert.status.is_open, alert.severity, alert.device_ip, alert.alert_type, alert.title))
        scene.wait(1)
    same = ("192.0.2.1", "network_forwarded_alert", "Link Down - core-sw1")
    assert seen == [
        (True, Severity.MINOR, *same),
        (True, Severity.CRITICAL, *same),
        (True, Severity.CRITICAL, *same),
        (False, Severity.CRITICAL, *same),
    ]
