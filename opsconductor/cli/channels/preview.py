"""`opsconductor channels preview`: what a channel would send, without sending it."""

import click

from opsconductor.cli.alerts.sending import full_id
from opsconductor.cli.alerts.text import Json
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, run
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.enums import NotificationKind
from opsconductor.model.text import paragraphs

FAILS = 1
LONGEST = 200_000


@click.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in NotificationKind]),
    default=NotificationKind.PROBLEM.value,
    show_default=True,
    help="Kind of the message.",
)
@click.option("--alert", "part", metavar="ID", default="", help="About this alert, as it is now.")
@click.option("--html", "only_html", is_flag=True, help="Print the HTML alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the preview as JSON.")
@click.pass_obj
def preview(target: FindTarget, name: str, *, kind: str, part: str, only_html: bool, as_json: bool) -> None:
    """Show what the running channel NAME would send; nothing is sent.

    Without --alert it is about a sample. The HTML of an e-mail is printed by --html.

    Exit status: 0; 1 if the channel's template fails: then the default texts are shown.

    \b
    Examples:
      opsconductor channels preview noc-mail
      opsconductor channels preview noc-mail --kind recovery --alert 1f0c9b11
      opsconductor channels preview noc-mail --html > mail.html
    """  # noqa: D301 - click needs the character itself

    async def ask(client: ApiClient) -> Json:
        query = [("kind", kind)]
        if part:
            query.append(("alert", await full_id(client, part)))
        found: Json = (await client.get(f"/connectors/{name}/preview", query))["data"]
        return found

    found = run(target(), ask)
    assert found is not None
    if as_json:
        echo_json(found)
    elif only_html:
        click.echo(found["parts"].get("html", ""))
    else:
        shown = [(name, text) for name, text in found["parts"].items() if name != "html"]
        click.echo("\n".join(f"{name}:\n{paragraphs(text, LONGEST)}\n" for name, text in shown), nl=False)
    if found["error"]:
        click.echo(f"the template fails: {paragraphs(found['error'], LONGEST)}", err=True)
        raise click.exceptions.Exit(FAILS)
