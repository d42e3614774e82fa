"""`opsconductor rules`: who would be notified of an alert, and what rules would have sent."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from opsconductor.cli.alerts.sending import full_id
from opsconductor.cli.alerts.text import Json
from opsconductor.cli.rows.command import add_row_commands
from opsconductor.cli.rows.kinds import RULE
from opsconductor.cli.rules.files import RULES_FILE, read_example, read_rules
from opsconductor.cli.rules.testing import test
from opsconductor.cli.terminal.api_client import ApiClient, find_target, run, target_options
from opsconductor.cli.terminal.moment import Moment, shown
from opsconductor.cli.terminal.outcome import echo_json
from opsconductor.model.text import printable


@click.group()
def rules() -> None:
    """Show, change and try out the notification rules.

    \b
    Examples:
      opsconductor rules who 838cb823
      opsconductor rules who 838cb823 --at 2026-12-25T03:00
      opsconductor rules who alert.yaml --rules new-rules.yaml
      opsconductor rules test rules.yaml --last 30d
    """  # noqa: D301 - click needs the character itself


rules.add_command(test)
add_row_commands(rules, RULE)


@rules.command()
@click.argument("subject", metavar="ALERT|FILE")
@click.option("--at", type=Moment(), help="When; default: now.")
@click.option(
    "--rules", "file", type=RULES_FILE, help="Try with the rules of this file, which are not applied."
)
@click.option("--alone", is_flag=True, help="Leave out the rules in force that are not in that file.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@target_options
@click.pass_obj
def who(
    config_file: Path | None,
    /,
    url: str | None,
    token: str | None,
    *,
    subject: str,
    **wanted: Any,
) -> None:
    """Show who would be notified of an alert as it is, now or at another time.

    ALERT is the id of an alert, or its beginning. FILE (YAML or JSON; `-` is standard input) describes an
    alert that does not exist: device and alert_type, and if rules depend on them severity, resource,
    title, source_system, tags, custom_fields, occurrences and age.

    The rules in force are evaluated, or with --rules those of a file on top of them; nothing is sent.
    Throttling and earlier notifications are not considered.

    \b
    Examples:
      opsconductor rules who 838cb823 --at 2026-12-25T03:00
      opsconductor rules who 838cb823 --rules new-rules.yaml
      echo '{device: core-sw1, alert_type: network_link_down, severity: critical}' | opsconductor rules who -
    """  # noqa: D301 - click needs the character itself
    at, file = wanted["at"], wanted["file"]
    if wanted["alone"] and file is None:
        raise click.UsageError("--alone needs --rules")
    example = read_example(subject)
    tried = {} if file is None else {"provision": read_rules(file), "alone": wanted["alone"]}
    when = {} if at is None else {"at": at.isoformat()}

    async def ask(client: ApiClient) -> Json:
        if example is not None:
            return dict((await client.post("/rules/who", {"alert": example, **tried, **when}))["data"])
        alert_id = await full_id(client, subject)
        if tried:
            return dict((await client.post("/rules/who", {"alert_id": alert_id, **tried, **when}))["data"])
        return dict((await client.get(f"/alerts/{alert_id}/who", list(when.items())))["data"])

    found = run(find_target(config_file, url, token), ask)
    assert found is not None
    if wanted["as_json"]:
        echo_json(found)
    else:
        click.echo("\n".join(printable(line) for line in _lines(found)))


def _lines(found: Json) -> Iterable[str]:
    yield from map(_recipient, found["recipients"])
    if not found["recipients"]:
        yield "no one"
    for each in found["left_out"]:
        when = "not" if each["until"] is None else f"at {shown(datetime.fromisoformat(each['until']))}"
        yield f"{when} {each['person']} over {each['channel']}: {each['reason']}  (rule {each['rule']})"
    for step in found["steps"]:
        at, name = shown(datetime.fromisoformat(step["at"])), f"escalation {step['policy']}"
        yield f"then, unless the alert is acknowledged, at {at}: step {step['step']} of {name}"
        yield from (f"  {_recipient(each)}" for each in step["recipients"])
        if not step["recipients"]:
            yield "  no one: " + "; ".join(step["remarks"])
    for verdict in found["verdicts"]:
        if not verdict["fired"]:
            yield f"not by rule {verdict['rule']}: {verdict['reason']}"


def _recipient(each: Json) -> str:
    who = [each["why"] or each["person"], f"rule {each['rule']}"]
    return f"{each['channel']} {each['recipient']}".strip() + f"  ({', '.join(filter(None, who))})"
