"""Editing of one row in the user's editor until it is accepted."""

from collections.abc import Callable

import click

from opsconductor.cli.alerts.text import Json
from opsconductor.cli.rows.kinds import RowKind
from opsconductor.cli.rows.text import text_of
from opsconductor.cli.rows.values import read_rows
from opsconductor.cli.terminal.api_client import Conflict, DaemonAway
from opsconductor.errors import ConfigError

HEAD = "# {label}: save to apply, leave unchanged to cancel\n"
FAULT = "#! {line}\n"


def edit_row(kind: RowKind, row: Json, apply: Callable[[object], Json | None]) -> Json | None:
    """Open a row in the editor; return the answer to what was saved, or None if nothing was.

    Faults are written above the text, and the editor opens again.

    Raises:
        Conflict: Another user has changed the row, or a file declares it.
    """
    head = HEAD.format(label=row["label"])
    text = head + text_of(row)
    while True:
        saved = click.edit(text, extension=".yaml", require_save=False)
        if saved is None or saved == text:
            return None
        try:
            (value,) = read_rows(kind, saved, "edited")
            return apply(value)
        except (Conflict, DaemonAway):
            raise
        except ConfigError as error:
            faults = [str(fault) for fault in error.faults]
        except (ValueError, click.ClickException) as error:
            faults = [error.message if isinstance(error, click.ClickException) else "expected one row"]
        rest = "".join(line for line in saved.splitlines(keepends=True) if not line.startswith("#"))
        text = head + "".join(FAULT.format(line=line) for line in faults) + rest
