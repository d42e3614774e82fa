"""`opsconductor mcp`: serve the tools on standard input and output."""

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import click

from opsconductor.cli.api_client import ApiClient, find_target, run, target_options
from opsconductor.store.access.audit import ASSISTANT_AGENT

WRITES = "alerts:write"
MISSING = "this needs the library mcp: pip install 'opsconductor[mcp]'"


@click.command()
@target_options
@click.option(
    "--allow-writes", is_flag=True, help="Also tools that acknowledge, comment, shelve and assign alerts."
)
@click.pass_obj
def mcp(config_file: Path | None, /, url: str | None, token: str | None, *, allow_writes: bool) -> None:
    """Serve alerts, statistics, devices and health to an assistant (Model Context Protocol, stdio).

    The assistant starts this command, and reads what the key may read. With --allow-writes it handles alerts
    too, if the key has the scope alerts:write. Every request is in the audit log.

    \b
    Examples:
      opsconductor token create assistant --role viewer
      OPSCONDUCTOR_TOKEN=ops_... opsconductor mcp
      opsconductor mcp --url https://noc.example.net --allow-writes
    """  # noqa: D301 - click wants the character itself
    if find_spec("mcp") is None:
        raise click.ClickException(MISSING)
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
    await server_of(client, allow_writes=allow_writes).run_stdio_async()
