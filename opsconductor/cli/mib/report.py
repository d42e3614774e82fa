"""The report of an import: how many modules are whole, and what is missing for the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from opsconductor.mib.compiler.report import CompiledModule, Completeness, ImportOutcome, OtherVersion
from opsconductor.model.text import printable
from opsconductor.reports.words import amount_text

MOST_SHOWN = 10
MOST_NAMES = 5


def report_of(outcome: ImportOutcome, *, is_rehearsal: bool, is_all: bool) -> RenderableType:
    """Lay out an import: failures, missing modules, what was skipped, other versions, and the sum."""
    found = outcome.compilation
    modules = outcome.modules
    lines: list[Text] = []
    failed = [f"{each.source}: {each.reason}" for each in found.failed]
    lines += _part("failed, nothing of it was kept:", failed, "red", is_all=is_all)
    lines += _part("missing modules, and who needs them:", _wanted(modules), "yellow", is_all=is_all)
    lines += _part("names that nothing defines:", _undefined(modules), "yellow", is_all=is_all)
    lines += _part("definitions that could not be read:", _skipped(modules), "yellow", is_all=is_all)
    others = map(_version, found.other_versions)
    lines += _part("other versions, left out:", others, "bright_black", is_all=is_all)
    return Group(*lines, *_sum(outcome, modules, is_rehearsal=is_rehearsal))


def _part(title: str, rows: Iterable[str], colour: str, *, is_all: bool) -> Iterator[Text]:
    lines = list(rows)
    if not lines:
        return
    yield Text(title, colour)
    shown = lines if is_all else lines[:MOST_SHOWN]
    yield from (Text(f"  {printable(line)}") for line in shown)
    if rest := len(lines) - len(shown):
        yield Text(f"  ... and {rest:,} more (--all shows them)", "bright_black")


def _wanted(modules: Sequence[CompiledModule]) -> Iterator[str]:
    """List missing modules, the most wanted first."""
    by_source: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for module in modules:
        for missing in module.missing:
            if missing.source:
                by_source[missing.source][module.name] = missing.names
    for source, needed in sorted(by_source.items(), key=lambda item: (-len(item[1]), item[0])):
        names = sorted({name for each in needed.values() for name in each})
        yield f"{source}: needed by {_few(sorted(needed))} for {_few(names)}"


def _undefined(modules: Sequence[CompiledModule]) -> Iterator[str]:
    for module in modules:
        for missing in module.missing:
            if not missing.source:
                yield f"{module.name}: {_few(missing.names)}"


def _skipped(modules: Sequence[CompiledModule]) -> Iterator[str]:
    for module in modules:
        if module.skipped:
            yield f"{module.name}: {_few(module.skipped)}: {'; '.join(module.faults[:MOST_NAMES])}"


def _few(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def _version(other: OtherVersion) -> str:
    updated, kept = other.updated[:8] or "no date", other.kept_updated[:8] or "no date"
    return f"{other.name} of {other.source} ({updated}); {other.kept} counts ({kept})"


def _sum(outcome: ImportOutcome, modules: Sequence[CompiledModule], *, is_rehearsal: bool) -> Iterator[Text]:
    found = outcome.compilation
    whole = sum(each.completeness is Completeness.WHOLE for each in modules)
    counts = f"{amount_text(len(modules), 'module')}: {whole:,} whole, {len(modules) - whole:,} in part"
    if found.failed:
        counts += f"; {amount_text(len(found.failed), 'file')} failed"
    if found.ignored:
        counts += f"; {amount_text(len(found.ignored), 'file')} without a MIB module"
    notifications = sum(len(each.notifications) for each in modules)
    yield Text(counts, "bold")
    objects = sum(each.object_count for each in modules)
    used = amount_text(objects, "object")
    yield Text(f"{amount_text(notifications, 'notification')}, {used} that they use")
    if is_rehearsal:
        yield Text("dry run, nothing was stored")
    elif not modules:
        yield Text("nothing was stored")
    else:
        stored = amount_text(outcome.changed, "module")
        yield Text(f"{stored} stored, including those that this import completed")
