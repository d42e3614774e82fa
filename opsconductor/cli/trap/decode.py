"""`opsconductor trap decode`: explain a recorded trap."""

from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.text import Text

from opsconductor.cli.facts import known_facts
from opsconductor.cli.trap.explain import explain, fault_of
from opsconductor.cli.trap.packets import packets_of
from opsconductor.errors import DecodeError

WIDTH = 120


@click.command()
@click.argument("source", metavar="FILE", type=click.File("rb"))
@click.pass_obj
def decode(config_file: Path | None, source: BinaryIO) -> None:
    """Explain the trap in FILE (- for standard input).

    FILE contains the payload of one datagram, as hex digits or binary, or a capture in pcap form. The
    community is never shown. The exit status is 1 when it cannot be decoded.

    \b
    Examples:
      tshark -r traps.pcap -Y snmp -c 1 -T fields -e udp.payload | opsconductor trap decode -
      echo 30 2e 02 01 01 ... | opsconductor trap decode -
      tcpdump -w traps.pcap udp port 162; opsconductor trap decode traps.pcap
    """  # noqa: D301 - click needs the character itself
    screen = Console(highlight=False, markup=False)
    if not screen.is_terminal:
        screen = Console(highlight=False, markup=False, width=WIDTH)
    facts = known_facts(config_file)
    packet = b""
    try:
        for packet, _ in packets_of(source.read()):
            screen.print(Text(f"{len(packet)} bytes", style="bold cyan"))
            screen.print(explain(packet, facts))
    except DecodeError as error:
        screen.print(fault_of(error, packet))
        raise click.exceptions.Exit(1) from None
