"""Settings of outgoing connections: the networks that they may reach."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import BeforeValidator, field_validator

from opsconductor.config.section import Section, as_list
from opsconductor.connector.destinations import REFUSED, Destinations, Network

Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(as_list)]


class OutgoingSettings(Section):
    """Networks that outgoing connections may reach: requests over HTTP, e-mail, brokers, directories.

    Link-local addresses and the metadata services of cloud hosts are never connected to. The address is
    checked when the connection is made, so a name that resolves elsewhere later, and a redirect, do not help.
    SNMP is not subject to it: devices are asked where they are.
    """

    private_networks: bool = True
    """Whether private networks and this host may be reached (RFC 1918, RFC 6598, fc00::/7, loopback). True:
    the servers that a NOC notifies are usually its own. False where people who may configure connectors must
    not reach them."""

    refused_networks: Networks = ()
    """Networks (CIDR) that may not be reached, such as one of management interfaces. None by default."""

    allowed_networks: Networks = ()
    """Networks (CIDR) that may be reached even if `refused_networks` contains them or `private_networks` is
    false. None by default."""

    @field_validator("allowed_networks")
    @classmethod
    def _is_allowable(cls, given: tuple[Network, ...]) -> tuple[Network, ...]:
        for network in given:
            if any(network.version == never.version and _is_within(network, never) for never in REFUSED):
                raise ValueError(
                    f"{network} is link-local or a metadata service, which is never connected to"
                )
        return given

    @property
    def destinations(self) -> Destinations:
        """Return what connections are checked against."""
        return Destinations(
            is_private_allowed=self.private_networks,
            allowed=self.allowed_networks,
            refused=self.refused_networks,
        )


def _is_within(network: Network, outer: Network) -> bool:
    return network.network_address in outer and network.broadcast_address in outer
