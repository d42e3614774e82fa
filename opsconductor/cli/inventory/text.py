"""Text output of inventories: their status, and what a sync would change."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.cli.alerts.text import age
from opsconductor.inventory.differences import InventoryDifference, Turn, differences
from opsconductor.model.inventory.listed import InventoryChanges, InventoryLoss
from opsconductor.model.text import printable
from opsconductor.store.inventory.devices import InventoryPlan
from opsconductor.store.inventory.status import InventoryStatus, loss_of

QUIET = "bright_black"
COLOURS = {Turn.ADD: "green", Turn.CHANGE: "yellow", Turn.REMOVE: "red", Turn.AGE: "magenta"}
PEOPLE = "(people)"
MOST_OF_A_KIND = 20
MOST_CONFLICTS = 50


def status_of(status: InventoryStatus, now: datetime) -> RenderableType:
    """Render the latest syncs, then devices and dependencies by origin."""
    parts: list[RenderableType] = [_syncs(status, now)]
    if status.devices:
        parts += [Text(), _devices(status)]
    if status.dependencies:
        parts += [Text(), _dependencies(status, now)]
    for sync in status.syncs:
        parts += _notes(sync.unread, sync.remarks)
        if sync.waiting is not None:
            parts.append(_loss(sync.connector, loss_of(sync.waiting)))
    conflicts = [f"{sync.connector}: {line}" for sync in status.syncs for line in sync.conflicts]
    if conflicts:
        parts += [Text(), *_conflicts(conflicts)]
    return Group(*parts)


def preview_of(connector: str, plan: InventoryPlan, *, is_all: bool) -> RenderableType:
    """Render what a sync would change, grouped by kind, with the totals at the end."""
    devices, dependencies = plan.sizes
    head = f"{connector} has {devices:,} devices and {dependencies:,} dependencies"
    lines = [Text(printable(head), "bold"), *_groups(differences(plan), is_all=is_all)]
    if plan.conflicts:
        lines += [Text(), *_conflicts(plan.conflicts)]
    notes = [*_notes(plan.unread, plan.remarks)]
    if plan.large_loss is not None:
        notes.append(_loss(connector, plan.large_loss))
    if notes:
        lines += [Text(), *notes]
    return Group(*lines, Text(), Text(f"{plan.changes.summary}; nothing was written"))


def _notes(unread: tuple[str, ...], remarks: tuple[str, ...]) -> Iterator[Text]:
    """Render what the inventory could not read, and its remarks."""
    if unread:
        yield Text(printable(f"not visible to its user, so not retired: {', '.join(unread)}"), "yellow")
    yield from (Text(printable(remark), "yellow") for remark in remarks)


def _loss(connector: str, loss: InventoryLoss) -> Text:
    hint = f"{loss.summary} would be retired at once; to confirm: opsconductor inventory accept {connector}"
    return Text(printable(hint), "red")


def _groups(found: list[InventoryDifference], *, is_all: bool) -> Iterator[Text]:
    for what, plural in (("device", "devices"), ("dependency", "dependencies")):
        for turn in Turn:
            group = [each for each in found if each.what == what and each.turn is turn]
            shown = group if is_all else group[:MOST_OF_A_KIND]
            yield from (_line(each) for each in shown)
            if len(shown) < len(group):
                yield Text(f"{turn} {len(group) - len(shown):,} more {plural} (--all shows them)", QUIET)


def _line(difference: InventoryDifference) -> Text:
    text = f"{difference.turn} {difference.what} {printable(difference.name)}"
    details = printable("; ".join(difference.details))
    return Text.assemble((text, COLOURS[difference.turn]), (f"  {details}" if details else "", QUIET))


def _conflicts(conflicts: tuple[str, ...] | list[str]) -> Iterator[Text]:
    yield Text("addresses claimed by two devices; the first keeps them:", "yellow")
    yield from (Text(f"  {printable(line)}") for line in conflicts[:MOST_CONFLICTS])
    if len(conflicts) > MOST_CONFLICTS:
        yield Text(f"  {len(conflicts) - MOST_CONFLICTS:,} more", QUIET)


def _syncs(status: InventoryStatus, now: datetime) -> RenderableType:
    if not status.syncs:
        return Text("no inventory has been synced yet", "yellow")
    table = _table("connector", "last sync", "devices", "dependencies", "last change", "")
    for sync in status.syncs:
        changed = "never" if sync.changed_at is None else f"{_age(sync.changed_at, now)} ago"
        table.add_row(
            Text(printable(sync.connector)),
            f"{_age(sync.taken_at, now)} ago",
            f"{sync.devices:,}",
            f"{sync.dependencies:,}",
            changed,
            Text(InventoryChanges(**sync.changes).summary if sync.changes else "", QUIET),
        )
    return table


def _devices(status: InventoryStatus) -> Table:
    table = _table("devices found by", "in force", "retired", "created manually")
    for row in status.devices:
        name = Text(printable(row.found_by)) if row.found_by else Text(PEOPLE, QUIET)
        table.add_row(name, f"{row.active:,}", f"{row.retired:,}", f"{row.of_people:,}")
    return table


def _dependencies(status: InventoryStatus, now: datetime) -> Table:
    table = _table("dependencies found by", "type", "confidence", "in force", "age", "missing", "since")
    for row in status.dependencies:
        newest, oldest = _age(row.newest_at, now), _age(row.oldest_at, now)
        table.add_row(
            Text(printable(row.found_by)) if row.found_by else Text(PEOPLE, QUIET),
            row.dependency_type,
            f"{row.confidence:.2f}",
            f"{row.amount:,}",
            newest if newest == oldest else f"{newest} to {oldest}",
            Text(f"{row.missing:,}", "magenta" if row.missing else QUIET),
            "" if row.missing_since is None else _age(row.missing_since, now),
        )
    return table


def _age(moment: datetime, now: datetime) -> str:
    return age(moment.isoformat(), now)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET)
    numbers = {"devices", "dependencies", "in force", "retired", "created manually", "missing", "confidence"}
    for name in columns:
        table.add_column(name, no_wrap=bool(name), justify="right" if name in numbers else "left")
    return table
