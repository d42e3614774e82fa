"""Networks of any size on a stage of the API: cores, distribution, access, power."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from opsconductor.config.settings import EngineSettings
from opsconductor.engine.engine import Engine
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.enums import DependencyType, Severity
from opsconductor.model.inventory.device import Dependency, Device
from tests.support.api.api_stage import Stage, problem

IDS = UUID(int=7)


@dataclass(frozen=True, kw_only=True)
class Network:
    """Two cores, so many distribution switches below them, so many access switches below each of those."""

    devices: tuple[Device, ...]
    dependencies: tuple[Dependency, ...]


def device(address: str | None, name: str, **fields: object) -> Device:
    """Make a device whose id follows from its name."""
    return Device(id=uuid5(IDS, name), ip_address=address, name=name, **fields)  # type: ignore[arg-type]


def network(distributions: int, access: int) -> Network:
    """Make a network; every second access switch has power from the UPS of its distribution switch."""
    devices = [device(f"10.0.0.{number}", f"core-{number}", site="north", role="core") for number in (1, 2)]
    needs: list[Dependency] = []
    for number in range(1, distributions + 1):
        switch, ups = f"10.{number}.0.1", f"10.{number}.0.2"
        site = "north" if number % 2 else "south"
        devices += [
            device(switch, f"dist-{number:02}-berlin", site=site, role="distribution"),
            device(ups, f"ups-{number:02}", site=site, role="ups", device_type="ups"),
        ]
        needs += [need(switch, f"10.0.0.{core}", via=(f"ifIndex={number}",)) for core in (1, 2)]
        for port in range(access):
            address = f"10.{number}.1.{port + 1}"
            devices.append(device(address, f"access-{number:02}-{port + 1:03}", site=site, role="access"))
            needs.append(need(address, switch))
            if port % 2:
                needs.append(need(address, ups, DependencyType.POWER))
    return Network(devices=tuple(devices), dependencies=tuple(needs))


def need(
    name: str, provider: str, kind: DependencyType = DependencyType.NETWORK, *, via: tuple[str, ...] = ()
) -> Dependency:
    """Declare that a device needs another one."""
    return Dependency(device_ip=name, depends_on_ip=provider, dependency_type=kind, via_resources=via)


async def use_network(stage: Stage, given: Network) -> None:
    """Put a network into force on a stage, before its API is used."""
    stage.inventory = InventorySnapshot(given.devices, given.dependencies)
    settings = EngineSettings(settle_time=timedelta(0))
    stage.engine = Engine(settings, stage.inventory, ())
    stage.engine.load((), datetime.now(UTC))


async def cut(stage: Stage, address: str, *, is_over: bool = False) -> None:
    """Make a device fail, or come back."""
    await stage.report(
        problem(
            "Unreachable",
            device_ip=address,
            resource="",
            severity=Severity.CLEAR if is_over else Severity.CRITICAL,
            is_clear=is_over,
            alert_type="network_unreachable",
            is_cutting=True,
        )
    )
