"""`opsconductor mib`: list, show, search and remove imported MIB modules."""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from opsconductor.app.configuring.loading import shipped_facts
from opsconductor.app.mibs.library import remove_modules
from opsconductor.cli.alerts.text import console
from opsconductor.cli.mib.catalogue import catalogue
from opsconductor.cli.mib.imports import import_
from opsconductor.cli.mib.mappings import mappings
from opsconductor.cli.mib.text import document_of, list_of, module_of, names_of
from opsconductor.cli.mib.translate import translate
from opsconductor.cli.terminal.outcome import CHANGED, actor, echo_json, errors_shown
from opsconductor.config.load import load_settings
from opsconductor.config.settings import Settings
from opsconductor.errors import CompileError
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.store.mib.facts import (
    FoundName,
    ImportedModule,
    read_facts_of,
    read_modules,
    search_names,
)
from opsconductor.store.postgres.database import open_database

MOST_FOUND = 50


@click.group()
def mib() -> None:
    """Import MIB modules, and look up names, OIDs and what is missing.

    Facts of imported modules name the variables of traps. A running daemon takes them on when it reloads.
    """


mib.add_command(catalogue)
mib.add_command(import_)
mib.add_command(mappings)
mib.add_command(translate)


@mib.command(name="list")
@click.option("--incomplete", is_flag=True, help="Only modules that were read in part.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_(config_file: Path | None, *, incomplete: bool, as_json: bool) -> None:
    """List imported modules with their numbers of notifications and objects, and what they miss.

    \b
    Examples:
      opsconductor mib list
      opsconductor mib list --incomplete
      opsconductor mib list --json | jq -r '.[].missing[].source' | sort | uniq -c
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        modules = asyncio.run(_list(load_settings(config_file)))
    shown = [each for each in modules if not (incomplete and each.is_whole)]
    if as_json:
        echo_json([document_of(each) for each in shown])
    else:
        console().print(list_of(shown))


@mib.command()
@click.argument("module")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(config_file: Path | None, module: str, *, as_json: bool) -> None:
    """Show one imported MODULE: what it misses, its notifications with their objects.

    \b
    Examples:
      opsconductor mib show IF-MIB
      opsconductor mib show IF-MIB --json | jq '.notifications[].name'
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        found, objects, notifications = asyncio.run(_show(load_settings(config_file), module))
    if as_json:
        echo_json(document_of(found, objects, notifications))
    else:
        console().print(module_of(found, objects, notifications))


@mib.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 10_000), default=MOST_FOUND, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def search(config_file: Path | None, text: str, limit: int, *, as_json: bool) -> None:
    """Find notifications and objects of imported modules by part of their name, or below an OID.

    \b
    Examples:
      opsconductor mib search fan
      opsconductor mib search 1.3.6.1.4.1.318.0
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        found = asyncio.run(_search(load_settings(config_file), text, limit))
    if as_json:
        echo_json([asdict(each) for each in found])
    elif found:
        console().print(names_of(found, limit))
    else:
        raise click.ClickException(
            f"nothing is called {text} in any imported module; see: opsconductor mib list"
        )


@mib.command()
@click.argument("modules", nargs=-1, required=True)
@click.pass_obj
def remove(config_file: Path | None, modules: tuple[str, ...]) -> None:
    """Remove imported MODULES and their facts. Mappings stay.

    \b
    Examples:
      opsconductor mib remove ACME-FAN-MIB ACME-POWER-MIB
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        asyncio.run(_remove(load_settings(config_file), modules))
    click.echo(f"removed {len(set(modules))} modules")
    click.echo(CHANGED)


async def _list(settings: Settings) -> list[ImportedModule]:
    async with open_database(settings) as pool:
        return await read_modules(pool)


async def _show(
    settings: Settings, module: str
) -> tuple[ImportedModule, list[ObjectFact], list[NotificationFact]]:
    async with open_database(settings) as pool:
        for found in await read_modules(pool):
            if found.name.lower() == module.lower():
                return found, *await read_facts_of(pool, found.name)
    raise CompileError(f"no module is called {module}; see: opsconductor mib list")


async def _search(settings: Settings, text: str, limit: int) -> list[FoundName]:
    async with open_database(settings) as pool:
        return await search_names(pool, text, limit)


async def _remove(settings: Settings, modules: tuple[str, ...]) -> None:
    async with open_database(settings) as pool:
        facts = await asyncio.to_thread(shipped_facts, settings.data_dir)
        await remove_modules(pool, modules, actor(), facts)
