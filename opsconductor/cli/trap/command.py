"""`opsconductor trap`: send test traps and explain recorded ones."""

import click

from opsconductor.cli.trap.decode import decode
from opsconductor.cli.trap.send import send


@click.group()
def trap() -> None:
    """Send test traps, explain recorded ones."""


trap.add_command(decode)
trap.add_command(send)
