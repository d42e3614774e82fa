"""`opsconductor trap decode`: explain a recorded trap."""

import re
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.text import Text

from opsconductor.cli.facts import known_facts
from opsconductor.cli.trap.explain import explain, fault_of
from opsconductor.errors import DecodeError

WIDTH = 120
_HEX = re.compile(rb"(?:(?:0[xX])?[0-9a-fA-F]{2}[\s:,]*)+")
_BETWEEN = re.compile(rb"[\s:,]|0[xX]")


@click.command()
@click.argument("source", metavar="FILE", type=click.File("rb"))
@click.pass_obj
def decode(config_file: Path | None, source: BinaryIO) -> None:
    """Explain the trap in FILE (- for standard input).

    FILE contains the payload of one datagram, as hex digits or binary. The community is never shown. The
    exit status is 1 when it cannot be decoded.

    \b
    Examples:
      tshark -r traps.pcap -Y snmp -c 1 -T fields -e udp.payload | opsconductor trap decode -
      echo 30 2e 02 01 01 ... | opsconductor trap decode -
    """  # noqa: D301 - click wants the character itself
    screen = Console(highlight=False, markup=False)
    if not screen.is_terminal:
        screen = Console(highlight=False, markup=False, width=WIDTH)
    data = source.read()
    packet = bytes.fromhex(_BETWEEN.sub(b"", data).decode()) if _HEX.fullmatch(data.strip()) else data
    screen.print(Text(f"{len(packet)} bytes", style="bold cyan"))
    try:
        screen.print(explain(packet, known_facts(config_file)))
    except DecodeError as error:
        screen.print(fault_of(error, packet))
        raise click.exceptions.Exit(1) from None
