"""Short forms of channels: a type of connector, and a URL, in place of the name of a connector."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from opsconductor.config.provision.rows import CHANNELS, Item, ProvisionTable, Row
from opsconductor.errors import Fault

DIGITS = 8
CONNECTORS = ProvisionTable.CONNECTORS


def with_own_connectors(items: Sequence[Item]) -> list[Item]:
    """Replace channels that give a URL by connectors of their own, one for each URL."""
    found: list[Item] = []
    own: dict[str, Item] = {}
    declared = {item.row["name"] for item in items if item.table is CONNECTORS}
    for item in items:
        column = CHANNELS.get(item.table)
        if column is None:
            found.append(item)
            continue
        channels = []
        for index, target in enumerate(item.row[column]):
            name = _own_name(target)
            if name is not None and name not in declared:
                own.setdefault(name, _own_connector(item, (column, index), name))
            channels.append(target if name is None else _named(target, name))
        found.append(replace(item, row={**item.row, column: channels}))
    return [*own.values(), *found]


def with_names(items: Sequence[Item], others: Iterable[Row]) -> tuple[list[Item], list[Fault]]:
    """Replace types of connectors in channels by the connector that is meant.

    The only one of that type that is enabled is meant, or of several the one whose name is the type.

    Args:
        others: The connectors of the database beside the declared ones.
    """
    connectors = [*(item.row for item in items if item.table is CONNECTORS), *others]
    found: list[Item] = []
    faults: list[Fault] = []
    for item in items:
        column = CHANNELS.get(item.table)
        if column is None:
            found.append(item)
            continue
        faults += _type_faults(item, column, connectors)
        channels = [_with_name(target, connectors) for target in item.row[column]]
        found.append(replace(item, row={**item.row, column: channels}))
    return found, faults


def _own_name(target: Row) -> str | None:
    if "url" not in target:
        return None
    digest = sha256(f"{target['type']} {target['url']}".encode()).hexdigest()
    return f"{target['type']}-{digest[:DIGITS]}"


def _own_connector(item: Item, place: tuple[str, int], name: str) -> Item:
    column, index = place
    target = item.row[column][index]
    row = {"name": name, "type": target["type"], "enabled": True, "config": {"url": target["url"]}}
    return replace(item, table=CONNECTORS, row=row, at=(*item.at, *place))


def _named(target: Row, name: str) -> dict[str, Any]:
    rest = {key: value for key, value in target.items() if key not in {"type", "url"}}
    return {"channel": name, **rest}


def _meant(connector_type: str, connectors: Iterable[Row]) -> list[str]:
    names = [row["name"] for row in connectors if row["type"] == connector_type and row["enabled"]]
    return [connector_type] if connector_type in names else sorted(names)


def _with_name(target: Row, connectors: Sequence[Row]) -> Row:
    if "type" not in target:
        return target
    meant = _meant(target["type"], connectors)
    return _named(target, meant[0]) if len(meant) == 1 else target


def _type_faults(item: Item, column: str, connectors: Sequence[Row]) -> Iterator[Fault]:
    for index, target in enumerate(item.row[column]):
        if "type" not in target:
            continue
        connector_type, at = target["type"], (*item.at, column, index, "type")
        meant = _meant(connector_type, connectors)
        if not meant:
            expected = "channel: the name of a connector, or a connector of that type that is enabled"
            yield item.document.fault(at, f'"{connector_type}", a type of no connector', expected)
        elif len(meant) > 1:
            expected = f"channel: one of {', '.join(meant)}; or name one of them {connector_type}"
            yield item.document.fault(at, f'"{connector_type}", a type of {len(meant)} connectors', expected)
