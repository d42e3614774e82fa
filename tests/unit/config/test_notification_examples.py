"""Every example in docs/notifications.md and docs/people.md is accepted as it stands."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from opsconductor.app.connectors.types import installed_types
from opsconductor.config.provision.provision import read_provision
from opsconductor.config.provision.rows import ProvisionTable, canonical
from opsconductor.config.provision.short_channels import with_names
from opsconductor.engine.routing.router import Router
from opsconductor.engine.routing.situation import Situation
from opsconductor.model.enums import AlertEvent
from opsconductor.store.declared.rules import rule_of
from tests.unit.api.test_api_pure import an_alert

DOCS = Path(__file__).parents[3] / "docs"
PAGES = [(DOCS / name).read_text() for name in ("notifications.md", "people.md")]
EXAMPLES = [part.partition("```")[0] for page in PAGES for part in page.split("```yaml\n")[1:]]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_can_be_declared(number: int, tmp_path: Path) -> None:
    """It has no faults, comes back from the database unchanged, and every rule of it can be evaluated."""
    file = tmp_path / "rules.yaml"
    file.write_text(EXAMPLES[number])
    items = read_provision([file], installed_types()).items
    declared = [item for item in items if item.table is ProvisionTable.NOTIFICATION_RULES]
    assert len(declared) == len(yaml.safe_load(EXAMPLES[number]).get("notification_rules", ()))
    mail = {"name": "email", "type": "email", "enabled": True}
    named, faults = with_names(declared, [mail])
    assert not faults
    rules = [rule_of({"id": UUID(int=at), **item.row}) for at, item in enumerate(named)]
    assert all(canonical(item.table, item.row) == item.row for item in items)
    assert not any(rule.fault for rule in rules)
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    situation = Situation(alert=an_alert(), event=AlertEvent.CREATED, at=at)
    router = Router(rules)
    fired = [rule.name for rule in router.route(situation).fired]
    assert fired == [verdict.rule for verdict in router.explain(situation) if verdict.fired]


def test_there_are_examples() -> None:
    """The page is read as it is written."""
    assert len(EXAMPLES) == 11
