"""Checks for configuration that cannot work although each value is valid.

Faults reject the configuration. Remarks do not: what they report may work elsewhere (in the daemon's own
environment) or later, but is probably a mistake.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from opsconductor.config.channel_traits import traits_in
from opsconductor.config.provision.document import Document
from opsconductor.config.provision.rows import ConnectorTypes, Item, ProvisionTable, Row, targets_of
from opsconductor.config.secrets import VAULT_REFERENCE, no_vault, references_in, resolve_text
from opsconductor.connector.connector_type import ChannelType
from opsconductor.errors import Fault, SecretError

RECOVERIES = ["clear"]
DATABASE = "database"
"""In place of a file, in the faults of rows that are in the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredNames:
    """Rows by table that exist beside the declared ones; empty: only files are checked."""

    rows: Sequence[tuple[ProvisionTable, Row]] = ()

    def of(self, table: ProvisionTable, items: Iterable[Item]) -> list[Row]:
        """Return all rows of a table, declared ones last."""
        known = [row for own, row in self.rows if own is table]
        return [*known, *(item.row for item in items if item.table is table)]


def items_of(rows: Iterable[tuple[ProvisionTable, Row]]) -> list[Item]:
    """Convert rows of the database to items, so that they can be checked like declared ones."""
    document = Document(file=DATABASE, value=None)
    return [
        Item(table=table, row=row, document=document, at=(table.value, str(row.get("name", ""))), origin="")
        for table, row in rows
    ]


def reach_faults(items: Sequence[Item], installed: ConnectorTypes, known: DeclaredNames) -> Iterator[Fault]:
    """Return faults for enabled rules, and for windows with announcements, that can reach no recipient.

    A channel that is in none of the rows is skipped: it may be in the database.
    """
    connectors = {row["name"]: row for row in known.of(ProvisionTable.CONNECTORS, items)}
    for item in items:
        if item.table is ProvisionTable.NOTIFICATION_RULES and item.row["enabled"]:
            yield from _recipients(item, connectors, installed)
            yield from _switched_off(item, connectors)
            yield from _conditions(item)
        elif item.table is ProvisionTable.MAINTENANCE_WINDOWS:
            yield from _recipients(item, connectors, installed)
            yield from _incidents(item, connectors, installed)


def _recipients(item: Item, connectors: Mapping[str, Row], installed: ConnectorTypes) -> Iterator[Fault]:
    for place, target in targets_of(item):
        connector_type = installed.known.get(_type_of(target, connectors))
        if not isinstance(connector_type, ChannelType) or connector_type.check_recipient is None:
            continue
        at = (*item.at, *place, "recipients")
        recipients = target.get("recipients", ())
        if not recipients and wrong_recipient(connector_type, ""):
            name = target.get("channel") or target["type"]
            expected = f"a recipient for {name}: channels of type {connector_type.name} need one"
            yield item.document.fault(at, "nothing", expected)
        for position, recipient in enumerate(recipients):
            if wrong := wrong_recipient(connector_type, recipient):
                yield item.document.fault((*at, position), f'"{recipient}"', wrong)


def _incidents(item: Item, connectors: Mapping[str, Row], installed: ConnectorTypes) -> Iterator[Fault]:
    """Return faults for announcements over channels on which they would stay open as an incident."""
    for place, target in targets_of(item):
        name = target.get("channel", "")
        connector_type = installed.known.get(_type_of(target, connectors))
        traits = traits_in(connector_type, connectors.get(name, {}).get("config", {}))
        if traits is not None and traits.keeps_open:
            expected = "a channel whose messages are read; this one opens an incident, a ticket or a state"
            yield item.document.fault((*item.at, *place, "channel"), f'"{name}"', expected)


def _type_of(target: Row, connectors: Mapping[str, Row]) -> str:
    known = connectors.get(target.get("channel", ""), {}).get("type", "")
    return str(target.get("type", known))


def wrong_recipient(connector_type: ChannelType, recipient: str) -> str:
    """Return the expected form of a recipient; empty if it is valid."""
    if not connector_type.refusal_of(recipient):
        return ""
    example = connector_type.recipient_example
    return f"a recipient that the channel type {connector_type.name} can reach: {example}"


def _switched_off(item: Item, connectors: Mapping[str, Row]) -> Iterator[Fault]:
    names = [target.get("channel", "") for target in item.row["channels"]]
    if all(name in connectors and not connectors[name]["enabled"] for name in names):
        found = f"only disabled channels: {', '.join(names)}"
        expected = "a channel with enabled: true, or enabled: false for the rule too"
        yield item.document.fault((*item.at, "channels"), found, expected)


def _conditions(item: Item) -> Iterator[Fault]:
    severities = item.row["conditions"].get("severity", [])
    if list(severities) == RECOVERIES:
        expected = "severities of problems: recoveries go to the recipients of the problem"
        yield item.document.fault((*item.at, "conditions", "severity"), '"clear" alone', expected)


def remarks(items: Sequence[Item], known: DeclaredNames) -> list[str]:
    """Return probable mistakes, one line each."""
    checks: tuple[Callable[[Sequence[Item], DeclaredNames], Iterator[str]], ...] = (
        _missing_secrets,
        _clears_without_mapping,
        _loops,
        _unknown_devices,
    )
    return [remark for check in checks for remark in check(items, known)]


def _missing_secrets(items: Sequence[Item], _known: DeclaredNames) -> Iterator[str]:
    for item in items:
        if item.table is not ProvisionTable.CONNECTORS:
            continue
        for path, text in references_in(item.row["config"]):
            if VAULT_REFERENCE.fullmatch(text):
                continue
            try:
                resolve_text(text, no_vault)
            except SecretError as error:
                expected = "the variable set, or the file readable, where the daemon runs"
                yield str(item.document.fault((*item.at, "config", *path), str(error), expected))


def _clears_without_mapping(items: Sequence[Item], known: DeclaredNames) -> Iterator[str]:
    patterns = {row["oid_pattern"] for row in known.of(ProvisionTable.OID_MAPPINGS, items)}
    for item in items:
        clear = item.row.get("clear_oid_pattern") if item.table is ProvisionTable.OID_MAPPINGS else None
        if clear and not _has_mapping(clear, patterns):
            expected = "the oid_pattern of a mapping: is it a misprint, or is its mapping elsewhere?"
            yield str(item.fault("clear_oid_pattern", f'"{clear}", which no mapping has', expected))


def _has_mapping(clear: str, patterns: set[str]) -> bool:
    if clear in patterns:
        return True
    if clear.endswith(".*"):
        return any(pattern.startswith(clear[:-1]) for pattern in patterns)
    arcs = clear.split(".")
    return any(".".join([*arcs[:length], "*"]) in patterns for length in range(1, len(arcs)))


def _unknown_devices(items: Sequence[Item], known: DeclaredNames) -> Iterator[str]:
    devices = {
        name.lower()
        for row in known.of(ProvisionTable.DEVICES, items)
        for name in (row["name"], row["ip_address"] or "", *row["addresses"])
    }
    for item in items:
        behind = item.row.get("behind") if item.table is ProvisionTable.MAINTENANCE_WINDOWS else None
        if behind and behind.lower() not in devices:
            expected = "a device of the inventory: is it a misprint, or found later?"
            yield str(item.fault("behind", f'"{behind}", which the inventory does not have', expected))


def _loops(items: Sequence[Item], known: DeclaredNames) -> Iterator[str]:
    """Return faults for declared dependencies that form a cycle, one per cycle."""
    needs: dict[tuple[str, str], list[str]] = {}
    for row in known.of(ProvisionTable.DEPENDENCIES, items):
        needs.setdefault((row["dependency_type"], row["device_ip"]), []).append(row["depends_on_ip"])
    reported: set[tuple[str, frozenset[str]]] = set()
    for item in items:
        if item.table is ProvisionTable.DEPENDENCIES:
            kind = item.row["dependency_type"]
            path = _path(item.row["depends_on_ip"], item.row["device_ip"], kind, needs)
            if path and (kind, frozenset(path)) not in reported:
                reported.add((kind, frozenset(path)))
                found = f"a loop: {' -> '.join([item.row['device_ip'], *path])} ({kind})"
                expected = "a direction without a loop; within a loop nothing is suppressed"
                yield str(item.fault("depends_on_ip", found, expected))


def _path(start: str, end: str, kind: str, needs: Mapping[tuple[str, str], Sequence[str]]) -> list[str]:
    """Return a shortest path from one device to another; empty if there is none."""
    before: dict[str, str] = {start: ""}
    ahead = [start]
    for device in ahead:
        if device == end:
            way = [device]
            while before[way[-1]]:
                way.append(before[way[-1]])
            return way[::-1]
        for other in needs.get((kind, device), ()):
            if other not in before:
                before[other] = device
                ahead.append(other)
    return []
