"""`opsconductor mappings`: explain and examine mappings."""

import click

from opsconductor.cli.mappings.confirm import confirm
from opsconductor.cli.mappings.explain import explain
from opsconductor.cli.mappings.lint import lint
from opsconductor.cli.mappings.listing import list_
from opsconductor.cli.mappings.report import report


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
