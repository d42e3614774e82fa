"""Groups of commands on declared rows alone: devices, dependencies, policies, schedules, people, teams."""

import click

from opsconductor.cli.rows.command import add_row_commands
from opsconductor.cli.rows.kinds import DEPENDENCY, DEVICE, PERSON, POLICY, SCHEDULE, TEAM


@click.group()
def devices() -> None:
    """Show and change devices.

    A device that an inventory has found becomes your own by a change.

    \b
    Examples:
      opsconductor devices list lyon
      opsconductor devices create --set name=core-1 --set ip_address=10.0.0.1
      opsconductor devices update 10.0.0.1 --set site=paris
      opsconductor devices edit 10.0.0.1
      opsconductor devices list --output yaml > devices.yaml
    """  # noqa: D301 - click wants the character itself


@click.group()
def dependencies() -> None:
    """Show and change which device needs which.

    \b
    Examples:
      opsconductor dependencies list 10.0.0.2
      opsconductor dependencies create --set device_ip=10.0.0.2 --set depends_on_ip=10.0.0.1
      opsconductor dependencies delete 0b0d5c7e-6a57-4d0c-b8a8-1f3f5a8f6a11
    """  # noqa: D301 - click wants the character itself


@click.group()
def policies() -> None:
    """Show and change escalation policies.

    \b
    Examples:
      opsconductor policies list
      opsconductor policies show climb
      opsconductor policies edit climb
    """  # noqa: D301 - click wants the character itself


@click.group()
def schedules() -> None:
    """Show and change on-call schedules; who is on call shows 'oncall'.

    \b
    Examples:
      opsconductor schedules list
      opsconductor schedules create nights.yaml
      opsconductor schedules edit nights
    """  # noqa: D301 - click wants the character itself


@click.group()
def people() -> None:
    """Show and change people and how they are reached; 'users' is about signing in.

    \b
    Examples:
      opsconductor people list
      opsconductor people update ada --set time_zone=Europe/Paris
      opsconductor people edit ada
    """  # noqa: D301 - click wants the character itself


@click.group()
def teams() -> None:
    """Show and change teams.

    \b
    Examples:
      opsconductor teams list
      opsconductor teams create --set name=noc --set 'members=[ada, bob]'
      opsconductor teams delete noc
    """  # noqa: D301 - click wants the character itself


for _group, _kind in (
    (devices, DEVICE),
    (dependencies, DEPENDENCY),
    (policies, POLICY),
    (schedules, SCHEDULE),
    (people, PERSON),
    (teams, TEAM),
):
    add_row_commands(_group, _kind)
