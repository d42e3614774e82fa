"""Commands of the API on single alerts, which are named by a part of their ids."""

from collections.abc import Sequence

import click

from opsconductor.cli.alerts.text import SHORT_ID, Json, console, now, table_of
from opsconductor.cli.terminal.api_client import ApiClient, Conflict
from opsconductor.model.enums import OPEN_STATUSES, Status
from opsconductor.model.text import printable

FULL_ID = 36
_STATUS_OPEN = [("status", status) for status in sorted(OPEN_STATUSES)]


async def read_alert(client: ApiClient, alert_id: str) -> Json:
    """Return one alert by a part of its id."""
    found: Json = (await client.get(f"/alerts/{await full_id(client, alert_id)}"))["data"]
    return found


async def send(
    client: ApiClient, alert_ids: Sequence[str], name: str, notes: str | None, **values: object
) -> None:
    """Send one command for each alert in turn, conditional on the state that was read.

    Raises:
        click.ClickException: An alert does not exist or its state does not allow the command; the
            alerts after it are not touched.
    """
    body = values if notes is None else {**values, "notes": notes}
    for alert_id in alert_ids:
        alert = await read_alert(client, alert_id)
        try:
            answer = await client.post(f"/alerts/{alert['id']}/{name}", {**body, **_expected(alert, name)})
        except Conflict as error:
            about = printable(f"{alert['id'][-SHORT_ID:]} {alert['title']}")
            raise click.ClickException(f"{about}: {error.message}. Nothing was changed.") from error
        screen = console()
        screen.print(table_of([answer["data"]], 1, now(), fills=screen.is_terminal))


def _expected(alert: Json, name: str) -> Json:
    """Return the version that a command applies to, as the web page sends it; None for comments."""
    if name == "notes":
        return {}
    expected = {"expected_status": alert["status"], "expected_severity": alert["severity"]}
    if alert["status"] == Status.ACKNOWLEDGED and alert["acknowledged_by"]:
        expected["expected_acknowledged_by"] = alert["acknowledged_by"]
    return expected


async def full_id(client: ApiClient, part: str) -> str:
    """Return the id of the only open alert, else of the only alert, whose id begins or ends so."""
    if len(part) == FULL_ID:
        return part
    asked = [("id", part), ("per_page", "2")]
    found = (await client.get("/alerts", [*asked, *_STATUS_OPEN]))["data"]
    found = found or (await client.get("/alerts", asked))["data"]
    if len(found) == 1:
        return str(found[0]["id"])
    many = "more than one alert has" if found else "no alert has"
    raise click.ClickException(f"{many} an id that begins or ends with {part}")
