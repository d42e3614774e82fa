"""`opsconductor channels`: test messages through notification channels."""

from functools import partial
from pathlib import Path

import click

from opsconductor.cli.alerts.text import Json, console
from opsconductor.cli.channels.dead_letters import resend, undelivered
from opsconductor.cli.channels.preview import preview
from opsconductor.cli.connectors.text import checks_of
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, find_target, run, target_options
from opsconductor.cli.terminal.outcome import echo_json

BAD = 1


@click.group()
@target_options
@click.pass_context
def channels(context: click.Context, url: str | None, token: str | None) -> None:
    """Test the channels through which people are notified, and send again what was given up.

    \b
    Examples:
      opsconductor channels test noc-mail ada@example.net
      opsconductor channels preview noc-mail --kind recovery
      opsconductor channels undelivered --since 1d
      opsconductor channels resend --channel noc-mail
    """  # noqa: D301 - click needs the character itself
    config_file: Path | None = context.obj
    context.obj = partial(find_target, config_file, url, token)


channels.add_command(undelivered)
channels.add_command(resend)
channels.add_command(preview)


@channels.command()
@click.argument("name")
@click.argument("recipient", default="")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_obj
def test(target: FindTarget, name: str, recipient: str, *, as_json: bool) -> None:
    """Send a marked test message through the running channel NAME to RECIPIENT.

    RECIPIENT is written as in a rule; without it the channel's own is used. What would stay open at the
    receiver (an incident, a ticket) is closed again at once. The message is tried once.

    Exit status: 0 if the receiver accepted it; 1 if not, with the reason.

    \b
    Examples:
      opsconductor channels test noc-mail ada@example.net
      opsconductor channels test noc-slack '#noc'
      opsconductor channels test pager
    """  # noqa: D301 - click needs the character itself

    async def ask(client: ApiClient) -> Json:
        found: Json = (await client.post(f"/connectors/{name}/test", {"recipient": recipient}))["data"]
        return found

    outcome = run(target(), ask)
    assert outcome is not None
    if as_json:
        echo_json(outcome)
    else:
        console().print(checks_of({name: outcome}))
    if not outcome["ok"]:
        raise click.exceptions.Exit(BAD)
