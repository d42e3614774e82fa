"""`opsconductor mappings explain`: which mapping decides about a trap, and why."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from opsconductor.app.configuring.loading import (
    Configuration,
    read_by_settings,
    read_pack_mappings,
    table_of,
)
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.mappings.explanation import (
    PlaceOf,
    TrapToExplain,
    explanation_of,
    place_among,
    trap_of_event,
    trap_of_packet,
)
from opsconductor.cli.facts import index_dir, known_facts, the_oid
from opsconductor.cli.mappings.known import absent
from opsconductor.cli.mappings.text import text_of
from opsconductor.cli.terminal.outcome import echo_json, errors_shown
from opsconductor.cli.trap.packets import packets_of
from opsconductor.config.load import load_settings
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.settings import Settings
from opsconductor.errors import DecodeError, StoreError
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.mib.mapping_row import mapping_of
from opsconductor.model.mappings.mapping import OidMapping, Origin
from opsconductor.model.text import printable
from opsconductor.store.declared.provisioning import read_table
from opsconductor.store.postgres.database import open_database
from opsconductor.store.raw_events import find_event


@dataclass(frozen=True, slots=True, kw_only=True)
class InForceForTraps:
    """What decides about traps, and where the operator's own mappings are declared."""

    configuration: Configuration
    place_of: PlaceOf


@click.command()
@click.argument("trap", metavar="TRAP")
@click.option("--peer", default=None, help="Address of the sender, where TRAP does not say it.")
@click.option(
    "--provision",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Try with the mappings of this file (or folder), without applying it.",
)
@click.option("--offline", "is_offline", is_flag=True, help="Do not read the database.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def explain(
    config_file: Path | None,
    trap: str,
    *,
    peer: str | None,
    files: tuple[Path, ...],
    is_offline: bool,
    as_json: bool,
) -> None:
    """Explain which mapping decides about TRAP and why, what it makes, and what would clear it.

    TRAP is the id of an alert or of a raw event of the archive; a file, or - for standard input, with one
    datagram as hex digits or binary, or a capture in pcap form; or the OID or name of a notification. All
    mappings that match are listed in order of precedence: own ones, packs, derived ones; of each the longest
    pattern first. Without a database only what ships decides; generic traps (linkDown) are rows of it.

    \b
    Examples:
      opsconductor mappings explain 0193c1de-7a4e-7bb0-a5a1-0f6c3f1f2f6d
      opsconductor mappings explain traps.pcap --offline
      opsconductor mappings explain linkDown
      opsconductor mappings explain trap.hex --provision acme.yaml
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        settings = load_settings(config_file)
        asked, known = _prepared(config_file, settings, trap, is_offline=is_offline)
        asked = [replace(each, peer=peer or each.peer) for each in asked]
        known = _with_files(known, files)
    at = datetime.now(UTC)
    found = [explanation_of(each, known.configuration, known.place_of, at) for each in asked]
    if as_json:
        echo_json(found)
    else:
        click.echo("\n\n".join(map(text_of, found)))


def _prepared(
    config_file: Path | None, settings: Settings, trap: str, *, is_offline: bool
) -> tuple[list[TrapToExplain], InForceForTraps]:
    """Return the traps, and what is in force."""
    wanted = _uuid(trap)
    why = "--offline" if is_offline else absent(settings)
    if not why:
        try:
            event, known = asyncio.run(_read(settings, wanted))
        except StoreError as error:
            why = str(error)
        except DecodeError as error:
            raise click.ClickException(f"what was received is no trap: {error}") from None
        else:
            if wanted is None:
                return _given(trap, known.configuration), known
            if event is None:
                raise click.ClickException(
                    f"no raw event was kept with this id, or of an alert with this id: {trap}"
                )
            return [event], known
    if wanted is not None:
        raise click.ClickException(f"{trap} is in the database, which is not read: {why}")
    if not is_offline:
        click.echo(
            printable(f"! without the database only packs decide, and nothing maps generic traps ({why})"),
            err=True,
        )
    facts, packs = known_facts(config_file), read_pack_mappings(index_dir(config_file))
    shipped = Configuration(
        connectors={},
        inventory=InventorySnapshot([], [], settings.inventory.confidence_floor),
        mappings=table_of(packs, facts),
        rules=(),
        facts=facts,
    )
    return _given(trap, shipped), InForceForTraps(configuration=shipped, place_of=place_among([]))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _read(settings: Settings, wanted: UUID | None) -> tuple[TrapToExplain | None, InForceForTraps]:
    async with open_database(settings) as pool:
        configuration = await read_by_settings(pool, settings)
        rows = [(row.row, row.origin) for row in await read_table(pool, ProvisionTable.OID_MAPPINGS)]
        event = None if wanted is None else await find_event(pool, wanted)
    known = InForceForTraps(configuration=configuration, place_of=place_among(rows))
    return (None if event is None else trap_of_event(event)), known


def _given(trap: str, configuration: Configuration) -> list[TrapToExplain]:
    """Return the traps of a file or of standard input, or the one with an OID or name."""
    if trap != "-" and not Path(trap).exists():
        return [TrapToExplain(trap_oid=the_oid(trap, configuration.facts, "notification"))]
    with click.open_file(trap, "rb") as file:
        packets = packets_of(file.read())
    try:
        return [trap_of_packet(packet.payload, packet.peer) for packet in packets]
    except DecodeError as error:
        raise click.ClickException(f"{error}; see: opsconductor trap decode {trap}") from None


def _with_files(known: InForceForTraps, files: Sequence[Path]) -> InForceForTraps:
    """Put the mappings of files in the place of the operator's own that they declare anew."""
    if not files:
        return known
    items = [
        item
        for item in read_provision(files, installed_types()).items
        if item.table is ProvisionTable.OID_MAPPINGS
    ]
    places = {item.key[:2]: item.place for item in items}
    declared = {(*item.key[:2], len(item.row["conditions"])) for item in items}
    configuration = known.configuration
    kept = [each for each in configuration.mappings.mappings if not _is_replaced(each, declared)]
    mappings = [*(mapping_of(item.row, Origin.OWN) for item in items), *kept]
    table = table_of(mappings, configuration.facts)

    def place_of(mapping: OidMapping) -> str:
        return places.get((mapping.oid_pattern, mapping.vendor)) or known.place_of(mapping)

    return InForceForTraps(configuration=replace(configuration, mappings=table), place_of=place_of)


def _is_replaced(mapping: OidMapping, declared: Collection[tuple[str | int | None, ...]]) -> bool:
    key = (mapping.oid_pattern, mapping.vendor, len(mapping.conditions))
    return mapping.origin is Origin.OWN and key in declared
