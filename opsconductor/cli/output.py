"""`--output table|json|csv` for every command that has `--json`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from opsconductor.cli.outcome import FORM

FORMS = ("table", "json", "csv")
OPTION = "output_form"


def with_output(command: click.Command) -> click.Command:
    """Add the option to a command, or to all of a group, once."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_output(each)
    options = {option for param in command.params for option in param.opts}
    if command.callback is None or "--json" not in options or "--output" in options:
        return command
    form = click.Option(
        ["--output", OPTION],
        type=click.Choice(FORMS),
        default=FORMS[0],
        show_default=True,
        help="Form of the output.",
    )
    command.params.append(form)
    command.callback = _choosing(command.callback)
    return command


def _choosing(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Return a callback that takes the form, and asks the command for JSON unless it is a table."""

    @wraps(callback)
    def chosen(*args: Any, output_form: str, as_json: bool, **given: Any) -> Any:
        click.get_current_context().meta[FORM] = output_form
        return callback(*args, as_json=as_json or output_form != FORMS[0], **given)

    return chosen
