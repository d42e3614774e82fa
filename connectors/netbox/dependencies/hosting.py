"""Dependencies by location: members of stacks, blades, virtual machines."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from connectors.netbox.dependencies.found import FoundInventory
from connectors.netbox.dependencies.links import IN_SERVICE, Node, Nodes
from connectors.netbox.objects import Machine
from connectors.netbox.rows import clean
from connectors.netbox.tables import Holdings
from opsconductor.model.enums import DependencyType

MEMBER, PINNED, CLUSTERED, BEYOND_HOST = 0.9, 0.95, 0.8, 0.7
MOST_HOSTS = 16
"""Per cluster: more hosts do not fail together, and would only enlarge the graph."""


def stack_dependencies(nodes: Nodes) -> Iterator[FoundInventory]:
    """Yield the dependencies of stack members: on the master, or else on the member with an address."""
    for node in nodes.listed():
        master = nodes.of(nodes.devices[node].master_id)
        if master is not None and master in nodes.keys and master != node:
            yield _member(node, master, nodes)
    for key in nodes.members():
        speaker = nodes.of(key)
        if speaker is not None:
            yield _member(key, speaker, nodes)


def _member(device: int, master: Node, nodes: Nodes) -> FoundInventory:
    text = f"member of the virtual chassis of {nodes.devices[master].name}"
    return FoundInventory(device, master, DependencyType.NETWORK, MEMBER, text)


def guest_dependencies(
    holdings: Holdings,
    nodes: Nodes,
    keys: Mapping[int, str],
    beyond: Callable[[Node], Iterable[FoundInventory]],
) -> Iterator[FoundInventory]:
    """Yield the dependencies of virtual machines: on their host, or on one of the hosts of their cluster.

    Args:
        keys: Of everything that is listed, virtual machines included.
        beyond: Returns what a host itself needs, for hosts that are not listed.
    """
    hosts = _hosts(nodes)
    for key in sorted(holdings.virtual_machines):
        guest = holdings.virtual_machines[key]
        if guest.id not in keys or guest.status not in IN_SERVICE:
            continue
        host = nodes.of(guest.host_id)
        if host is not None:
            yield from _pinned(guest, host, nodes, beyond)
        elif guest.host_id is None:
            alternatives = hosts.get(guest.cluster_id or 0, [])
            text = f"runs on one of {len(alternatives)} hosts of the cluster {guest.cluster}"
            for each in alternatives if len(alternatives) <= MOST_HOSTS else ():
                yield FoundInventory(guest.id, each, DependencyType.NETWORK, CLUSTERED, text)


def _hosts(nodes: Nodes) -> dict[int, list[Node]]:
    """Return the hosts of every cluster; none for a cluster with a host that is not listed."""
    found: dict[int, dict[Node, None]] = {}
    for key in sorted(nodes.devices):
        cluster_id, node = nodes.devices[key].cluster_id, nodes.of(key)
        if cluster_id is not None and node is not None:
            found.setdefault(cluster_id, {})[node] = None
    return {key: list(hosts) for key, hosts in found.items() if all(host in nodes.keys for host in hosts)}


def _pinned(
    guest: Machine, host: Node, nodes: Nodes, beyond: Callable[[Node], Iterable[FoundInventory]]
) -> Iterator[FoundInventory]:
    name = nodes.devices[host].name
    if host in nodes.keys:
        yield FoundInventory(guest.id, host, DependencyType.NETWORK, PINNED, f"runs on {name}")
        return
    for each in beyond(host):
        text = clean(f"runs on {name}, which has no address; {each.description}")
        yield each._replace(device=guest.id, confidence=min(BEYOND_HOST, each.confidence), description=text)
