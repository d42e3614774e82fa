"""A made-up network of any size, the same each time: cores, sites, racks, power."""

from collections.abc import Iterator
from itertools import count

from tests.fakes.netbox.estate import Estate

DEVICES_PER_RACK = 30
RACKS_PER_SITE = 8
GUESTS_PER_HOST = 3


class Builder:
    """Makes one estate; addresses are handed out one after the other."""

    def __init__(self) -> None:
        self.estate = Estate()
        self.estate.keeps_changelog = False
        self._numbers = count(1)

    def address(self) -> str:
        """Hand out the next address."""
        number = next(self._numbers)
        return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}/16"

    def plug(self, device: int, outlets: Iterator[tuple[str, int]], name: str) -> None:
        """Plug a device into the next outlet."""
        self.estate.cable(self.estate.port(device, name, "dcim.powerport"), next(outlets))

    def outlets(self, device: int) -> Iterator[tuple[str, int]]:
        """Create outlets of a device as they are needed."""
        for number in count(1):
            yield self.estate.port(device, f"outlet {number}", "dcim.poweroutlet", power_port=None)


def made_up(devices: int) -> Estate:
    """Make a network of about so many devices, three cables to each."""
    builder = Builder()
    estate = builder.estate
    cores = [estate.device(f"core{n}", "core-switch", builder.address()) for n in (1, 2)]
    estate.uplink(*cores)
    site = 0
    while len(estate.of("dcim.device")) < devices:
        site += 1
        _site(builder, site, cores, devices)
    for key in [key for key, row in estate.of("dcim.device").items() if row.get("cluster")][
        :: 10 * GUESTS_PER_HOST
    ]:
        cluster = estate.of("dcim.device")[key]["cluster"]
        for number in range(GUESTS_PER_HOST):
            estate.guest(
                f"vm{key}-{number}", builder.address(), cluster=cluster, device=key if number else None
            )
    estate.keeps_changelog = True
    return estate


def _site(builder: Builder, number: int, cores: list[int], devices: int) -> None:
    estate, name = builder.estate, f"Site {number}"
    panel = estate.add("dcim.powerpanel", name=f"panel-{number}")
    upses, distribution = [], []
    for side in "ab":
        ups = estate.device(f"s{number}-ups-{side}", "ups", builder.address(), site=name)
        feed = estate.add(
            "dcim.powerfeed", name=f"feed-{side}", power_panel=panel, type="primary", status="active"
        )
        estate.cable(estate.port(ups, "in", "dcim.powerport"), ("dcim.powerfeed", feed))
        upses.append(builder.outlets(ups))
        switch = estate.device(f"s{number}-dist-{side}", "distribution", builder.address(), site=name)
        for core in cores:
            estate.uplink(switch, core)
        builder.plug(switch, upses[-1], "psu1")
        distribution.append(switch)
    for rack in range(1, RACKS_PER_SITE + 1):
        if len(estate.of("dcim.device")) < devices:
            _rack(builder, f"s{number}-r{rack}", name, distribution, upses)


def _rack(
    builder: Builder, name: str, site: str, distribution: list[int], upses: list[Iterator[tuple[str, int]]]
) -> None:
    estate = builder.estate
    place = {"site": site, "rack": estate.add("dcim.rack", name=name)}
    strips, access = [], []
    here = list(estate.panel(f"{name}-panel", 4))
    there = list(estate.panel(f"{name}-panel-far", 4))
    for (_, rear), (_, far_rear) in zip(here, there, strict=True):
        estate.cable(rear, far_rear)
    positions = iter(zip((front for front, _ in here), (front for front, _ in there), strict=True))
    for side, ups in zip("ab", upses, strict=True):
        address = builder.address() if side == "a" else None
        strip = estate.device(f"{name}-pdu-{side}", "pdu", address, **place)
        builder.plug(strip, ups, "in")
        strips.append(builder.outlets(strip))
    for side in "ab":
        switch = estate.device(f"{name}-acc-{side}", "access-switch", builder.address(), **place)
        for number, upstream in enumerate(distribution):
            near, far = next(positions)
            index = {"custom_fields": {"ifindex": number + 1}}
            estate.cable(estate.port(switch, f"up{number}", **index), near)
            estate.cable(far, estate.port(upstream, f"{name}-{side}", **index))
        for number, strip in enumerate(strips):
            builder.plug(switch, strip, f"psu{number}")
        access.append(switch)
    cluster = estate.add("virtualization.cluster", name=name)
    for number in range(DEVICES_PER_RACK - 6):
        is_server = number % 6 != 0
        role = "server" if is_server else "ip-camera"
        group = cluster if is_server and number < 9 else None
        device = estate.device(f"{name}-{role}-{number}", role, builder.address(), cluster=group, **place)
        for switch in access if is_server else access[:1]:
            estate.uplink(device, switch)
        for supply, strip in enumerate(strips) if is_server else ():
            builder.plug(device, strip, f"psu{supply}")
