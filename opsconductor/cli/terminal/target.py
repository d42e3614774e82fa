"""`--server`, `--token` and `--key-file` after the name of a command, where its group has them before it."""

from functools import partial
from typing import TextIO

import click

from opsconductor.cli.terminal.api_client import KEY_HELP, URL_HELP

SERVER = "--server"


def with_target(command: click.Command, *, is_below: bool = False) -> click.Command:
    """Add the options to the commands below a group that has them and keeps the daemon for these; once.

    Args:
        is_below: The command is below such a group.
    """
    has_options = any(SERVER in param.opts for param in command.params)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_target(each, is_below=is_below or has_options)
    elif is_below and not has_options:
        command.params += [
            click.Option(["--url", SERVER], expose_value=False, callback=_choose_url, help=URL_HELP),
            click.Option(["--token"], expose_value=False, callback=_choose_token, help=KEY_HELP),
            click.Option(
                ["--key-file"],
                type=click.File(),
                expose_value=False,
                callback=_choose_key,
                help="File that holds the API key.",
            ),
        ]
    return command


def _choose_url(context: click.Context, _param: click.Parameter, url: str | None) -> None:
    if url is not None:
        config_file, _, token = _chosen(context).args
        context.obj = partial(_chosen(context).func, config_file, url, token)


def _choose_token(context: click.Context, _param: click.Parameter, token: str | None) -> None:
    if token is not None:
        config_file, url, _ = _chosen(context).args
        context.obj = partial(_chosen(context).func, config_file, url, token)


def _choose_key(context: click.Context, param: click.Parameter, file: TextIO | None) -> None:
    if file is not None:
        _choose_token(context, param, file.read().strip())


def _chosen(context: click.Context) -> "partial[object]":
    """Return how the group finds the daemon: `find_target` of the settings, an address and a key."""
    assert isinstance(context.obj, partial)
    return context.obj
