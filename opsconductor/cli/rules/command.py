"""`opsconductor rules`: who would be notified of an alert, and what rules would have sent."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from opsconductor.cli.alerts.command import full_id
from opsconductor.cli.alerts.text import Json
from opsconductor.cli.api_client import ApiClient, find_target, run, target_options
from opsconductor.cli.moment import Moment
from opsconductor.cli.outcome import echo_json
from opsconductor.cli.rules.testing import test
from opsconductor.model.text import printable


@click.group()
def rules() -> None:
    """Try out the notification rules.

    \b
    Examples:
      opsconductor rules who 838cb823
      opsconductor rules who 838cb823 --at 2026-12-25T03:00
      opsconductor rules test rules.yaml --last 30d
    """  # noqa: D301 - click wants the character itself


rules.add_command(test)


@rules.command()
@click.argument("alert_id", metavar="ALERT")
@click.option("--at", type=Moment(), help="When; default: now.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@target_options
@click.pass_obj
def who(
    config_file: Path | None,
    /,
    url: str | None,
    token: str | None,
    *,
    alert_id: str,
    at: datetime | None,
    as_json: bool,
) -> None:
    """Show who would be notified of an alert as it is, now or at another time.

    The rules in force are evaluated; nothing is sent. Throttling is not considered, and neither is who has
    been notified already.
    """

    async def ask(client: ApiClient) -> Json:
        query = [("at", at.isoformat())] if at is not None else []
        found: Json = (await client.get(f"/alerts/{await full_id(client, alert_id)}/who", query))["data"]
        return found

    found = run(find_target(config_file, url, token), ask)
    assert found is not None
    if as_json:
        echo_json(found)
    else:
        click.echo("\n".join(printable(line) for line in _lines(found)))


def _lines(found: Json) -> Iterable[str]:
    for each in found["recipients"]:
        yield f"{each['channel']} {each['recipient']}".strip() + f"  (rule {each['rule']})"
    if not found["recipients"]:
        yield "nobody"
    for verdict in found["verdicts"]:
        if not verdict["fired"]:
            yield f"not by rule {verdict['rule']}: {verdict['reason']}"
