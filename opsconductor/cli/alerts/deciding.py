"""`opsconductor alerts reopen | assign | tag | severity | related`."""

from collections.abc import Sequence
from functools import partial

import click
from rich.console import Group, RenderableType
from rich.text import Text

from opsconductor.cli.alerts.sending import full_id, send
from opsconductor.cli.alerts.text import Json, console, now, table_of
from opsconductor.cli.terminal.api_client import ApiClient, FindTarget, run
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.enums import Severity

LEVELS = [severity.value for severity in Severity if severity is not Severity.CLEAR]

alert_ids_argument = click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
note_option = click.option("--note", help="Comment for the history.")
set_option = click.option("--set", "severity", type=click.Choice(LEVELS), help="The severity.")
withdraw_option = click.option("--withdraw", is_flag=True, help="Restore the severity of the device.")
add_option = click.option("--add", metavar="TAG", multiple=True, help="Add a tag; may be repeated.")
remove_option = click.option("--remove", metavar="TAG", multiple=True, help="Remove a tag that people added.")


@click.command()
@alert_ids_argument
@note_option
@click.pass_obj
def reopen(target: FindTarget, alert_ids: Sequence[str], note: str | None) -> None:
    """Reopen alerts that were closed within the last minutes; they are notified again."""
    run(target(), partial(send, alert_ids=alert_ids, name="reopen", notes=note))


@click.command()
@alert_ids_argument
@click.option("--to", metavar="NAME", help="Assignee; default: no one.")
@note_option
@click.pass_obj
def assign(target: FindTarget, alert_ids: Sequence[str], to: str | None, note: str | None) -> None:
    """Assign alerts."""
    run(target(), partial(send, alert_ids=alert_ids, name="assign", notes=note, assigned_to=to))


@click.command()
@alert_ids_argument
@add_option
@remove_option
@note_option
@click.pass_obj
def tag(
    target: FindTarget, alert_ids: Sequence[str], add: Sequence[str], remove: Sequence[str], note: str | None
) -> None:
    """Add tags to alerts, and remove such tags; those of the source stay.

    \b
    Examples:
      opsconductor alerts tag 838cb823 --add change-4711
      opsconductor alerts list --filter tag=change-4711
    """  # noqa: D301 - click needs the character itself
    if not (add or remove):
        raise click.UsageError("name a tag: --add TAG or --remove TAG")
    act = partial(send, alert_ids=alert_ids, name="tags", notes=note, add=list(add), remove=list(remove))
    run(target(), act)


@click.command()
@alert_ids_argument
@set_option
@withdraw_option
@click.option("--reason", help="Reason, kept in the history.")
@click.pass_obj
def severity(
    target: FindTarget, alert_ids: Sequence[str], severity: str | None, reason: str | None, *, withdraw: bool
) -> None:
    """Set the severity of alerts in place of their devices, until that is withdrawn.

    \b
    Examples:
      opsconductor alerts severity 838cb823 --set critical --reason "the customer calls"
      opsconductor alerts severity 838cb823 --withdraw
    """  # noqa: D301 - click needs the character itself
    if (severity is None) != withdraw:
        raise click.UsageError("give --set SEVERITY or --withdraw")
    run(target(), partial(send, alert_ids=alert_ids, name="severity", notes=reason, severity=severity))


@click.command()
@click.argument("alert_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def related(target: FindTarget, alert_id: str, *, as_json: bool) -> None:
    """Show cause, root cause and consequences of an alert, and earlier alerts about the same fault."""
    found = run(target(), partial(_related, alert_id=alert_id))
    assert found is not None
    if as_json:
        echo_json(found)
    else:
        console().print(groups_of(found))


async def _related(client: ApiClient, alert_id: str) -> Json:
    found: Json = (await client.get(f"/alerts/{await full_id(client, alert_id)}/related"))["data"]
    return found


def groups_of(found: Json) -> RenderableType:
    """Render what belongs to an alert, group by group."""
    parts: list[RenderableType] = []
    for name in ("cause", "root", "consequences", "earlier"):
        given = found[name]
        alerts = given if isinstance(given, list) else [given] if given else []
        total = max(found["impacted"], len(alerts)) if name == "consequences" else len(alerts)
        parts.append(Text(f"{name}: {f'{total:,}' if alerts else 'none'}", style="bold"))
        if alerts:
            parts.append(table_of(alerts, total, now(), fills=False))
    return Group(*parts)


DECISIONS: Sequence[click.Command] = (reopen, assign, tag, severity, related)
