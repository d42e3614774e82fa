"""Faults across declared values: duplicates, references to other rows, connector types."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from opsconductor.config.faults import FilePlace, faults_of
from opsconductor.config.provision.agreement import disagreements
from opsconductor.config.provision.foreign import foreign_references
from opsconductor.config.provision.people_faults import people_faults
from opsconductor.config.provision.rows import ConnectorTypes, Item, Key, ProvisionTable, name_of, targets_of
from opsconductor.config.provision.workable import DeclaredNames, reach_faults
from opsconductor.config.secrets import is_reference
from opsconductor.connector.secret_fields import Path, replace_secrets, secret_fields
from opsconductor.errors import Fault

STAND_IN = "a secret that is not known here."
"""Replaces a reference while a connector's configuration is checked; long enough for any password rule."""


def cross_check(items: Sequence[Item], installed: ConnectorTypes) -> list[Fault]:
    """Check declared rows against each other and against the installed connector types."""
    connectors = [item for item in items if item.table is ProvisionTable.CONNECTORS]
    return [
        *(fault for item in items for fault in disagreements(item)),
        *duplicates(items),
        *(fault for item in connectors for fault in connector_faults(item, installed)),
        *channel_faults(items, installed),
        *reach_faults(items, installed, DeclaredNames()),
        *people_faults(items, installed, DeclaredNames(), is_whole=False),
    ]


def duplicates(items: Iterable[Item]) -> Iterator[Fault]:
    """Return faults for rows declared more than once, and for addresses claimed by two devices."""
    first: dict[tuple[ProvisionTable, Key], Item] = {}
    claimed: dict[str, Item] = {}
    for item in items:
        before = first.setdefault((item.table, item.key), item)
        if before is not item:
            found = f"{name_of(item.table, item.key)} again"
            yield item.document.fault(item.at, found, f"it once (first at {before.place})")
        elif item.table is ProvisionTable.DEVICES:
            yield from _claims(item, claimed)


def _claims(item: Item, claimed: dict[str, Item]) -> Iterator[Fault]:
    for address in filter(None, (item.row["ip_address"], *item.row["addresses"])):
        owner = claimed.setdefault(address, item)
        if owner is not item:
            at = (*item.at, "ip_address" if address == item.row["ip_address"] else "addresses")
            expected = f"an address of no other device ({owner.row['name']} at {owner.place})"
            yield item.document.fault(at, f'"{address}"', expected)


def connector_faults(item: Item, installed: ConnectorTypes) -> list[Fault]:
    """Check the type of a connector and its configuration, without the network."""
    connector_type = installed.known.get(item.row["type"])
    if connector_type is None:
        known = ", ".join(sorted(installed.known)) or "no type is installed"
        if reason := installed.broken.get(item.row["type"]):
            known = f"a usable type; this one is broken: {reason}"
            return [item.document.fault((*item.at, "type"), f'"{item.row["type"]}"', known)]
        return [item.document.fault((*item.at, "type"), f'"{item.row["type"]}"', f"one of {known}")]
    foreign = [
        item.document.fault((*item.at, "config", *path), found, expected)
        for path, found, expected in foreign_references(
            item.row["config"], secret_fields(connector_type.config)
        )
    ]
    if foreign:
        return foreign
    config = replace_secrets(item.row["config"], secret_fields(connector_type.config), _stand_in)
    try:
        connector_type.validated(config)
    except ValidationError as error:
        place = FilePlace(document=item.document, model=connector_type.config, at=(*item.at, "config"))
        return faults_of(error, place, ignore=_is_unknown_here)
    return []


def channel_faults(
    items: Iterable[Item], installed: ConnectorTypes, present: Mapping[str, str] | None = None
) -> Iterator[Fault]:
    """Return faults for rules and windows that name a connector which does not exist or is no channel.

    Args:
        present: Type by name of the connectors that will be in the database beside the declared
            ones; None when that is unknown, then only declared ones are checked.
    """
    items = list(items)
    declared = {
        item.row["name"]: item.row["type"] for item in items if item.table is ProvisionTable.CONNECTORS
    }
    types = {**(present or {}), **declared}
    for item in items:
        for place, target in targets_of(item):
            at, name = (*item.at, *place, "channel"), target.get("channel")
            if name is None:  # a type, for which a connector is not known yet
                continue
            if name not in types and present is not None:
                yield item.document.fault(at, f'"{name}"', _existing(types, installed))
            elif types.get(name) in installed.known and types[name] not in installed.channels:
                found = f'"{name}", a connector of type {types[name]}'
                yield item.document.fault(at, found, _existing(types, installed))


def _existing(types: Mapping[str, str], installed: ConnectorTypes) -> str:
    names = sorted(name for name, connector_type in types.items() if connector_type in installed.channels)
    return f"a connector that sends notifications (a channel): {', '.join(names) or 'none is declared'}"


def _stand_in(_path: Path, text: str) -> str:
    return STAND_IN if is_reference(text) else text


def _is_unknown_here(value: object) -> bool:
    return isinstance(value, str) and (value == STAND_IN or is_reference(value))
