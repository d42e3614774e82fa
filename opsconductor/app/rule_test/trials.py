"""Rules that are not applied, tried on one alert at once, or on the archive in a process of its own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from uuid import UUID, uuid5

from opsconductor.api.interfaces.rule_trials import ExampleAlert, RuleTestLimits, RuleTestState, TriedRules
from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.configuring.trial import IDS
from opsconductor.app.connectors.types import installed_types
from opsconductor.app.rule_test.jobs import RuleTestJobs
from opsconductor.app.rule_test.testing import RuleTestRequest
from opsconductor.config.provision.crosscheck import channel_faults
from opsconductor.config.provision.provision import Provision, provision_of
from opsconductor.config.provision.rows import ProvisionTable
from opsconductor.config.provision.short_channels import with_names
from opsconductor.config.settings import EngineSettings
from opsconductor.engine.alert_index import device_key
from opsconductor.engine.engine import Engine
from opsconductor.engine.recipients.foreseen import Forecast, forecast_of
from opsconductor.engine.routing.router import Router
from opsconductor.engine.routing.situation import Situation
from opsconductor.errors import ConfigError
from opsconductor.inventory.identify import identify
from opsconductor.model import canary
from opsconductor.model.alert import Alert
from opsconductor.model.enums import Category
from opsconductor.model.normalized import NormalizedAlert
from opsconductor.model.notifications.rule import NotificationRule
from opsconductor.store.declared.rules import rule_of

BODY = "provision"
"""Name of a document that comes with a request, in faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRuleTrials:
    """Tries rules beside the configuration in force."""

    engine: EngineSettings
    configuration: Callable[[], Configuration]
    jobs: RuleTestJobs

    async def forecast(self, alert: Alert, at: datetime, tried: TriedRules) -> Forecast:
        """Return whom the rules would notify of an alert as it is, at a time.

        Raises:
            ConfigError: The rules have faults.
        """
        return await asyncio.to_thread(self._forecast, alert, at, tried)

    async def alert_of(self, example: ExampleAlert, at: datetime) -> Alert:
        """Return the alert that the engine would make of an example at a time."""
        return await asyncio.to_thread(self._alert_of, example, at)

    async def start(self, tried: TriedRules, limits: RuleTestLimits, by: str) -> RuleTestState | None:
        """Start a test; return None if another one is running.

        Raises:
            ConfigError: The rules have faults; conflicts with the database are found by the test itself.
        """
        request = RuleTestRequest(
            begin=limits.begin,
            end=limits.end,
            provision=await asyncio.to_thread(_provision_of, tried),
            is_alone=tried.is_alone,
            events=limits.events,
            time_limit_s=limits.time_limit_s,
        )
        return self.jobs.start(request, by)

    def find(self, test_id: UUID) -> RuleTestState | None:
        """Return one of the latest tests, or None."""
        return self.jobs.find(test_id)

    async def cancel(self, test_id: UUID) -> RuleTestState | None:
        """End a running test; return its state, None if there is none of this id."""
        return await self.jobs.cancel(test_id)

    def _forecast(self, alert: Alert, at: datetime, tried: TriedRules) -> Forecast:
        router = Router(self._rules(tried), self.configuration().directory)
        device = self.configuration().inventory.device_at(device_key(alert))
        situation = Situation(alert=alert, event=alert.last_event, at=at, device=device)
        return forecast_of(router, situation)

    def _rules(self, tried: TriedRules) -> list[NotificationRule]:
        """Return the rules in force, those of the document in place of rules of the same name."""
        declared = self._declared(_provision_of(tried))
        names = {rule.name for rule in declared}
        kept = [
            rule
            for rule in self.configuration().rules
            if rule.name not in names and (not tried.is_alone or rule.id == canary.RULE_ID)
        ]
        return [*kept, *declared]

    def _declared(self, provision: Provision | None) -> list[NotificationRule]:
        if provision is None:
            return []
        connectors = self.configuration().connectors
        others = [{"name": name, "type": row.type, "enabled": True} for name, row in connectors.items()]
        items, faults = with_names(provision.items, others)
        types = {name: row.type for name, row in connectors.items()}
        if faults := [*faults, *channel_faults(items, installed_types(), types)]:
            raise ConfigError(faults)
        return [
            rule_of({"id": uuid5(IDS, str(item.key)), **item.row})
            for item in items
            if item.table is ProvisionTable.NOTIFICATION_RULES
        ]

    def _alert_of(self, example: ExampleAlert, at: datetime) -> Alert:
        inventory = self.configuration().inventory
        engine = Engine(self.engine, inventory, ())
        engine.load((), at)
        changes = engine.apply(identify([_report_of(example, at)], inventory), at)
        (alert,) = changes.created
        began_at = at - example.age
        return replace(
            alert,
            occurred_at=began_at,
            received_at=began_at,
            unacknowledged_since=began_at,
            occurrence_count=example.occurrences,
        )


def _provision_of(tried: TriedRules) -> Provision | None:
    return None if tried.document is None else provision_of(tried.document, BODY, installed_types())


def _report_of(example: ExampleAlert, at: datetime) -> NormalizedAlert:
    category, _, what = example.alert_type.partition("_")
    try:
        by_address = bool(ip_address(example.device))
    except ValueError:
        by_address = False
    return NormalizedAlert(
        source_system=example.source_system,
        alert_type=example.alert_type,
        category=Category(category),
        severity=example.severity,
        title=example.title or what.replace("_", " ").capitalize(),
        occurred_at=at,
        received_at=at,
        device_ip=example.device if by_address else None,
        device_name=None if by_address else example.device,
        resource=example.resource,
        tags=example.tags,
        custom_fields=example.custom_fields,
    )
