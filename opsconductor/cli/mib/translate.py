"""`opsconductor mib translate`: OIDs to names and back."""

import asyncio
import re
from pathlib import Path

import click

from opsconductor.cli.outcome import told
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.mib.names import NOTIFICATIONS, OBJECTS
from opsconductor.model.text import printable
from opsconductor.store.mib_facts import FoundName, find_at, find_named
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database

UNKNOWN = 1

_OID = re.compile(r"\.?[0-9]+(?:\.[0-9]+)*")
_NAME = re.compile(
    r"(?:(?P<module>[A-Za-z][\w.-]*)::)?(?P<name>[A-Za-z0-9][\w-]*)(?P<instance>(?:\.[0-9]+)*)"
)
_BUILT_IN = {oid: name for name, oid in {**OBJECTS, **NOTIFICATIONS}.items()}


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def translate(config_file: Path | None, names: tuple[str, ...]) -> None:
    """Translate OIDs to names, and names to OIDs.

    An OID becomes MODULE::name with what is below it. A name may have its module before it and an instance
    behind it. Exit status 1: one of them is not known.

    \b
    Examples:
      opsconductor mib translate 1.3.6.1.2.1.2.2.1.8.7
      opsconductor mib translate IF-MIB::ifOperStatus.7 linkDown
    """  # noqa: D301 - click wants the character itself
    with told():
        answers = asyncio.run(_translate(load_settings(config_file), names))
    for name, found in zip(names, answers, strict=True):
        for line in found:
            click.echo(printable(line))
        if not found:
            click.echo(printable(f"{name}: not known; import its module: opsconductor mib import"), err=True)
    if not all(answers):
        raise click.exceptions.Exit(UNKNOWN)


async def _translate(settings: Settings, names: tuple[str, ...]) -> list[list[str]]:
    async with open_database(settings) as pool:
        return [await _one(pool, name) for name in names]


async def _one(pool: Pool, text: str) -> list[str]:
    if _OID.fullmatch(text):
        return await _name_of(pool, text.strip("."))
    found = _NAME.fullmatch(text)
    if not found:
        return []
    module, name, instance = found["module"] or "", found["name"], found["instance"]
    known = [each.oid for each in await find_named(pool, name, module)]
    built_in = OBJECTS.get(name) or NOTIFICATIONS.get(name)
    if not known and built_in and not module:
        known = [built_in]
    return [f"{oid}{instance}" for oid in dict.fromkeys(known)]


async def _name_of(pool: Pool, oid: str) -> list[str]:
    """Name an OID by the nearest fact, of an imported module or always known, at it or above."""
    found = await find_at(pool, oid)
    arcs = oid.split(".")
    for count in range(len(arcs), 0, -1):
        stem = ".".join(arcs[:count])
        if found is not None and len(found.oid) >= len(stem):
            break
        if stem in _BUILT_IN:
            found = FoundName(oid=stem, name=_BUILT_IN[stem], module="")
            break
    if found is None:
        return []
    place = f"{found.module}::" if found.module else ""
    return [f"{place}{found.name}{oid[len(found.oid) :]}"]
