"""Imported MIB modules on a terminal and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.model.text import printable
from opsconductor.store.mib.facts import FoundName, ImportedModule

DATE_LENGTH = 8
MOST_NAMES = 5


def list_of(modules: Sequence[ImportedModule]) -> RenderableType:
    """Lay modules out as a table, with a sum below."""
    table = _table("module", "updated", "notifications", "objects", "state")
    for each in modules:
        numbers = (f"{each.notifications:,}", f"{each.objects:,}")
        table.add_row(printable(each.name), _day(each.updated), *numbers, _state(each))
    total = sum(each.notifications for each in modules)
    return Group(table, Text(f"{len(modules):,} modules, {total:,} notifications"))


def module_of(
    module: ImportedModule, objects: Sequence[ObjectFact], notifications: Sequence[NotificationFact]
) -> RenderableType:
    """Lay out one module: where it is from, what it misses, its notifications and their objects."""
    lines: list[RenderableType] = [
        Text(printable(module.name), "bold"),
        Text(printable(f"from {module.source}, updated {_day(module.updated) or 'at no date'}")),
    ]
    for missing in module.missing:
        source = f" of {missing.source}" if missing.source else ""
        lines.append(Text(printable(f"missing{source}: {', '.join(missing.names)}"), "yellow"))
    if module.skipped:
        lines.append(Text(printable(f"not read: {', '.join(module.skipped)}"), "yellow"))
        lines += [Text(printable(f"  {fault}"), "yellow") for fault in module.faults]
    for each in notifications:
        lines += [Text(), Text(printable(f"{each.name}  {each.oid}"), "cyan")]
        lines += [Text(printable(f"  {ref.name}  {ref.oid or '(not known)'}")) for ref in each.objects]
    used = _table("object", "oid", "syntax", "values", "units", "index")
    for fact in objects:
        if fact.syntax:
            used.add_row(*map(printable, _object(fact)))
    return Group(*lines, Text(), used)


def document_of(
    module: ImportedModule,
    objects: Sequence[ObjectFact] | None = None,
    notifications: Sequence[NotificationFact] | None = None,
) -> dict[str, object]:
    """Return a module for JSON, with its facts when they are given."""
    document = {**asdict(module), "is_whole": module.is_whole}
    document.update(notification_count=document.pop("notifications"), object_count=document.pop("objects"))
    if objects is not None:
        document["objects"] = [asdict(each) for each in objects]
    if notifications is not None:
        document["notifications"] = [asdict(each) for each in notifications]
    return document


def names_of(found: Sequence[FoundName], most: int) -> RenderableType:
    """Lay out names that were found."""
    table = _table("name", "oid", "kind")
    for each in found:
        table.add_row(printable(f"{each.module}::{each.name}"), each.oid, each.kind)
    return (
        Group(table, Text(f"the first {most:,}; more: --limit", "bright_black"))
        if len(found) == most
        else table
    )


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for name in columns:
        table.add_column(name, no_wrap=name in ("module", "name", "oid", "object"))
    return table


def _day(updated: str) -> str:
    return f"{updated[:4]}-{updated[4:6]}-{updated[6:8]}" if len(updated) >= DATE_LENGTH else ""


def _state(module: ImportedModule) -> Text:
    if module.is_whole:
        return Text("whole", "green")
    reasons = [each.source or ", ".join(each.names[:MOST_NAMES]) for each in module.missing]
    if module.skipped:
        reasons.append(f"{len(module.skipped)} definitions not read")
    return Text(printable(f"in part: {'; '.join(reasons[:MOST_NAMES])}"), "yellow")


def _object(fact: ObjectFact) -> tuple[str, ...]:
    syntax = f"{fact.convention} ({fact.syntax})" if fact.convention else fact.syntax
    values = " ".join(f"{label}({number})" for number, label in fact.enumeration)
    return fact.name, fact.oid, syntax, values, fact.units, ", ".join(part.name for part in fact.index)
