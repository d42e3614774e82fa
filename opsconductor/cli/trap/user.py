"""SNMPv3 options of `trap send`: those of net-snmp, and long forms."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from opsconductor.snmp.security.security import UsmUser, auth_protocol, priv_protocol

Command = TypeVar("Command", bound=Callable[..., Any])

LEVELS = ("noAuthNoPriv", "authNoPriv", "authPriv")
SHORTEST_PASSWORD = 8

_OPTIONS = (
    click.option("-u", "--user", default="", help="SNMPv3 user."),
    click.option(
        "-l",
        "--level",
        type=click.Choice(LEVELS),
        help="Default: what the passwords allow.",
    ),
    click.option("-a", "--auth-protocol", help="MD5, SHA, SHA-224, SHA-256, SHA-384, SHA-512."),
    click.option(
        "-A",
        "--auth-password",
        envvar="OPSCONDUCTOR_AUTH_PASSWORD",
        show_envvar=True,
        help="At least 8 characters.",
    ),
    click.option("-x", "--priv-protocol", help="DES, 3DES, AES, AES-192, AES-256, AES-192-C, AES-256-C."),
    click.option(
        "-X",
        "--priv-password",
        envvar="OPSCONDUCTOR_PRIV_PASSWORD",
        show_envvar=True,
        help="At least 8 characters.",
    ),
)


def user_options(command: Command) -> Command:
    """Add the SNMPv3 options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_user(options: dict[str, Any]) -> UsmUser:
    """Return the user that the options describe.

    Raises:
        click.UsageError: An option is missing or conflicts with another; the message names it.
    """
    if not options["user"]:
        raise click.UsageError("SNMPv3 needs a user (-u)")
    level = _level(options)
    with_auth, with_priv = level != LEVELS[0], level == LEVELS[2]
    return UsmUser(
        username=options["user"],
        auth_protocol=_read(auth_protocol, options["auth_protocol"] or "SHA") if with_auth else None,
        auth_password=_password(options, "auth", "-A") if with_auth else "",
        priv_protocol=_read(priv_protocol, options["priv_protocol"] or "AES") if with_priv else None,
        priv_password=_password(options, "priv", "-X") if with_priv else "",
    )


def _level(options: dict[str, Any]) -> str:
    if options["level"]:
        return str(options["level"])
    if options["priv_password"]:
        return LEVELS[2]
    return LEVELS[1] if options["auth_password"] else LEVELS[0]


def _password(options: dict[str, Any], which: str, flag: str) -> str:
    password = options[f"{which}_password"] or ""
    if len(password) < SHORTEST_PASSWORD:
        raise click.UsageError(f"{flag} needs a password of at least {SHORTEST_PASSWORD} characters")
    return str(password)


Protocol = TypeVar("Protocol")


def _read(parse: Callable[[str], Protocol], name: str) -> Protocol:
    try:
        return parse(name)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
