"""`opsconductor mcp`: serve the tools on standard input and output, or over HTTP."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click

from opsconductor.cli.terminal.api_client import ApiClient, ApiTarget, find_target, run, target_options
from opsconductor.connector.settings.address import ListenAddress, parse_listen_address
from opsconductor.store.access.audit import ASSISTANT_AGENT

WRITES = "alerts:write"
MISSING = "this needs the library mcp: pip install 'opsconductor[mcp]'"
OF_CALLERS = "callers"
"""In place of an API key: over HTTP each caller brings one."""


class _Listen(click.ParamType[ListenAddress]):
    """A listen address."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListenAddress:
        """Parse it."""
        try:
            return parse_listen_address(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@target_options
@click.option(
    "--allow-writes", is_flag=True, help="Also tools that acknowledge, comment, shelve and assign alerts."
)
@click.option("--listen", type=_Listen(), help="Serve over HTTP at this address, path /mcp.")
@click.option("--host", "hosts", multiple=True, help="With --listen: a name by which callers reach it.")
@click.option("--tls-cert", type=click.Path(path_type=Path), help="With --listen: certificate, PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="With --listen: private key, PEM.")
@click.option("--plain", is_flag=True, help="Listen beyond this machine without TLS: a proxy encrypts.")
@click.pass_obj
def mcp(
    config_file: Path | None,
    /,
    url: str | None,
    token: str | None,
    *,
    allow_writes: bool,
    listen: ListenAddress | None,
    **http: Any,
) -> None:
    """Serve alerts, statistics, devices and health to assistants (Model Context Protocol).

    An assistant starts this command and communicates with it on standard input and output, with the rights
    of the given key. With --listen it serves many over streamable HTTP, each with the rights of the API key
    that it sends as bearer token. With --allow-writes they handle alerts too, if their key has the scope
    alerts:write. Every request is in the audit log.

    \b
    Examples:
      opsconductor token create --name assistant --role viewer
      OPSCONDUCTOR_TOKEN=ops_... opsconductor mcp
      opsconductor mcp --url https://noc.example.net --allow-writes
      opsconductor mcp --listen 127.0.0.1:8090
    """  # noqa: D301 - click needs the character itself
    if find_spec("mcp") is None:
        raise click.ClickException(MISSING)
    if listen is not None:
        target = find_target(config_file, url, OF_CALLERS)
        _listen(replace(target, agent=ASSISTANT_AGENT), listen, allow_writes=allow_writes, **http)
        return
    if any(http.values()):
        raise click.UsageError("--host, --tls-cert, --tls-key and --plain go with --listen")
    target = replace(find_target(config_file, url, token), agent=ASSISTANT_AGENT)
    run(target, partial(_serve, allow_writes=allow_writes))


async def _serve(client: ApiClient, *, allow_writes: bool) -> None:
    from opsconductor.cli.mcp.tools import server_of  # noqa: PLC0415 - the library is optional

    if allow_writes:
        permissions = (await client.get("/me"))["data"]["permissions"]
        if WRITES not in permissions:
            raise click.ClickException(
                f"--allow-writes needs a key with the scope {WRITES}; this one has {', '.join(permissions)}"
            )
    await server_of(lambda: client, allow_writes=allow_writes).run_stdio_async()


def _listen(
    target: ApiTarget,
    listen: ListenAddress,
    *,
    allow_writes: bool,
    plain: bool,
    hosts: Sequence[str],
    **files: Path | None,
) -> None:
    from opsconductor.cli.mcp.serving import HttpServing, serve  # noqa: PLC0415 - the library is optional

    certificate, key = files["tls_cert"], files["tls_key"]
    if (certificate is None) != (key is None):
        raise click.UsageError("give --tls-cert and --tls-key together")
    if certificate is None and not plain and not _is_here(listen.host):
        raise click.UsageError(
            f"API keys would travel to {listen} unencrypted: give --tls-cert and --tls-key, or listen on "
            "127.0.0.1 behind a reverse proxy; --plain says that a proxy encrypts"
        )
    serving = HttpServing(
        listen=listen, hosts=hosts, certificate=certificate, key=key, allow_writes=allow_writes
    )
    try:
        asyncio.run(serve(target, serving))
    except KeyboardInterrupt:
        return


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
