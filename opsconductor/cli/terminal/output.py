"""`--output table|json|csv` for every command that has `--json`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from opsconductor.cli.terminal.outcome import FORM

FORMS = ("table", "json", "csv")
OPTION = "output_form"


def with_output(command: click.Command) -> click.Command:
    """Add the option to a command, or to all of a group, once."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_output(each)
    options = {option: param.name for param in command.params for option in param.opts}
    as_json = options.get("--json")
    if command.callback is None or as_json is None or "--output" in options:
        return command
    form = click.Option(
        ["--output", OPTION],
        type=click.Choice(FORMS),
        default=FORMS[0],
        show_default=True,
        help="Form of the output.",
    )
    command.params.append(form)
    command.callback = _choosing(command.callback, as_json)
    return command


def _choosing(callback: Callable[..., Any], as_json: str) -> Callable[..., Any]:
    """Return a callback that takes the form, and asks the command for JSON unless it is a table.

    Args:
        as_json: Name under which the command takes `--json`.
    """

    @wraps(callback)
    def chosen(*args: Any, output_form: str, **given: Any) -> Any:
        click.get_current_context().meta[FORM] = output_form
        given[as_json] = given[as_json] or output_form != FORMS[0]
        return callback(*args, **given)

    return chosen
