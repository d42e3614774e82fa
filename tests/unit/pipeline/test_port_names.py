"""Names of ports: learned from reports that have them, shown with those that have an ifIndex only."""

import pytest

from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.identified import IdentifiedReport
from opsconductor.pipeline.device_memory import PortNames
from tests.support.engine.pipeline_scene import START, device, report

SWITCH, OTHER = "10.0.0.1", "10.0.0.2"
INVENTORY = InventorySnapshot([device(SWITCH, "core-1", addresses=("192.0.2.1",))], ())


def port_report(
    resource: str, port: object = None, *, at: str = SWITCH, severity: str = "major", **values: object
) -> IdentifiedReport:
    """Make a report about a port, with its name in the custom field if there is one."""
    fields = {"port": port} if port is not None else None
    values = {"title": f"Link Down - {{device_name}} {resource}", "custom_fields": fields, **values}
    alert = report(at, severity=severity, resource=resource, at=START, **values)
    return identify([alert], INVENTORY)[0]


def shown(names: PortNames, *events: IdentifiedReport) -> list[tuple[str, object]]:
    """Fill in names; titles and custom fields `port`."""
    return [
        (
            event.report.title.removeprefix("Link Down - {device_name} "),
            (event.report.custom_fields or {}).get("port"),
        )
        for event in names.fill(events)
    ]


@pytest.mark.parametrize("severity", ["major", "clear"])
def test_a_report_with_an_ifindex_only_shows_the_name(severity: str) -> None:
    """Learned in the same batch already, from problem or recovery, at any address of the device."""
    names = PortNames()
    events = [
        port_report("ifIndex=24", "Gi0/24 to ring", severity=severity, title="x"),
        port_report("ifIndex=24", at="192.0.2.1"),
    ]
    assert shown(names, *events)[1] == ("Gi0/24 to ring", "Gi0/24 to ring")
    assert shown(names, port_report("ifIndex=24/in")) == [("Gi0/24 to ring", "Gi0/24 to ring")]


def test_the_identity_stays_the_ifindex() -> None:
    """Resource and fingerprint are the same with and without a name, and so are other custom fields."""
    names = PortNames()
    names.learn(SWITCH, [("ifIndex=24", "Gi0/24")])
    bare = port_report("ifIndex=24", custom_fields={"damaged_message": "short"})
    (named,) = names.fill([bare])
    assert (named.fingerprint, named.report.resource) == (bare.fingerprint, "ifIndex=24")
    assert named.report.custom_fields == {"damaged_message": "short", "port": "Gi0/24"}
    assert bare.report.custom_fields == {"damaged_message": "short"}


def test_the_last_name_wins() -> None:
    """A port that is renamed shows its new name; a report's own name is never replaced."""
    names = PortNames()
    names.learn(SWITCH, [("ifIndex=24", "old")])
    assert shown(names, port_report("ifIndex=24", "new"))[0][1] == "new"
    assert shown(names, port_report("ifIndex=24")) == [("new", "new")]


def test_other_ports_and_devices_get_no_name() -> None:
    """Other resources neither, and a custom field `port` of another resource teaches nothing."""
    names = PortNames()
    events = [
        port_report("ifIndex=24", "Gi0/24"),
        port_report("ifIndex=2"),
        port_report("ifIndex=24", at=OTHER),
        port_report("web", 443, at=OTHER),
        port_report("ifIndex=443", 443),
        port_report("ifIndex=443"),
    ]
    assert [port for _, port in shown(names, *events)] == ["Gi0/24", None, None, 443, 443, None]
    assert len(names) == 1


def test_memory_is_bounded() -> None:
    """The name learned longest ago is forgotten; one that is learned again counts as new."""
    names = PortNames(limit=2)
    names.learn(
        SWITCH, [("ifIndex=1", "a"), ("ifIndex=2", "b"), ("ifIndex=1", "a"), ("ifIndex=3", "x" * 10_000)]
    )
    assert len(names) == 2
    found = [
        port
        for _, port in shown(
            names, port_report("ifIndex=1"), port_report("ifIndex=2"), port_report("ifIndex=3")
        )
    ]
    assert found[:2] == ["a", None]
    assert len(str(found[2])) < 200
