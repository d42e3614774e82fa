"""Error output of commands: faults one per line with exit status 2, other errors one line with 1."""

import csv
import io
import json
import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from opsconductor.errors import (
    AccountError,
    CompileError,
    ConfigError,
    ConnectorError,
    Fault,
    SecretError,
    StoreError,
)
from opsconductor.model.spreadsheet import cell_of
from opsconductor.model.text import printable

FAULTY = 2
FORM = "opsconductor.output"
"""Name of the form of the output in the context of a command."""
CHANGED = "To use this in a running daemon: opsconductor reload (or apply --reload)"


@contextmanager
def errors_shown() -> Iterator[None]:
    """Convert the errors a command can meet to a message and an exit status."""
    try:
        yield
    except ConfigError as error:
        for fault in error.faults:
            click.echo(printable(str(fault)), err=True)
        raise click.exceptions.Exit(FAULTY) from None
    except (AccountError, CompileError, ConnectorError, SecretError, StoreError) as error:
        raise click.ClickException(printable(str(error))) from None


def echo_json(value: object) -> None:
    """Print a value as JSON; what is not ASCII is escaped, so that no text steers the terminal.

    As CSV if the command was asked for it: a list of objects has a row for each, also one that stands beside
    its total; anything else is one row.
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(FORM) == "csv":
        rows = _rows_of(value)
        echo_csv([row if isinstance(row, Mapping) else {"value": row} for row in rows])
        return
    click.echo(json.dumps(value, indent=2, default=str))


def _rows_of(value: object) -> Sequence[object]:
    if isinstance(value, Mapping) and set(map(type, value.values())) == {int, list}:
        lists = [each for each in value.values() if isinstance(each, list)]
        value = lists[0] if len(lists) == 1 else value
    return value if isinstance(value, list | tuple) else [value]


def echo_csv(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows as CSV with a header row; what is no text or number is written as JSON."""
    text = io.StringIO()
    table = csv.writer(text)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if columns:
        table.writerow(columns)
    table.writerows([cell_of(row.get(name)) for name in columns] for row in rows)
    click.echo(text.getvalue(), nl=False)


def fault_line(fault: Mapping[str, Any]) -> str:
    """Format a fault of the daemon's answer in one line, as `Fault` does."""
    return str(Fault(**fault))


def faults_of(configuration: Mapping[str, Any]) -> list[str]:
    """Return why the declared configuration is not in force, from the daemon's health; empty if it is."""
    lines = [fault_line(fault) for fault in configuration.get("faults", ())]
    if rest := configuration.get("faults_in_all", 0) - len(lines):
        lines.append(f"and {rest} more faults: opsconductor check-config")
    if error := configuration.get("error"):
        lines.append(str(error))
    if lines:
        lines.append("what is declared is not in force: correct it, then: opsconductor reload")
    return lines


def actor() -> str:
    """Return the user running the command, for the audit log; under sudo the one who called it."""
    if user := os.environ.get("SUDO_USER"):
        return f"cli:{user}"
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a user of a container that has no entry
        return f"cli:{os.getuid()}"
