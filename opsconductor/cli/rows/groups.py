"""Groups of commands on declared rows alone: policies, schedules, people, teams."""

import click

from opsconductor.cli.rows.command import add_row_commands
from opsconductor.cli.rows.kinds import ALERT_RULE, MACHINE, PERSON, POLICY, SCHEDULE, TEAM


@click.group()
def policies() -> None:
    """Show and change escalation policies.

    \b
    Examples:
      opsconductor policies list
      opsconductor policies show climb
      opsconductor policies edit climb
    """  # noqa: D301 - click needs the character itself


@click.group()
def schedules() -> None:
    """Show and change on-call schedules; who is on call shows 'oncall'.

    \b
    Examples:
      opsconductor schedules list
      opsconductor schedules create nights.yaml
      opsconductor schedules edit nights
    """  # noqa: D301 - click needs the character itself


@click.group()
def people() -> None:
    """Show and change people and how they are reached; 'users' is about logging in.

    \b
    Examples:
      opsconductor people list
      opsconductor people update ada --set time_zone=Europe/Paris
      opsconductor people edit ada
    """  # noqa: D301 - click needs the character itself


@click.group()
def teams() -> None:
    """Show and change teams.

    \b
    Examples:
      opsconductor teams list
      opsconductor teams create --set name=noc --set 'members=[ada, bob]'
      opsconductor teams delete noc
    """  # noqa: D301 - click needs the character itself


@click.group(name="alert-rules")
def alert_rules() -> None:
    """Show and change rules over measured values; 'rules' is about who is notified.

    \b
    Examples:
      opsconductor alert-rules list
      opsconductor alert-rules create --set name=hot --set metric=battery_temperature --set warning=40
      opsconductor alert-rules edit hot
    """  # noqa: D301 - click needs the character itself


@click.group(name="machine-configurations")
def machine_configurations() -> None:
    """Show and change usual values and limits for all devices of a type.

    \b
    Examples:
      opsconductor machine-configurations list
      opsconductor machine-configurations create ups.yaml
      opsconductor machine-configurations edit ups
    """  # noqa: D301 - click needs the character itself


for _group, _kind in (
    (policies, POLICY),
    (schedules, SCHEDULE),
    (people, PERSON),
    (teams, TEAM),
    (alert_rules, ALERT_RULE),
    (machine_configurations, MACHINE),
):
    add_row_commands(_group, _kind)
