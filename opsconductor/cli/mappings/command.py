"""`opsconductor mappings`: explain and examine mappings."""

import click

from opsconductor.cli.mappings.confirm import confirm
from opsconductor.cli.mappings.explain import explain
from opsconductor.cli.mappings.lint import lint
from opsconductor.cli.mappings.listing import list_
from opsconductor.cli.mappings.report import report
from opsconductor.cli.rows.command import add_row_commands
from opsconductor.cli.rows.kinds import MAPPING


@click.group()
def own() -> None:
    """Show and change your own mappings.

    \b
    Examples:
      opsconductor mappings own list 1.3.6.1.4.1.318
      opsconductor mappings own create mapping.yaml
      opsconductor mappings own edit 0b0d5c7e-6a57-4d0c-b8a8-1f3f5a8f6a11
    """  # noqa: D301 - click needs the character itself


add_row_commands(own, MAPPING)


@click.group()
def mappings() -> None:
    """Examine mappings, and explain what they make of a trap.

    A mapping says which trap becomes which alert; see docs/mappings.md. To declare mappings, use apply.
    """


mappings.add_command(confirm)
mappings.add_command(explain)
mappings.add_command(lint)
mappings.add_command(report)
mappings.add_command(list_)
mappings.add_command(own)
