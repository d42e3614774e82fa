"""`opsconductor manual`: the manual page, generated from the help of every command."""

import inspect
from collections.abc import Iterator
from importlib.metadata import version

import click

HEAD = r""".TH OPSCONDUCTOR 1 "" "OpsConductor {version}" "User commands"
.SH NAME
opsconductor \- alert daemon for network operations centres
.SH SYNOPSIS
.B opsconductor
[\fB\-\-config\fR \fIFILE\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]
"""
TAIL = r""".SH FILES
.TP
.I /etc/opsconductor/opsconductor.yaml
The settings of the daemon; every key is explained there.
.TP
.I /etc/opsconductor/provision
Connectors, mappings, devices, dependencies and rules.
.TP
.I /var/lib/opsconductor
The data directory: embedded PostgreSQL, spool, local key.
.SH ENVIRONMENT
.TP
.B OPSCONDUCTOR_CONFIG
The YAML file, as \-\-config.
.TP
.B OPSCONDUCTOR_URL, OPSCONDUCTOR_TOKEN
The API and the key for commands that query a running daemon.
.TP
.B OPSCONDUCTOR__SECTION__KEY
Overrides a key of the YAML file.
.SH EXIT STATUS
0 when all went well; 1 when something failed, was refused or does not exist; 2 when what was given is faulty:
arguments, a file, a row in it.
"""


@click.command()
@click.pass_context
def manual(context: click.Context) -> None:
    """Print the manual page in roff, as man(1) reads it.

    \b
    Examples:
      opsconductor manual | man -l -
    """  # noqa: D301 - click needs the character itself
    click.echo(page(context.find_root().command), nl=False)


def page(root: click.Command) -> str:
    """Return the manual page of a command line and all its commands."""
    return "".join([HEAD.format(version=version("opsconductor")), *_options(root), *_commands(root), TAIL])


def _options(root: click.Command) -> Iterator[str]:
    yield ".SH OPTIONS\n"
    yield from _parameters(root)


def _commands(root: click.Command) -> Iterator[str]:
    yield ".SH COMMANDS\n"
    yield from _below(root, click.Context(root, info_name="opsconductor"))


def _below(group: click.Command, context: click.Context) -> Iterator[str]:
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        own = click.Context(command, info_name=name, parent=context)
        usage = " ".join([own.command_path, *command.collect_usage_pieces(own)])
        yield f".SS {_roff(usage)}\n"
        yield from _text(inspect.cleandoc(command.help or ""))
        yield from _parameters(command)
        if isinstance(command, click.Group):
            yield from _below(command, own)


def _text(text: str) -> Iterator[str]:
    """Convert the help of a command to roff: paragraphs filled, blocks after a backspace verbatim."""
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("\b\n"):
            title, *lines = paragraph.removeprefix("\b\n").splitlines()
            yield f".PP\n{_roff(title)}\n.nf\n"
            yield from (f"{_roff(line)}\n" for line in lines)
            yield ".fi\n"
        else:
            yield f".PP\n{_roff(' '.join(paragraph.split()))}\n"


def _parameters(command: click.Command) -> Iterator[str]:
    for each in command.params:
        if isinstance(each, click.Option) and each.help and not each.hidden:
            yield f".TP\n.B {_roff(', '.join(each.opts))}\n{_roff(each.help)}\n"


def _roff(text: str) -> str:
    """Escape what roff would interpret as a request."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
