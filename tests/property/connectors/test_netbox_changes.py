"""Laws of the NetBox inventory: following the changelog has the result of a full sync."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.netbox.assembly import assemble
from connectors.netbox.dependencies.ranks import Ranking
from connectors.netbox.mirror import Mirror
from connectors.netbox.reading import Progress
from tests.fakes.netbox.estate import START, End, Estate
from tests.fakes.netbox.filters import filtered
from tests.fakes.netbox.server import KINDS
from tests.fakes.netbox.shapes import Shown
from tests.support.connectors.netbox_stage import assembled

ROLES = ("core", "distribution", "access", "server", "media-converter")


class Straight:
    """Reads an estate as the client does, without a server between."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._shown = Shown(estate, "https://netbox.example.net")

    def read(
        self, path: str, parse: Callable[[Any], Any], seen: Callable[[], None] = lambda: None, **query: Any
    ) -> dict[int, Any]:
        """Read a list."""
        kind, fields = KINDS[path], query.pop("fields").split(",")
        asked: Mapping[str, list[str]] = {
            name: [str(each) for each in (value if isinstance(value, list) else [value])]
            for name, value in query.items()
        }
        rows = [self._shown.row(kind, row, fields=fields) for row in filtered(self._estate, kind, asked)]
        for _ in rows:
            seen()
        return {row["id"]: parsed for row in rows if (parsed := parse(row)) is not None}

    def may_view(self, _path: str) -> bool:
        """Allow everything."""
        return True

    def newest(self, path: str, parse: Callable[[Any], Any], fields: str = "") -> Any:
        """Read the last row of a list."""
        rows = self._estate.of(KINDS[path])
        if not rows:
            return None
        return parse(
            self._shown.row(KINDS[path], rows[max(rows)], fields=fields.split(",") if fields else ())
        )


class Hands:
    """An operator who edits a NetBox at random."""

    def __init__(self, estate: Estate, draw: st.DataObject) -> None:
        self.estate = estate
        self._draw = draw
        self._numbers = count(1)
        self._ready: list[tuple[End, End]] = []

    def pick(self, found: list[Any]) -> Any:
        """Choose one."""
        return self._draw.draw(st.sampled_from(found))

    def some(self, kind: str) -> int | None:
        """Choose a row of a type; None: there is none."""
        rows = sorted(self.estate.of(kind))
        return self.pick(rows) if rows else None

    def work(self) -> None:
        """Do one thing."""
        what = self.pick(
            ["device", "cable", "pull", "pull", "plan", "patch", "patch", "plug", "power", "guest"]
        )
        more = self.pick(
            ["rename", "delete", "address", "chassis", "role", "unassign", "whole", "none", "none"]
        )
        getattr(self, f"_{what}")()
        getattr(self, f"_{more}")()

    def _device(self) -> None:
        number = next(self._numbers)
        address = f"10.0.{number >> 8}.{number & 255}/16" if self.pick([True, True, False]) else None
        self.estate.device(f"d{number}", self.pick(list(ROLES)), address)

    def _cable(self) -> None:
        a, b = self.some("dcim.device"), self.some("dcim.device")
        if a is not None and b is not None and a != b:
            self.estate.uplink(a, b)

    def _pull(self) -> None:
        cable = self.some("dcim.cable")
        if cable is not None:
            self.estate.remove("dcim.cable", cable)

    def _plan(self) -> None:
        cable = self.some("dcim.cable")
        if cable is not None:
            self.estate.change("dcim.cable", cable, status=self.pick(["planned", "connected"]))

    def _patch(self) -> None:
        """Prepare a path from device to device over two panels or a circuit, and plug in its first cable."""
        a, b = self.some("dcim.device"), self.some("dcim.device")
        if a is None or b is None or a == b:
            return
        [(front, rear)] = self.estate.panel(f"panel{next(self._numbers)}", 1)
        [(far_front, far_rear)] = self.estate.panel(f"panel{next(self._numbers)}", 1)
        ways = [
            (self.estate.port(a, f"p{front[1]}"), front),
            (far_front, self.estate.port(b, f"p{far_front[1]}")),
        ]
        if self.pick([True, False]):
            near, far = self._circuit()
            ways += [(rear, near), (far, far_rear)]
        else:
            ways.append((rear, far_rear))
        self._ready += self._draw.draw(st.permutations(ways))
        self._plug()

    def _plug(self) -> None:
        """Plug in a prepared cable, if its ends still exist."""
        while self._ready:
            a, b = self._ready.pop(0)
            if all(key in self.estate.of(kind) for kind, key in (a, b)):
                self.estate.cable(a, b)
                return

    def _circuit(self) -> tuple[End, End]:
        circuit = self.estate.add("circuits.circuit", name=f"C{next(self._numbers)}")
        kind = "circuits.circuittermination"
        near, far = (self.estate.add(kind, circuit=circuit, term_side=side) for side in "AZ")
        return (kind, near), (kind, far)

    def _power(self) -> None:
        device, strip = self.some("dcim.device"), self.some("dcim.device")
        if device is not None and strip is not None and device != strip:
            name = f"psu{next(self._numbers)}"
            outlet = self.estate.port(strip, name, "dcim.poweroutlet", power_port=None)
            self.estate.cable(self.estate.port(device, name, "dcim.powerport"), outlet)

    def _guest(self) -> None:
        number = next(self._numbers)
        host = self.some("dcim.device")
        self.estate.guest(f"vm{number}", f"10.1.{number >> 8}.{number & 255}/16", device=host)

    def _rename(self) -> None:
        device = self.some("dcim.device")
        if device is not None:
            status = self.pick(["active", "planned", "offline"])
            self.estate.change("dcim.device", device, name=f"n{next(self._numbers)}", status=status)

    def _delete(self) -> None:
        device = self.some("dcim.device")
        if device is not None:
            for key, row in self.estate.of("virtualization.virtualmachine").items():
                if row.get("device") == device:
                    self.estate.change("virtualization.virtualmachine", key, device=None)
            for key, row in self.estate.of("dcim.virtualchassis").items():
                if row.get("master") == device:
                    self.estate.change("dcim.virtualchassis", key, master=None)
            self.estate.remove("dcim.device", device)

    def _address(self) -> None:
        address = self.some("ipam.ipaddress")
        if address is not None:
            number = next(self._numbers)
            self.estate.change("ipam.ipaddress", address, address=f"10.2.{number >> 8}.{number & 255}/16")

    def _unassign(self) -> None:
        address = self.some("ipam.ipaddress")
        if address is not None:
            self.estate.remove("ipam.ipaddress", address)

    def _chassis(self) -> None:
        master, member = self.some("dcim.device"), self.some("dcim.device")
        if master is not None and member is not None:
            key = self.estate.add("dcim.virtualchassis", name="stack", master=master)
            for device in {master, member}:
                self.estate.change("dcim.device", device, virtual_chassis=key)

    def _role(self) -> None:
        role = self.some("dcim.devicerole")
        if role is not None:
            self.estate.change("dcim.devicerole", role, slug=self.pick(list(ROLES)))

    def _whole(self) -> None:
        site = self.some("dcim.site")
        if site is not None:
            self.estate.change("dcim.site", site, name=f"Site {next(self._numbers)}")

    def _none(self) -> None:
        pass


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_catching_up_is_as_good_as_reading_everything(data: st.DataObject) -> None:
    """Following the changelog leads to the inventory of a full sync, whatever the edits."""
    asyncio.run(follow(data))


async def follow(data: st.DataObject) -> None:
    """Work on a NetBox, and follow it."""
    estate = Estate()
    hands = Hands(estate, data)
    for _ in range(8):
        hands._device()
    for _ in range(4):
        hands._patch()
    client: Any = Straight(estate)
    mirror = Mirror("ifindex")
    await mirror.read_all(client, Progress("netbox"))
    for _ in range(data.draw(st.integers(2, 8))):
        for _ in range(data.draw(st.integers(1, 5))):
            hands.work()
        await mirror.catch_up(client, Progress("netbox"))
        followed = assemble(mirror.holdings, Ranking({}), (), START)
        assert followed == assembled(estate)
