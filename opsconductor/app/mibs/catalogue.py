"""Makes the catalogue that ships from collections of MIB modules."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from opsconductor.app.mibs.derivation import derive_modules
from opsconductor.app.mibs.library import Import, compile_alone
from opsconductor.errors import StoreUnavailable
from opsconductor.mib.built import files_of
from opsconductor.mib.catalogue import SUFFIX, Catalogue, read_catalogue, write_catalogue
from opsconductor.mib.cataloguing import ModuleSource, catalogues_of
from opsconductor.mib.compiler.compilation import Progress
from opsconductor.mib.compiler.needed import needed_files
from opsconductor.mib.compiler.report import Compilation, CompiledModule
from opsconductor.mib.compiler.sources import MibFile, find_files
from opsconductor.mib.indexing import index_of
from opsconductor.mib.lookup import STANDARD, MibFacts

_DAY = 8
"""Characters of LAST-UPDATED that are the day."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Files of one origin.

    Attributes:
        name: With version or date, as the remarks of the catalogue are to say.
    """

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class MadeCatalogue:
    """What was made: the files by name, and what it was compiled from."""

    files: Mapping[str, Catalogue]
    compilation: Compilation


async def make_catalogue(
    collections: Sequence[Collection], into: Path, how: Import, progress: Progress
) -> MadeCatalogue:
    """Compile collections and write the files of the catalogue; the same input gives the same files.

    Raises:
        CompileError: A collection cannot be read.
        ConfigError: A file of the catalogue is damaged; nothing is written.
        StoreUnavailable: A file cannot be written.
    """
    present = {path.stem: read_catalogue(path) for path in files_of(into)}
    with ExitStack() as stack:
        files, origin_of = _files(collections, stack)
        needed = await asyncio.to_thread(needed_files, files)
        found = await compile_alone(needed, how, progress)
    standard = index_of(present[STANDARD].objects if STANDARD in present else ())
    by_module = await asyncio.to_thread(derive_modules, found.modules, found.modules, MibFacts([standard]))
    derived = chain.from_iterable(by_module.values())
    objects = [fact for module in found.modules for fact in module.objects]
    sources = [_source(each, origin_of(each.source)) for each in found.modules]
    made = await asyncio.to_thread(catalogues_of, derived, objects, sources, present)
    _write(made, into)
    return MadeCatalogue(made, found)


def _files(collections: Sequence[Collection], stack: ExitStack) -> tuple[list[MibFile], Callable[[str], str]]:
    """Return the files, and what names the collection of one."""
    files: list[MibFile] = []
    origin: dict[str, str] = {}
    for each in collections:
        found = find_files([each.path], stack)
        files += found
        origin |= dict.fromkeys((file.name for file in found), each.name)
    return files, origin.__getitem__


def _source(module: CompiledModule, collection: str) -> ModuleSource:
    day = module.updated[:_DAY]
    updated = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == _DAY else ""
    return ModuleSource(module.name, updated, collection)


def _write(made: Mapping[str, Catalogue], into: Path) -> None:
    """Write all files, and remove those that hold nothing any more."""
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, catalogue in made.items():
            (into / f"{name}{SUFFIX}").write_text(write_catalogue(catalogue), encoding="utf-8")
        for path in files_of(into):
            if path.stem not in made:
                path.unlink()
    except OSError as error:
        raise StoreUnavailable(f"{into} cannot be written: {error}") from error
