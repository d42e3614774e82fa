"""`opsconductor mib translate`: OIDs to names and back."""

import asyncio
import re
from pathlib import Path

import click

from opsconductor.cli.facts import known_facts
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.mib.decode.naming import BETWEEN, name_of
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.lookup import MibFacts, standard_first
from opsconductor.model.text import printable
from opsconductor.store.mib.facts import find_at, find_named
from opsconductor.store.postgres.connection import Pool
from opsconductor.store.postgres.database import open_database

UNKNOWN = 1

_OID = re.compile(r"\.?[0-9]+(?:\.[0-9]+)*")
_NAME = re.compile(
    r"(?:(?P<module>[A-Za-z][\w.-]*)::)?(?P<name>[A-Za-z0-9][\w-]*)(?P<instance>(?:\.[0-9]+)*)"
)


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
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        facts = known_facts(config_file)
        answers = asyncio.run(_translate(load_settings(config_file), facts, names))
    for name, found in zip(names, answers, strict=True):
        for line in found:
            click.echo(printable(line))
        if not found:
            click.echo(printable(f"{name}: not known; import its module: opsconductor mib import"), err=True)
    if not all(answers):
        raise click.exceptions.Exit(UNKNOWN)


async def _translate(settings: Settings, facts: MibFacts, names: tuple[str, ...]) -> list[list[str]]:
    async with open_database(settings) as pool:
        return [await _one(pool, facts, name) for name in names]


async def _one(pool: Pool, facts: MibFacts, text: str) -> list[str]:
    if _OID.fullmatch(text):
        return await _name_of(pool, facts, text.strip("."))
    found = _NAME.fullmatch(text)
    if not found:
        return []
    module, name, instance = found["module"] or "", found["name"], found["instance"]
    known = [each.oid for each in await find_named(pool, name, module)]
    if not known:
        named: list[NotificationFact | ObjectFact] = [
            *facts.objects_named(name),
            *facts.notifications_named(name),
        ]
        known = [
            fact.oid for fact in (named if module else standard_first(named)) if module in ("", fact.module)
        ]
    return [f"{oid}{instance}" for oid in dict.fromkeys(known)]


async def _name_of(pool: Pool, facts: MibFacts, oid: str) -> list[str]:
    """Name an OID by the nearest fact, of an imported module or of one that ships, at it or above."""
    found = await find_at(pool, oid)
    shipped = _shipped(facts, oid)
    if found is not None and (shipped is None or len(found.oid) >= len(shipped.oid)):
        return [f"{found.module}{BETWEEN}{found.name}{oid[len(found.oid) :]}"]
    name = name_of(facts, oid) if shipped is not None else None
    if name is None or shipped is None:
        return []
    return [name if BETWEEN in name else f"{shipped.module}{BETWEEN}{name}"]


def _shipped(facts: MibFacts, oid: str) -> NotificationFact | ObjectFact | None:
    notification = facts.notification(oid)
    return facts.object_above(oid) if notification is None else notification
