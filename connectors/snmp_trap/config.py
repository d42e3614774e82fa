"""Configuration of the trap listener."""

from ipaddress import IPv4Network, IPv6Network
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from opsconductor.connector.settings.address import ListenAddress
from opsconductor.snmp.security.access import Snmpv3User

MIB = 1024 * 1024
ANY_COMMUNITY = "*"

Network = IPv4Network | IPv6Network


class SnmpTrapConfig(BaseModel):
    """Addresses to listen on for traps and informs, and the accepted senders."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: tuple[ListenAddress, ...] = Field(default=(ListenAddress("0.0.0.0", 1162),), min_length=1)  # noqa: S104
    """Addresses and ports, `0.0.0.0:162` for IPv4, `[::]:162` for IPv6. Default 1162, because 162
    needs a privilege; a socket that systemd passes for the same port is used instead."""

    communities: tuple[SecretStr, ...] = (SecretStr("public"),)
    """Accepted communities of v1 and v2c. Default `public`, which most devices send; an empty
    list accepts none (SNMPv3 only), `*` accepts every one.
    """

    networks: tuple[Network, ...] = ()
    """Networks (CIDR) of accepted senders; empty (default): every address."""

    snmpv3_users: tuple[Snmpv3User, ...] = ()
    """Users of SNMPv3; empty (default): SNMPv3 is refused."""

    trusted_forwarders: tuple[Network, ...] = ()
    """Networks (CIDR) of proxies whose `snmpTrapAddress.0` is trusted to name the original sender;
    empty (default): none, because any sender can write it.
    """

    receive_buffer_bytes: int = Field(default=16 * MIB, ge=64 * 1024, le=1024 * MIB)
    """Kernel receive buffer in bytes. 16 MiB holds about 26,000 traps, more than a second of a storm
    at 20,000/s.
    """

    @model_validator(mode="after")
    def _listens_once(self) -> Self:
        fixed = [address for address in self.listen if address.port]
        twice = {str(address) for address in fixed if fixed.count(address) > 1}
        if twice:
            raise ValueError(f"listen names {', '.join(sorted(twice))} twice")
        return self
