"""The whole flow of an import: files to modules, modules to forms, forms to facts."""

import asyncio
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from opsconductor.errors import CompileError
from opsconductor.mib.compiler.framing import LENGTH
from opsconductor.mib.compiler.pool import WorkerPool
from opsconductor.mib.compiler.report import (
    Compilation,
    CompiledModule,
    FailedFile,
    MissingNames,
    OtherVersion,
    StoredModule,
)
from opsconductor.mib.compiler.sources import MibFile, is_mib
from opsconductor.mib.facts import (
    IndexPart,
    NotificationFact,
    NotificationText,
    ObjectFact,
    ObjectReference,
)

Progress = Callable[[int, int, str], None]
"""Called with the number of files done, the total number, and the name of the last one."""

LONGEST_MODULE_NAME = 128


async def compile_files(
    files: Sequence[MibFile],
    stored: Sequence[StoredModule],
    pool: WorkerPool,
    progress: Progress,
    *,
    workers: int,
) -> Compilation:
    """Compile files together with the modules that were imported before.

    Of several versions of a module the one with the newest LAST-UPDATED is used; of equal ones, the one that
    is being imported and the one that defines more.

    Raises:
        CompileError: The forms cannot be linked.
    """
    gathered = _Gathered({each.name: _kept(each) for each in stored})
    waiting = iter(enumerate(files))
    done = 0

    async def work() -> None:
        nonlocal done
        for number, file in waiting:
            await _compile_file(number, file, pool, gathered)
            done += 1
            progress(done, len(files), file.name)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())
    if files and not gathered.versions:
        return gathered.nothing()
    modules, versions = gathered.chosen()
    linked = await pool.link(b"".join(LENGTH.pack(len(each.form)) + each.form for each in modules))
    return Compilation(
        modules=tuple(await asyncio.to_thread(_with_facts, modules, linked)),
        failed=tuple(sorted(gathered.failed, key=lambda each: each.source)),
        other_versions=tuple(versions),
        ignored=tuple(sorted(gathered.ignored)),
    )


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of a module, and what decides between several."""

    module: CompiledModule
    rank: tuple[str, bool, int, int]


@dataclass(slots=True)
class _Gathered:
    """Modules and failures read so far."""

    stored: dict[str, _Version]
    versions: dict[str, list[_Version]] = field(default_factory=lambda: defaultdict(list))
    failed: list[FailedFile] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def nothing(self) -> Compilation:
        """Return the outcome in which no module was read."""
        return Compilation(modules=(), failed=tuple(self.failed), ignored=tuple(self.ignored))

    def chosen(self) -> tuple[list[CompiledModule], list[OtherVersion]]:
        """Choose the newest version of each module; list the others of those that were read now."""
        modules: list[CompiledModule] = []
        others: list[OtherVersion] = []
        for name in sorted(self.stored.keys() | self.versions.keys()):
            new = self.versions.get(name, [])
            candidates = [*new, self.stored[name]] if name in self.stored else new
            best = max(candidates, key=lambda version: version.rank)
            modules.append(best.module)
            others.extend(_other(each.module, best.module) for each in new if each is not best)
        return modules, others


def _kept(stored: StoredModule) -> _Version:
    module = CompiledModule(
        name=stored.name,
        source=stored.source,
        updated=stored.updated,
        form=stored.form,
        skipped=stored.skipped,
        faults=stored.faults,
        is_new=False,
    )
    return _Version(module, (stored.updated, False, 0, 0))


def _other(module: CompiledModule, kept: CompiledModule) -> OtherVersion:
    return OtherVersion(
        name=module.name,
        source=module.source,
        updated=module.updated,
        kept=kept.source,
        kept_updated=kept.updated,
    )


async def _compile_file(number: int, file: MibFile, pool: WorkerPool, gathered: _Gathered) -> None:
    """Parse one file; a failure is recorded with its reason."""
    try:
        content = await asyncio.to_thread(file.read)
        if not is_mib(content):
            gathered.ignored.append(file.name)
            return
        rows = await pool.parse(content)
    except CompileError as error:
        gathered.failed.append(FailedFile(source=file.name, reason=str(error)))
        return
    if not rows:
        gathered.failed.append(
            FailedFile(source=file.name, reason="it holds no 'NAME DEFINITIONS ::= BEGIN'")
        )
    for row in rows:
        if row["assignments"] and not row["read"]:
            reason = f"{row['name']}: nothing in it can be read: {'; '.join(row['faults'])}"
            gathered.failed.append(FailedFile(source=file.name, reason=reason))
        elif len(row["name"]) > LONGEST_MODULE_NAME:
            reason = f"a module's name has more than {LONGEST_MODULE_NAME} characters"
            gathered.failed.append(FailedFile(source=file.name, reason=reason))
        else:
            rank = (row["updated"], True, row["read"], -number)
            gathered.versions[row["name"]].append(_Version(_module(file.name, row), rank))


def _module(source: str, row: Mapping[str, Any]) -> CompiledModule:
    return CompiledModule(
        name=row["name"],
        source=source,
        updated=row["updated"],
        form=b64decode(row["form"]),
        skipped=tuple(row["skipped"]),
        faults=tuple(row["faults"]),
        texts={
            name: NotificationText(description, tuple((key, value) for key, value in annotations))
            for name, (description, annotations) in row["texts"].items()
        },
    )


def _with_facts(modules: Sequence[CompiledModule], linked: Mapping[str, Any]) -> list[CompiledModule]:
    """Assign the facts to their modules."""
    notifications: dict[str, list[NotificationFact]] = defaultdict(list)
    objects: dict[str, list[ObjectFact]] = defaultdict(list)
    missing: dict[str, list[MissingNames]] = defaultdict(list)
    for oid, name, module, references, vendor in linked["notifications"]:
        carried = tuple(ObjectReference(*each) for each in references)
        notifications[module].append(NotificationFact(oid, name, module, carried, vendor))
    for row in linked["objects"]:
        fact = object_of(row)
        objects[fact.module].append(fact)
    for module, source, names in linked["missing"]:
        missing[module].append(MissingNames(source=source, names=tuple(names)))
    return [
        replace(
            each,
            notifications=tuple(notifications[each.name]),
            objects=tuple(objects[each.name]),
            missing=tuple(missing[each.name]),
        )
        for each in modules
    ]


def object_of(row: Sequence[Any]) -> ObjectFact:
    """Read the fact of an object from a row in the order of its fields."""
    oid, name, module, syntax, convention, labels, units, hint, index, is_notify_only = row
    return ObjectFact(
        oid,
        name,
        module,
        syntax,
        convention,
        tuple((number, label) for number, label in labels),
        units,
        hint,
        tuple(IndexPart(*part) for part in index),
        is_notify_only,
    )
