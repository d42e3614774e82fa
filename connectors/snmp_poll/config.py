"""Configuration of the SNMP poller: devices, access and checks."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.snmp_poll.definition import INTERFACE_TYPES, CheckDefinition, built_in_checks
from opsconductor.connector.settings.duration import PositiveDuration
from opsconductor.model.inventory.device import Device
from opsconductor.snmp.security.access import SnmpAccess

Address = IPv4Address | IPv6Address


class Selection(BaseModel):
    """Devices of the inventory; all given conditions must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: str | None = None
    """The device's site."""

    role: str | None = None
    """The device's role."""

    tag: str | None = None
    """One of the device's tags."""

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if self.site is self.role is self.tag is None:
            raise ValueError(
                "give at least one of site, role and tag; otherwise every device would be polled"
            )
        return self

    def takes(self, device: Device) -> bool:
        """Return True if a device meets the conditions."""
        return (
            self.site in (None, device.site)
            and self.role in (None, device.role)
            and (self.tag is None or self.tag in device.tags)
        )


class PollTarget(SnmpAccess):
    """Devices that are polled in the same way: listed, or selected from the inventory."""

    addresses: tuple[Address, ...] = ()
    """IP addresses; or `inventory`."""

    inventory: Selection | None = None
    """`site`, `role`, `tag`: all devices of the current inventory that match."""

    port: int = Field(default=161, ge=1, le=65_535)
    """UDP port. Default 161, the standard port."""

    poll_interval: PositiveDuration | None = None
    """Poll interval; null (default): `poll_interval` of the connector."""

    checks: tuple[str, ...] | None = None
    """Names of the checks, built-in or custom; null (default): all."""

    without: tuple[str, ...] = ()
    """Names of checks to leave out. Default none."""

    @model_validator(mode="after")
    def _names_devices(self) -> Self:
        if bool(self.addresses) == bool(self.inventory):
            raise ValueError("give either addresses or inventory")
        return self


class SnmpPollConfig(BaseModel):
    """Which devices are polled, how often, and by which checks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    targets: tuple[PollTarget, ...] = Field(min_length=1)
    """Devices to poll. The first target that contains a device applies."""

    poll_interval: PositiveDuration = timedelta(seconds=60)
    """Poll interval. Default 60s: quick enough for operators, and no burden on old devices."""

    timeout: PositiveDuration = timedelta(seconds=2)
    """Seconds to wait for one answer, for targets without a timeout of their own. Default 2."""

    retries: int = Field(default=1, ge=0, le=10)
    """Retries of a request, for targets without retries of their own. Default 1."""

    misses: int = Field(default=3, ge=1, le=20)
    """Consecutive polls without an answer after which a device counts as unreachable. Default 3; after the
    first miss it is polled every 10s, so that this takes half a minute instead of three.
    """

    jitter: PositiveDuration | None = None
    """Time over which the first polls are spread; null (default): `poll_interval`, for an even load."""

    max_in_flight: int = Field(default=200, ge=1, le=10_000)
    """Requests in flight, over all devices; one device gets one request at a time.
    Default 200: a hundred dead devices delay no others.
    """

    interface_types: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] = Field(
        default=INTERFACE_TYPES, min_length=1, max_length=60
    )
    """Types (ifType, numbers of IANAifType-MIB) of the interfaces whose load and errors the
    built-in check `interface_load` monitors. Default: types with a meaningful speed, see README; no
    loopback, tunnel, VLAN or other virtual interface.
    """

    checks: tuple[CheckDefinition, ...] = ()
    """Custom checks, besides the built-in ones; one with the name of a built-in check replaces it."""

    @model_validator(mode="after")
    def _knows_its_checks(self) -> Self:
        names = [check.name for check in self.checks]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"checks has {', '.join(twice)} twice")
        known = self.all_checks
        for target in self.targets:
            unknown = sorted({*(target.checks or ()), *target.without} - set(known))
            if unknown:
                raise ValueError(f"{', '.join(unknown)}: no such check; expected {', '.join(sorted(known))}")
        return self

    @property
    def all_checks(self) -> Mapping[str, CheckDefinition]:
        """Built-in and custom checks by name."""
        return {**built_in_checks(self.interface_types), **{check.name: check for check in self.checks}}

    def checks_of(self, target: PollTarget) -> tuple[CheckDefinition, ...]:
        """Return the checks of a target."""
        known = self.all_checks
        names = known if target.checks is None else target.checks
        return tuple(known[name] for name in names if name not in target.without)

    def access_of(self, target: PollTarget) -> SnmpAccess:
        """Return the access settings of a target, with the connector's defaults filled in."""
        own = target.model_fields_set
        inherited = {name: getattr(self, name) for name in ("timeout", "retries") if name not in own}
        return target.model_copy(update=inherited)

    def devices_of(self, inventory: tuple[Device, ...]) -> Iterator[tuple[str, str | None, PollTarget]]:
        """Return the devices to poll: address, name if known, and target; each address once."""
        names = {device.ip_address: device.name for device in inventory}
        taken: set[tuple[str, int]] = set()
        for target in self.targets:
            listed = [str(address) for address in target.addresses]
            if target.inventory is not None:
                taken_in = filter(target.inventory.takes, inventory)
                listed = [device.ip_address for device in taken_in if device.ip_address]
            for address in listed:
                if (address, target.port) not in taken:
                    taken.add((address, target.port))
                    yield address, names.get(address), target
