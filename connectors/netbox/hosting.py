"""Finds what devices need because of where they are: members of stacks, blades, virtual machines."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from connectors.netbox.found import Found
from connectors.netbox.links import IN_SERVICE, Node, node_of, nodes_of
from connectors.netbox.objects import Machine
from connectors.netbox.tables import Holdings
from opsconductor.model.enums import DependencyType

MEMBER, PINNED, CLUSTERED, BEYOND_HOST = 0.9, 0.95, 0.8, 0.7
MOST_HOSTS = 16
"""Of a cluster: more than that do not fail together, and would only make the graph large."""


def stack_dependencies(holdings: Holdings, addresses: Mapping[int, str]) -> Iterator[Found]:
    """Find the stack members with an address of their own: they need their master."""
    for node in nodes_of(holdings, addresses):
        master = node_of(holdings.devices[node].master_id, holdings, addresses)
        if master in addresses and master is not None and master != node:
            text = f"member of the virtual chassis of {holdings.devices[master].name}"
            yield Found(node, master, DependencyType.NETWORK, MEMBER, text)


def guest_dependencies(
    holdings: Holdings, addresses: Mapping[int, str], beyond: Callable[[Node], Iterable[Found]]
) -> Iterator[Found]:
    """Find what virtual machines run on: their host, or one of the hosts of their cluster.

    Args:
        beyond: Finds what a host needs itself, for hosts without an address.
    """
    hosts = _hosts(holdings, addresses)
    for key in sorted(holdings.virtual_machines):
        guest = holdings.virtual_machines[key]
        if guest.id not in addresses or guest.status not in IN_SERVICE:
            continue
        host = node_of(guest.host_id, holdings, addresses)
        if host is not None:
            yield from _pinned(guest, holdings.devices[host], addresses, beyond)
        elif guest.host_id is None:
            alternatives = hosts.get(guest.cluster_id or 0, [])
            text = f"runs on one of {len(alternatives)} hosts of the cluster {guest.cluster}"
            for each in alternatives if len(alternatives) <= MOST_HOSTS else ():
                yield Found(guest.id, each, DependencyType.NETWORK, CLUSTERED, text)


def _hosts(holdings: Holdings, addresses: Mapping[int, str]) -> dict[int, list[Node]]:
    """List the hosts of every cluster; of one that has a host without an address none."""
    found: dict[int, dict[Node, None]] = {}
    for key in sorted(holdings.devices):
        cluster_id = holdings.devices[key].cluster_id
        node = node_of(key, holdings, addresses)
        if cluster_id is not None and node is not None:
            found.setdefault(cluster_id, {})[node] = None
    return {
        cluster_id: list(nodes)
        for cluster_id, nodes in found.items()
        if all(node in addresses for node in nodes)
    }


def _pinned(
    guest: Machine, host: Machine, addresses: Mapping[int, str], beyond: Callable[[Node], Iterable[Found]]
) -> Iterator[Found]:
    if host.id in addresses:
        yield Found(guest.id, host.id, DependencyType.NETWORK, PINNED, f"runs on {host.name}")
        return
    for each in beyond(host.id):
        text = f"runs on {host.name}, which has no address; {each.description}"
        yield each._replace(device=guest.id, confidence=min(BEYOND_HOST, each.confidence), description=text)
