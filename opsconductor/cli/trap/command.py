"""`opsconductor trap`: to try out and to explain traps."""

import click

from opsconductor.cli.trap.decode import decode
from opsconductor.cli.trap.send import send


@click.group()
def trap() -> None:
    """Send test traps, explain recorded ones."""


trap.add_command(decode)
trap.add_command(send)
