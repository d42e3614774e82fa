"""How commands fail: faults one per line and exit status 2, everything else one line and 1."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

import click

from opsconductor.errors import ConfigError, ConnectorError, SecretError, StoreError
from opsconductor.logs import printable

FAULTY = 2
CHANGED = "A running daemon takes this on with: systemctl reload opsconductor (or SIGHUP)"


@contextmanager
def told() -> Iterator[None]:
    """Turn what a command may run into into a message for people and an exit status."""
    try:
        yield
    except ConfigError as error:
        for fault in error.faults:
            click.echo(printable(str(fault)), err=True)
        raise click.exceptions.Exit(FAULTY) from None
    except (ConnectorError, SecretError, StoreError) as error:
        raise click.ClickException(printable(str(error))) from None


def actor() -> str:
    """Name who runs the command, for the audit log; behind sudo it is who called it."""
    if user := os.environ.get("SUDO_USER"):
        return f"cli:{user}"
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a user of a container that has no entry
        return f"cli:{os.getuid()}"
