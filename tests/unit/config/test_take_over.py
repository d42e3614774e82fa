"""Rows of files that people have edited: a plan leaves them alone until the edit is reverted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opsconductor.config.provision.diff import Present
from opsconductor.config.provision.plan import ProvisionPlan, make_plan
from opsconductor.config.provision.provision import Provision, provision_of
from opsconductor.config.provision.rows import ProvisionTable, name_of
from opsconductor.config.provision.take_over import MOST_NAMED, TakeOver, origins_taken_over
from opsconductor.config.vault import Vault
from opsconductor.errors import ConfigError
from tests.support.daemons.declaring import INSTALLED

FILE = "/etc/noc/all.yaml"
MAIL = {"name": "mail", "type": "mailer", "config": {"host": "mx"}}
RULE = {"name": "all", "channels": [{"channel": "mail"}]}
WHOLE = {"connectors": [MAIL], "notification_rules": [RULE]}


def declared(document: object, origin: str | None = FILE) -> Provision:
    """Read what a file declares."""
    return provision_of(document, FILE, INSTALLED, origin=origin)


def stored(document: object, origin: str | None) -> list[Present]:
    """Make rows as the database has them."""
    return [Present(table=item.table, row=item.row, origin=origin) for item in declared(document).items]


def taken(table: ProvisionTable, name: str) -> TakeOver:
    """Make a row that was taken over."""
    at = datetime(2026, 11, 29, 12, tzinfo=UTC)
    return TakeOver(table=table, key=(name,), origin=FILE, by="ada", at=at)


CONNECTOR = taken(ProvisionTable.CONNECTORS, "mail")


def plan(
    provision: Provision, present: list[Present], *known: TakeOver, prune: bool = False
) -> ProvisionPlan:
    """Make a plan."""
    vault = Vault(bytes(32), {})
    return make_plan(provision, present, vault, installed=INSTALLED, prune=prune, taken=known)


def verbs(made: ProvisionPlan) -> list[str]:
    """List the actions of a plan."""
    return [f"{change.verb} {name_of(change.table, change.key)}" for change in made.changes]


def test_a_changed_row_stays_and_rows_that_name_it_are_applied() -> None:
    """The remark says who, when and how to return it to the file; pruning leaves it alone, too."""
    other = {**MAIL, "config": {"host": "mx2"}}
    made = plan(declared(WHOLE), stored({"connectors": [other]}, None), CONNECTOR, prune=True)
    assert verbs(made) == ["+ notification_rule all"]
    (remark,) = made.remarks
    assert remark.startswith("connector mail was taken over by ada on 2026-11-29 and is no longer changed by")
    assert remark.endswith(f"`opsconductor apply --take-back {FILE}`, or remove it there")


def test_a_deleted_row_stays_deleted() -> None:
    """It is in no table and is not added."""
    rule = taken(ProvisionTable.NOTIFICATION_RULES, "all")
    made = plan(declared(WHOLE), stored({"connectors": [MAIL]}, FILE), rule)
    assert (verbs(made), made.summary) == ([], "0 added, 0 changed, 0 deleted, 1 unchanged")


def test_a_fault_of_a_reference_to_a_deleted_row_says_who_deleted_it() -> None:
    """The file has the connector, so the missing channel of a new rule needs the explanation."""
    with pytest.raises(ConfigError) as refused:
        plan(declared(WHOLE), [], CONNECTOR)
    rule, connector = refused.value.faults
    assert (rule.key, rule.found) == ("notification_rules[0].channels[0].channel", '"mail"')
    assert (connector.key, connector.found) == (
        "connectors[0]",
        "a row that ada deleted on 2026-11-29",
    )
    assert "--take-back" in connector.expected


def test_a_returned_row_belongs_to_the_file_even_if_it_is_equal() -> None:
    """Deleted rows come back; rows that the files do not declare stay taken over."""
    rule, other = taken(ProvisionTable.NOTIFICATION_RULES, "all"), taken(ProvisionTable.TEAMS, "noc")
    back = replace(declared(WHOLE), is_taking_back=True)
    made = plan(back, stored({"connectors": [MAIL]}, None), CONNECTOR, rule, other)
    assert verbs(made) == ["~ connector mail", "+ notification_rule all"]
    assert {change.origin for change in made.changes} == {FILE}
    assert made.taken_back == {(each.table, each.key) for each in (CONNECTOR, rule)}
    assert made.remarks == ()


def test_many_rows_of_one_file_are_counted() -> None:
    """An import that takes over thousands does not flood the log at each reload."""
    names = [f"team-{number}" for number in range(MOST_NAMED + 3)]
    teams = declared({"teams": [{"name": name} for name in names]})
    made = plan(teams, [], *(taken(ProvisionTable.TEAMS, name) for name in names))
    assert len(made.remarks) == MOST_NAMED + 1
    assert made.remarks[-1] == f"3 more rows were taken over and are no longer changed by {FILE}"


def test_only_rows_of_files_are_taken_over() -> None:
    """Rows of the API or the command line are not applied again."""
    for origin, expected in ((FILE, [FILE]), ("api", []), ("cli", []), (None, [])):
        rows = stored({"connectors": [MAIL]}, origin)
        changes = plan(declared({"connectors": [{**MAIL, "enabled": False}]}, None), rows).changes
        assert list(origins_taken_over(changes, rows).values()) == expected
