"""`opsconductor run`: the daemon in the foreground."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

import click
import uvloop

from opsconductor import logs, systemd
from opsconductor.app.configuring.runtime import Runtime
from opsconductor.app.connectors.running import RunningConnectors
from opsconductor.app.ending import run_to_the_end
from opsconductor.app.serve import serve
from opsconductor.cli.terminal.outcome import errors_shown
from opsconductor.cli.terminal.page_address import page_of
from opsconductor.config.load import load_with_origins
from opsconductor.config.settings import Settings
from opsconductor.errors import OpsConductorError
from opsconductor.model.enums import ConnectorStatus
from opsconductor.model.text import printable
from opsconductor.shipped import shipped

MOST_FAULTS = 20
FIRST_TRAP = "1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.7 i 7"
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound


@click.command()
@click.pass_obj
def run(config_file: Path | None) -> None:
    """Run the daemon until SIGTERM or Ctrl-C; SIGHUP applies the provisioning files again.

    \b
    Examples:
      opsconductor run
      opsconductor --config /etc/opsconductor/opsconductor.yaml run
      OPSCONDUCTOR__LOG__LEVEL=debug opsconductor run
    """  # noqa: D301 - click needs the character itself
    with errors_shown():
        loaded = load_with_origins(config_file)
        settings = loaded.settings
        listener = logs.start(settings.log.level, settings.log.format)

        def leave() -> None:
            listener.stop()
            os._exit(0)

        try:
            uvloop.run(run_to_the_end(serve(loaded, partial(welcome, settings)), leave))
        except ExceptionGroup as group:
            raise the_one(group) from None
        finally:
            listener.stop()


def welcome(settings: Settings, live: Runtime, connectors: RunningConnectors, setup: str) -> None:
    """Print addresses, faults and first steps; not when started by systemd.

    Args:
        setup: End of the link by which the first administrator is created; empty: there are users.
    """
    if systemd.is_manager():
        return
    ports = [(name, address) for name, addresses in connectors.listening().items() for address in addresses]
    states = connectors.status.now().items()
    unwell = (ConnectorStatus.ERROR, ConnectorStatus.DEGRADED)
    broken = {name: error or "" for name, (status, error) in states if status in unwell}
    is_well = not (live.all_faults or broken)
    runs = "is taking alerts." if is_well else "runs, but not as configured:"
    lines = [f"OpsConductor {version('opsconductor')} {runs}", *_problems(live.all_faults, broken)]
    lines += [f"  {name:<10} UDP {address}" for name, address in ports]
    if others := len(connectors.types()) - len({name for name, _ in ports} | broken.keys()):
        lines.append(f"  {f'{others} more':<10} {program()} connectors status")
    lines.append(f"  page       {page_of(settings)}")
    if setup:
        lines.append(f"  set up     {page_of(settings)}{setup}  (once, within a day)")
    where = "embedded PostgreSQL" if settings.database.url is None else "PostgreSQL of database.url"
    lines.append(f"  database   {where}")
    lines.append(f"  data       {settings.data_dir}")
    if ports:
        address = ports[0][1]
        target = f"{ANY_ADDRESS.get(address.host, address.host)}:{address.port}"
        lines.append("Send a first trap, and see its alert:")
        lines.append(f"  snmptrap -v2c -c public {target} '' {FIRST_TRAP}")
        lines.append(f"  {program()} alerts list")
    elif is_well:
        lines.append("No connector listens yet: declare one, for example those of this file:")
        lines.append(f"  {program()} apply {shipped('etc') / 'provision' / 'first.yaml'}")
    click.echo("\n".join(lines))
    sys.stdout.flush()


def _problems(faults: Sequence[str], broken: Mapping[str, str]) -> Iterator[str]:
    """Render why the configuration is not in force, and which connectors do not work."""
    for fault in faults[:MOST_FAULTS]:
        yield f"  ! {printable(fault)}"
    if rest := len(faults[MOST_FAULTS:]):
        yield f"  ! and {rest} more faults: {program()} check-config"
    if faults:
        yield f"  ! These files are not in force. Correct them, then: {program()} reload"
    for name, error in broken.items():
        yield f"  ! connector {name} does not work: {printable(error)}"


def the_one(group: ExceptionGroup[Exception]) -> Exception:
    """Return the expected error inside an exception group, else the group itself."""
    foreseen = group.subgroup(OpsConductorError)
    while foreseen is not None and isinstance(first := foreseen.exceptions[0], ExceptionGroup):
        foreseen = first
    return foreseen.exceptions[0] if foreseen is not None else group


def program() -> str:
    """Return the name of this program as it can be typed here."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "opsconductor" else "opsconductor"
