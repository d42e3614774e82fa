"""State of the Sparkplug B edge nodes: which are alive, and their metric names by alias."""

from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.mqtt.message import Birth, Metric
from connectors.mqtt.sparkplug import Reported, SparkplugReport, decode, value_of
from opsconductor.limits import BoundedMap

NAMESPACE = "spBv1.0"
TYPES = frozenset({"NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"})
OF_NODES = frozenset({"NBIRTH", "NDEATH", "NDATA"})
MOST_NODES = 5_000
MOST_DEVICES = 10_000
"""Devices behind a node; its death is also theirs."""
MOST_NAMES = 50_000
"""Metrics kept for a node and its devices."""
SEQUENCE = 256


class SparkplugState(NamedTuple):
    """Content of one message.

    Attributes:
        needs_rebirth: Something was lost, or sent before we subscribed: the birth must be requested.
    """

    births: tuple[Birth, ...] = ()
    metrics: tuple[Metric, ...] = ()
    needs_rebirth: bool = False


@dataclass(slots=True)
class Node:
    """One edge node.

    Attributes:
        bd_seq: bdSeq of its last birth; a death with another number belongs to an earlier one.
        next_seq: Expected seq of the next message.
        names: Device, name and datatype by alias; aliases are unique within a node.
        datatypes: By device and name, for data without datatype.
        devices: Those that are alive.
    """

    is_online: bool = False
    bd_seq: object = None
    next_seq: int | None = None
    names: dict[int, tuple[str, int]] = field(default_factory=dict)
    datatypes: dict[tuple[str, str], int] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SparkplugAddress:
    """Sender of a message: the levels of its topic."""

    group: str
    kind: str
    node: str
    device: str


def read_address(topic: str) -> SparkplugAddress | None:
    """Parse a topic; None: not a birth, death or data topic."""
    levels = topic.split("/")
    if len(levels) not in (4, 5) or levels[0] != NAMESPACE or levels[2] not in TYPES:
        return None
    if (levels[2] in OF_NODES) != (len(levels) == 4):  # noqa: PLR2004 - no device in it
        return None
    return SparkplugAddress(levels[1], levels[2], levels[3], levels[4] if levels[2] not in OF_NODES else "")


class Births:
    """All known edge nodes."""

    def __init__(self) -> None:
        self._nodes: BoundedMap[tuple[str, str], Node] = BoundedMap(MOST_NODES)

    def take(self, address: SparkplugAddress, data: bytes) -> SparkplugState:
        """Process one message; raises DecodeError."""
        report = decode(data)
        node = self._node(address)
        if address.kind == "NDEATH":
            return _node_death(node, address, report)
        if address.kind == "NBIRTH":
            return _node_birth(node, address, report)
        is_whole = node.is_online and report.seq == node.next_seq
        node.next_seq = _after(report.seq)
        if address.kind == "DDEATH":
            node.devices.discard(address.device)
            return SparkplugState((_birth(address, is_online=False),), needs_rebirth=not is_whole)
        births: tuple[Birth, ...] = ()
        if address.kind == "DBIRTH":
            if len(node.devices) < MOST_DEVICES:
                node.devices.add(address.device)
            _learn(node, address.device, report)
            births = (_birth(address, is_online=True),)
        elif address.device and address.device not in node.devices:
            is_whole = False
        metrics, are_known = _metrics(node, address, report)
        return SparkplugState(births, metrics, needs_rebirth=not (is_whole and are_known))

    def _node(self, address: SparkplugAddress) -> Node:
        key = address.group, address.node
        node = self._nodes.use(key)
        if node is None:
            node = self._nodes[key] = Node()
        return node


def _node_birth(node: Node, address: SparkplugAddress, report: SparkplugReport) -> SparkplugState:
    """Reset the node to the aliases and numbers of this birth; devices become alive by their own birth."""
    node.is_online = True
    node.bd_seq = _bd_seq(report)
    node.next_seq = _after(report.seq)
    node.names.clear()
    node.datatypes.clear()
    node.devices.clear()
    _learn(node, "", report)
    metrics, _ = _metrics(node, address, report)
    return SparkplugState((_birth(address, is_online=True),), metrics)


def _node_death(node: Node, address: SparkplugAddress, report: SparkplugReport) -> SparkplugState:
    """Mark a node and all devices behind it as dead, unless the death belongs to an earlier birth."""
    if node.is_online and _bd_seq(report) != node.bd_seq:
        return SparkplugState()
    gone = [Birth(address.group, address.node, device, is_online=False) for device in sorted(node.devices)]
    node.is_online = False
    node.devices.clear()
    return SparkplugState((_birth(address, is_online=False), *gone))


def _learn(node: Node, device: str, report: SparkplugReport) -> None:
    for metric in report.metrics:
        if metric.name and len(node.datatypes) < MOST_NAMES:
            node.datatypes[device, metric.name] = metric.datatype
            if metric.alias is not None:
                node.names[metric.alias] = (metric.name, metric.datatype)


def _metrics(
    node: Node, address: SparkplugAddress, report: SparkplugReport
) -> tuple[tuple[Metric, ...], bool]:
    """Resolve the names of metrics; return whether all were resolved."""
    metrics, are_known = [], True
    for metric in report.metrics:
        name, datatype = _named(node, address.device, metric)
        if not name:
            are_known = False
        elif not metric.is_historical and metric.value is not None:
            value = value_of(metric.value, datatype)
            metrics.append(Metric(address.group, address.node, address.device, name, value))
    return tuple(metrics), are_known


def _named(node: Node, device: str, metric: Reported) -> tuple[str, int]:
    if metric.name:
        return metric.name, metric.datatype or node.datatypes.get((device, metric.name), 0)
    name, datatype = node.names.get(-1 if metric.alias is None else metric.alias, ("", 0))
    return name, metric.datatype or datatype


def _birth(address: SparkplugAddress, *, is_online: bool) -> Birth:
    return Birth(address.group, address.node, address.device, is_online)


def _bd_seq(report: SparkplugReport) -> object:
    return next((metric.value for metric in report.metrics if metric.name == "bdSeq"), None)


def _after(seq: int | None) -> int | None:
    return None if seq is None else (seq + 1) % SEQUENCE
