"""Configuration of the SNMP poller: whom to ask, how, and what for."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.snmp_poll.definition import INTERFACE_TYPES, CheckDefinition, built_in_checks
from opsconductor.connector.duration import PositiveDuration
from opsconductor.model.device import Device
from opsconductor.snmp.security.access import SnmpAccess

Address = IPv4Address | IPv6Address


class Selection(BaseModel):
    """Devices of the inventory; all conditions that are given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    site: str | None = None
    """The device's site."""

    role: str | None = None
    """The device's role."""

    tag: str | None = None
    """One of the device's tags."""

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if self.site is self.role is self.tag is None:
            raise ValueError("at least one of site, role and tag, or every device would be asked")
        return self

    def takes(self, device: Device) -> bool:
        """Tell whether a device is meant."""
        return (
            self.site in (None, device.site)
            and self.role in (None, device.role)
            and (self.tag is None or self.tag in device.tags)
        )


class PollTarget(SnmpAccess):
    """Devices that are asked in the same way: listed, or selected from the inventory."""

    addresses: tuple[Address, ...] = ()
    """IP addresses; or `inventory`."""

    inventory: Selection | None = None
    """`site`, `role`, `tag`: all devices of the inventory that have them, as it is at the time."""

    port: int = Field(default=161, ge=1, le=65_535)
    """UDP port. Default 161, which the standard says."""

    poll_interval: PositiveDuration | None = None
    """How often; null (default): as `poll_interval` of the connector."""

    checks: tuple[str, ...] | None = None
    """Names of the checks, built-in or own; null (default): all."""

    without: tuple[str, ...] = ()
    """Names of checks that are left out. None by default."""

    @model_validator(mode="after")
    def _names_devices(self) -> Self:
        if bool(self.addresses) == bool(self.inventory):
            raise ValueError("either addresses or inventory")
        return self


class SnmpPollConfig(BaseModel):
    """Whom to ask, how often, and what for."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    targets: tuple[PollTarget, ...] = Field(min_length=1)
    """Whom to ask. Of a device that several name, the first decides."""

    poll_interval: PositiveDuration = timedelta(seconds=60)
    """How often a device is asked. Default 60s: soon enough for people, seldom enough for old devices."""

    timeout: PositiveDuration = timedelta(seconds=2)
    """Seconds to wait for one answer, for targets that do not say so themselves. Default 2."""

    retries: int = Field(default=1, ge=0, le=10)
    """How often a question is repeated, for targets that do not say so themselves. Default 1."""

    misses: int = Field(default=3, ge=1, le=20)
    """After so many polls in a row without an answer a device counts as unreachable. Default 3; after the
    first miss it is asked every 10s, so that it takes half a minute and not three."""

    jitter: PositiveDuration | None = None
    """The first polls are spread over so long; null (default): over `poll_interval`, so that the load is
    even."""

    max_in_flight: int = Field(default=200, ge=1, le=10_000)
    """Questions on their way at a time, over all devices; one device is asked one question at a time.
    Default 200: a hundred dead devices hold up nobody."""

    interface_types: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] = Field(
        default=INTERFACE_TYPES, min_length=1, max_length=60
    )
    """Types (ifType, numbers of IANAifType-MIB) of the interfaces whose load and errors are looked at by
    the built-in check `interface_load`. Default: those whose speed means something, see README; no
    loopback, tunnel, VLAN or other virtual interface."""

    checks: tuple[CheckDefinition, ...] = ()
    """Checks of your own, beside the built-in ones; one with the name of a built-in one replaces it."""

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
                raise ValueError(f"{', '.join(unknown)}: no such check; there are {', '.join(sorted(known))}")
        return self

    @property
    def all_checks(self) -> Mapping[str, CheckDefinition]:
        """Built-in and own checks by name."""
        return {**built_in_checks(self.interface_types), **{check.name: check for check in self.checks}}

    def checks_of(self, target: PollTarget) -> tuple[CheckDefinition, ...]:
        """List the checks of a target."""
        known = self.all_checks
        names = known if target.checks is None else target.checks
        return tuple(known[name] for name in names if name not in target.without)

    def access_of(self, target: PollTarget) -> SnmpAccess:
        """Tell how a target is asked, with what the connector says where the target does not."""
        own = target.model_fields_set
        inherited = {name: getattr(self, name) for name in ("timeout", "retries") if name not in own}
        return target.model_copy(update=inherited)

    def devices_of(self, inventory: tuple[Device, ...]) -> Iterator[tuple[str, str | None, PollTarget]]:
        """List whom to ask: address, name where one is known, and how; each address once."""
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
