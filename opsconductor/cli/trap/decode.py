"""`opsconductor trap decode`: explain a recorded trap."""

import re
from collections.abc import Iterator
from typing import BinaryIO

import click
from rich.console import Console
from rich.text import Text

from opsconductor.cli.trap.explain import explain, fault_of
from opsconductor.errors import DecodeError
from opsconductor.snmp.capture import datagrams_of, is_capture

WIDTH = 120
_HEX = re.compile(rb"(?:(?:0[xX])?[0-9a-fA-F]{2}[\s:,]*)+")
_BETWEEN = re.compile(rb"[\s:,]|0[xX]")


@click.command()
@click.argument("source", metavar="FILE", type=click.File("rb"))
def decode(source: BinaryIO) -> None:
    """Explain the traps in FILE (- for standard input).

    FILE holds one packet, as hex digits or binary, or is a capture (pcap, pcapng) of tcpdump or Wireshark,
    of which every UDP datagram is explained. The community is never shown. The exit status is 1 if
    something cannot be decoded, or if there is nothing to decode.

    \b
    Examples:
      tcpdump -i any -w traps.pcap udp port 162
      opsconductor trap decode traps.pcap
      echo 30 2e 02 01 01 ... | opsconductor trap decode -
    """  # noqa: D301 - click wants the character itself
    screen = Console(highlight=False, markup=False)
    if not screen.is_terminal:
        screen = Console(highlight=False, markup=False, width=WIDTH)
    outcomes = [_show(screen, title, packet) for title, packet in _packets(source.read())]
    if not outcomes:
        raise click.ClickException("the capture contains no UDP datagrams")
    if not all(outcomes):
        raise click.exceptions.Exit(1)


def _show(screen: Console, title: str, packet: bytes) -> bool:
    """Print the explanation of one packet; return False if it cannot be decoded."""
    screen.print(Text(title, style="bold cyan"))
    try:
        screen.print(explain(packet))
    except DecodeError as error:
        screen.print(fault_of(error, packet))
        return False
    else:
        return True
    finally:
        screen.print()


def _packets(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the packets of the input, each with a title.

    Raises:
        click.ClickException: The capture is damaged or of an unknown format.
    """
    if not is_capture(data):
        packet = bytes.fromhex(_BETWEEN.sub(b"", data).decode()) if _HEX.fullmatch(data.strip()) else data
        yield f"{len(packet)} bytes", packet
        return
    try:
        for number, each in enumerate(datagrams_of(data), 1):
            size = len(each.payload)
            yield f"{number}: {each.source} to {each.target}, {size} bytes", each.payload
    except DecodeError as error:
        raise click.ClickException(f"the capture cannot be read: {error}") from None
