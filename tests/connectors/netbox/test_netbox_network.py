"""Network dependencies found from cables, circuits, stacks and hosts."""

import pytest

from connectors.netbox.dependencies.ranks import END, Ranking
from opsconductor.inventory.graph import CONFIDENCE_FLOOR
from tests.fakes.netbox.estate import Estate
from tests.support.connectors.netbox_scene import scene_of
from tests.support.connectors.netbox_stage import assembled, dependency, needed


def campus() -> tuple[Estate, dict[str, int]]:
    """Make two cores, a distribution and an access switch with two uplinks, and a camera."""
    estate = Estate()
    roles = {
        "core1": "core-switch",
        "core2": "core-switch",
        "dist1": "distribution",
        "acc1": "access",
        "cam1": "ip-camera",
    }
    devices = {
        name: estate.device(name, role, f"10.0.0.{number}/24")
        for number, (name, role) in enumerate(roles.items(), start=1)
    }
    estate.uplink(devices["core1"], devices["core2"])
    for core in ("core1", "core2"):
        estate.uplink(devices["dist1"], devices[core])
    estate.uplink(devices["acc1"], devices["dist1"])
    estate.uplink(devices["cam1"], devices["acc1"])
    return estate, devices


def test_devices_need_those_of_better_rank() -> None:
    """Cables are directed from end device to core; two cores of the same rank do not need each other."""
    estate, _ = campus()
    assert needed(estate) == {"dist1": ["core1", "core2"], "acc1": ["dist1"], "cam1": ["acc1"]}


def test_a_dependency_describes_how_it_was_found() -> None:
    """Confidence and description are those of one cable between two ports."""
    estate, _ = campus()
    found = dependency(assembled(estate).inventory, "acc1", "dist1")
    assert found.confidence == 0.95
    assert found.description == "cable 4, acc1 eth12 to dist1 eth13"
    assert found.via_resources == ()


def test_roots_direct_by_distance() -> None:
    """With named roots the distance from them counts, whatever the roles say; equal distances give none."""
    estate, devices = campus()
    estate.uplink(devices["cam1"], devices["dist1"])
    assert needed(estate, "cam1") == {
        "acc1": ["cam1"],
        "dist1": ["cam1"],
        "core1": ["dist1"],
        "core2": ["dist1"],
    }


def test_roots_that_are_not_there_are_reported() -> None:
    """A name that no device in service has is reported, and ranks direct what no root reaches."""
    estate, _ = campus()
    found = assembled(estate, "core9")
    assert found.missing_roots == ("core9",)
    assert needed(estate, "core9") == needed(estate)


def test_configured_ranks_come_first() -> None:
    """The operator's own slugs and patterns win over the built-in ones."""
    estate, _ = campus()
    assert needed(estate, ranks={"ip-cam*": 5})["acc1"] == ["cam1", "dist1"]


def test_lags_and_parallel_cables_are_one_dependency() -> None:
    """Several cables between the same two are one dependency by several ports, where all are known."""
    estate = Estate()
    core, access = (
        estate.device("core1", "core", "10.0.0.1/24"),
        estate.device("acc1", "access", "10.0.0.2/24"),
    )
    for number in (7, 8):
        far = estate.port(core, f"Te1/{number}", custom_fields={"ifindex": number})
        estate.cable(estate.port(access, f"Gi1/{number}"), far)
    found = dependency(assembled(estate).inventory, "acc1", "core1")
    assert found.via_resources == ("ifIndex=7", "ifIndex=8")
    assert found.description == "cable 1, acc1 Gi1/7 to core1 Te1/7, and 1 more"
    estate.uplink(access, core)
    assert dependency(assembled(estate).inventory, "acc1", "core1").via_resources == ()


def test_panels_and_circuits_are_passed() -> None:
    """A path through patch panels and a circuit leads to the port at its end, a little less certain."""
    estate = Estate()
    core, access = (
        estate.device("core1", "core", "10.0.0.1/24"),
        estate.device("acc1", "access", "10.0.0.2/24"),
    )
    [(front, rear)], [(far_front, far_rear)] = estate.panel("panel-a", 1), estate.panel("panel-b", 1)
    circuit = estate.add("circuits.circuit", name="C-1")
    sides = [
        (
            "circuits.circuittermination",
            estate.add("circuits.circuittermination", circuit=circuit, term_side=side),
        )
        for side in "AZ"
    ]
    estate.cable(estate.port(access, "up"), front)
    estate.cable(rear, sides[0])
    estate.cable(sides[1], far_rear)
    estate.cable(far_front, estate.port(core, "down"))
    found = dependency(assembled(estate).inventory, "acc1", "core1")
    assert found.confidence == 0.9
    assert found.description == "cable 1, acc1 up through panels, circuits or radio to core1 down"


def test_a_cable_that_is_only_planned_carries_nothing() -> None:
    """Neither planned cables nor planned devices count as a second way."""
    estate, devices = campus()
    estate.uplink(devices["acc1"], devices["core1"], status="planned")
    planned = estate.device("core3", "core", "10.0.0.9/24", status="planned")
    estate.uplink(devices["acc1"], planned)
    assert needed(estate)["acc1"] == ["dist1"]


def test_devices_without_an_address_pass_on() -> None:
    """A media converter or unmanaged switch without an address is only a part of the way."""
    estate, devices = campus()
    converter = estate.device("mc1", "media-converter")
    dumb = estate.device("dumb1", "unmanaged-switch")
    pc = estate.device("pc1", "workstation", "10.0.0.20/24")
    estate.uplink(pc, dumb)
    estate.uplink(dumb, converter)
    estate.uplink(converter, devices["acc1"])
    found = assembled(estate).inventory
    assert needed(estate)["pc1"] == ["acc1"]
    assert dependency(found, "pc1", "acc1").description.endswith("through mc1, dumb1 to acc1 eth22")
    assert dependency(found, "pc1", "acc1").confidence == 0.75


def test_a_switch_without_an_address_is_what_a_server_needs() -> None:
    """It has a name and a role with a rank: alerts of it are causes, and it needs the devices above it."""
    estate, devices = campus()
    switch, server = estate.device("acc9", "access"), estate.device("srv9", "server", "10.0.0.90/24")
    estate.uplink(server, switch)
    estate.uplink(switch, devices["dist1"])
    assert needed(estate)["srv9"] == ["acc9"]
    assert needed(estate)["acc9"] == ["dist1"]
    scene = scene_of(assembled(estate).inventory, settle_time="0s")
    scene.problem(None, "network_unreachable", "critical", device_name="acc9.example.net")
    scene.problem("10.0.0.90", "network_unreachable", "critical")
    assert (
        scene.alert("10.0.0.90", "network_unreachable").correlated_to_id
        == scene.alert(None, "network_unreachable").id
    )
    assert scene.alert(None, "network_unreachable").device_name == "acc9"
    assert len(scene.sent()) == 1


def test_a_switch_without_an_address_beside_one_of_its_rank_is_passed() -> None:
    """Equal ranks give no dependency, so a device behind it needs the one with the address."""
    estate, devices = campus()
    switch, server = estate.device("acc9", "access"), estate.device("srv9", "server", "10.0.0.90/24")
    estate.uplink(server, switch)
    estate.uplink(switch, devices["acc1"])
    assert needed(estate)["srv9"] == ["acc1"]


def test_shared_names_are_distinguished() -> None:
    """By the site, else by the id in NetBox; one with an address keeps the plain name."""
    estate = Estate()
    ups = [estate.device("ups1", "ups", site=site) for site in ("A", "B", "B")]
    for each in ups:
        estate.port(each, "out", "dcim.poweroutlet")
    estate.device("Ups1", "ups", "10.0.0.1/24", site="C")
    found = assembled(estate).inventory.devices
    names = ["Ups1", "ups1 (A)", f"ups1 (NetBox {ups[1]})", f"ups1 (NetBox {ups[2]})"]
    assert sorted(each.key if each.ip_address is None else each.name for each in found) == sorted(names)


def test_panels_are_not_listed() -> None:
    """They have no address and nothing that could fail."""
    estate = Estate()
    list(estate.panel("panel1", 2))
    found = assembled(estate)
    assert (found.inventory.devices, found.not_listed) == ((), 1)


def test_servers_without_an_address_pass_nothing_on() -> None:
    """A server that is cabled to two switches is no path between them."""
    estate, devices = campus()
    server = estate.device("srv1", "server")
    estate.uplink(server, devices["acc1"])
    estate.uplink(server, devices["core1"])
    assert needed(estate)["acc1"] == ["dist1"]


def test_a_providers_network_is_passed() -> None:
    """A branch needs the core at the other side of the provider's cloud."""
    estate = Estate()
    cloud = estate.add("circuits.providernetwork", name="MPLS")
    core, branch = (
        estate.device("core1", "core", "10.0.0.1/24"),
        estate.device("br1", "router", "10.0.0.2/24"),
    )
    for number, device in enumerate((core, branch)):
        circuit = estate.add("circuits.circuit", name=f"C-{number}")
        near = estate.add("circuits.circuittermination", circuit=circuit, term_side="A")
        estate.add("circuits.circuittermination", circuit=circuit, term_side="Z", provider_network=cloud)
        estate.cable(estate.port(device, "wan"), ("circuits.circuittermination", near))
    found = dependency(assembled(estate).inventory, "br1", "core1")
    assert found.confidence == 0.6
    assert "through MPLS" in found.description


def test_a_stack_is_one_device() -> None:
    """The uplinks of a member without an address are those of the master that answers for it."""
    estate, devices = campus()
    chassis = estate.add("dcim.virtualchassis", name="stack1", master=devices["acc1"])
    estate.change("dcim.device", devices["acc1"], virtual_chassis=chassis)
    member = estate.device("acc1-2", "access", virtual_chassis=chassis)
    phone = estate.device("phone1", "phone", "10.0.0.30/24")
    estate.uplink(member, devices["core2"])
    estate.uplink(phone, member)
    assert needed(estate)["acc1"] == ["core2", "dist1"]
    assert needed(estate)["phone1"] == ["acc1"]


def test_a_member_with_an_address_needs_its_master() -> None:
    """Stack members that can be reached themselves depend on the master."""
    estate, devices = campus()
    chassis = estate.add("dcim.virtualchassis", name="stack1", master=devices["acc1"])
    estate.device("acc1-2", "access", "10.0.0.31/24", virtual_chassis=chassis)
    assert needed(estate)["acc1-2"] == ["acc1"]


def test_a_stack_answers_by_whichever_member_has_an_address() -> None:
    """A master without an address, or no master at all, leaves it to the first member that has one."""
    estate, devices = campus()
    chassis = estate.add("dcim.virtualchassis", name="stack1")
    estate.change("dcim.device", devices["acc1"], virtual_chassis=chassis)
    member = estate.device("acc1-2", "access", virtual_chassis=chassis)
    estate.uplink(member, devices["core2"])
    assert needed(estate)["acc1"] == ["core2", "dist1"]
    estate.change("dcim.virtualchassis", chassis, master=member)
    assert needed(estate)["acc1"] == ["core2", "dist1"]


def test_data_links_count_whatever_port_the_main_address_is_on() -> None:
    """A switch managed out of band needs its cabled neighbours; the management switch only reaches it."""
    estate, devices = campus()
    management = estate.device("oob1", "access", "10.9.0.1/24")
    switch = estate.device("acc2", "access", "10.0.0.40/24")
    estate.uplink(switch, devices["dist1"])
    main = estate.of("ipam.ipaddress")[estate.of("dcim.device")[switch]["primary_ip4"]]["owner"]
    estate.change("dcim.interface", main[1], mgmt_only=True)
    assert needed(estate)["acc2"] == ["dist1"]
    estate.cable(main, estate.port(management, "1"))
    assert needed(estate)["acc2"] == ["dist1", "oob1"]
    found = assembled(estate).inventory
    assert dependency(found, "acc2", "dist1").confidence >= 0.9
    assert dependency(found, "acc2", "oob1", "management").confidence >= CONFIDENCE_FLOOR
    scene = scene_of(found, settle_time="0s")
    scene.problem("10.9.0.1", "network_unreachable", "critical")
    scene.problem("10.0.0.40", "network_unreachable", "critical")
    scene.problem("10.0.0.40", "network_link_down", "critical", "ifIndex=9")
    unreachable = scene.alert("10.0.0.40", "network_unreachable")
    assert unreachable.correlated_to_id == scene.alert("10.9.0.1", "network_unreachable").id
    assert str(scene.alert("10.0.0.40", "network_link_down", "ifIndex=9").status) == "active"
    assert scene.sent() == ["problem 10.9.0.1", "problem 10.0.0.40"]


def test_a_device_with_a_management_port_alone_needs_what_that_is_cabled_to() -> None:
    """It has no other link, so its only path is the management network, which does not need it."""
    estate = Estate()
    management = estate.device("oob1", "distribution", "10.9.0.1/24")
    console = estate.device("acc2", "access", "10.0.0.40/24")
    main = estate.of("ipam.ipaddress")[estate.of("dcim.device")[console]["primary_ip4"]]["owner"]
    estate.change("dcim.interface", main[1], mgmt_only=True)
    estate.cable(main, estate.port(management, "1"))
    assert needed(estate) == {"acc2": ["oob1"]}
    assert dependency(assembled(estate).inventory, "acc2", "oob1").confidence >= 0.9


def test_virtual_machines_need_their_host() -> None:
    """A pinned one needs its host or that host's uplinks, another one any of the hosts of its cluster."""
    estate, devices = campus()
    cluster = estate.add("virtualization.cluster", name="vm-cluster")
    hosts = [
        estate.device(f"esx{number}", "server", f"10.0.1.{number}/24", cluster=cluster) for number in (1, 2)
    ]
    bare = estate.device("esx3", "server")
    estate.uplink(bare, devices["acc1"])
    estate.guest("pinned", "10.0.2.1/24", device=hosts[0], cluster=cluster)
    estate.guest("wandering", "10.0.2.2/24", cluster=cluster)
    estate.guest("beyond", "10.0.2.3/24", device=bare)
    estate.guest("planned", "10.0.2.4/24", device=hosts[0], status="planned")
    found = needed(estate)
    assert found["pinned"] == ["esx1"]
    assert found["wandering"] == ["esx1", "esx2"]
    assert found["beyond"] == ["esx3"]
    assert found["esx3"] == ["acc1"]
    assert "planned" not in found


@pytest.mark.parametrize(
    ("slug", "rank"),
    [
        ("core-switch", 10),
        ("campus-core", 10),
        ("spine", 10),
        ("wan-router", 20),
        ("firewall", 20),
        ("distribution", 30),
        ("agg-switch", 30),
        ("access-switch", 40),
        ("leaf", 40),
        ("tor-switch", 40),
        ("wireless-access-point", 60),
        ("ap", 60),
        ("server", 80),
        ("storage", 80),
        ("storage-switch", 40),
        ("edge-router", 20),
        ("automatic-transfer-switch", 80),
        ("access-control-panel", 80),
        ("ups", 80),
        ("score-board", END),
    ],
)
def test_usual_roles_have_ranks(slug: str, rank: int) -> None:
    """Common names of roles have the right rank."""
    assert Ranking({}).of(slug).number == rank


def test_unknown_roles_make_less_sure() -> None:
    """A role that fits no pattern is taken for an end device, and confidence shows that it was assumed."""
    estate, devices = campus()
    estate.uplink(estate.device("thing1", "thing", "10.0.0.50/24"), devices["acc1"])
    assert dependency(assembled(estate).inventory, "thing1", "acc1").confidence == 0.8


def test_a_switch_of_an_unknown_role_needs_no_end_device() -> None:
    """Its own servers and access points do not provide it; a router does. The role is a remark."""
    estate = Estate()
    router = estate.device("gw", "router", "10.0.0.1/24")
    switch = estate.device("lan", "lan-node", "10.0.0.2/24")
    server = estate.device("srv", "server", "10.0.0.3/24")
    point = estate.device("ap", "access-point", "10.0.0.4/24")
    estate.uplink(switch, router)
    estate.uplink(server, switch)
    estate.uplink(point, switch)
    assert needed(estate) == {"lan": ["gw"]}
    [remark] = assembled(estate).inventory.remarks
    assert "lan-node (1)" in remark
    assert needed(estate, ranks={"lan-node": 40}) == {"lan": ["gw"], "srv": ["lan"], "ap": ["lan"]}
    assert assembled(estate, ranks={"lan-node": 40}).inventory.remarks == ()


def test_nested_roles_take_the_rank_of_their_parent() -> None:
    """A role two levels below `access` is an access switch, unless its own slug has another rank."""
    estate = Estate()
    switch = estate.device("lan", "lan-node", "10.0.0.2/24")
    server = estate.device("srv", "server", "10.0.0.3/24")
    estate.uplink(server, switch)
    assert needed(estate) == {}
    roles = {row["slug"]: key for key, row in estate.of("dcim.devicerole").items()}
    floor = estate.named("dcim.devicerole", "floor", parent=estate.named("dcim.devicerole", "access"))
    estate.change("dcim.devicerole", roles["lan-node"], parent=floor)
    assert needed(estate) == {"srv": ["lan"]}
    assert assembled(estate).inventory.remarks == ()
    assert dependency(assembled(estate).inventory, "srv", "lan").confidence == 0.95
    assert needed(estate, ranks={"lan-node": 85}) == {"lan": ["srv"]}


def test_nested_roles_in_a_circle_end() -> None:
    """Roles that are below one another, which NetBox does not allow, have no rank."""
    estate = Estate()
    estate.device("lan", "lan-node", "10.0.0.2/24")
    first, second = (estate.named("dcim.devicerole", name) for name in ("lan-node", "floor"))
    estate.change("dcim.devicerole", first, parent=second)
    estate.change("dcim.devicerole", second, parent=first)
    assert needed(estate) == {}


def test_other_ranks_or_roots_are_other_rules() -> None:
    """Dependencies of the former rules are removed at once."""
    estate = Estate()
    estate.device("gw", "router", "10.0.0.1/24")
    rules = [
        assembled(estate, *roots, ranks=ranks).inventory.rules
        for roots, ranks in (((), None), (("gw",), None), ((), {"lan-node": 40}))
    ]
    assert len(set(rules)) == 3
    assert assembled(estate).inventory.rules == rules[0]
