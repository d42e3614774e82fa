"""Connection of the API to the parts of the daemon, and its server."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from functools import partial

from opsconductor.api.auth.account_rules import AccountRules
from opsconductor.api.auth.passkeys import relying_party_of
from opsconductor.api.dependencies import Dependencies
from opsconductor.api.http.application import build_api
from opsconductor.app.asides import LiveAsides
from opsconductor.app.configuring.declared import DeclaredRows
from opsconductor.app.configuring.reload import put_in_force
from opsconductor.app.configuring.takeover import take_on
from opsconductor.app.connectors.queries import ConnectorQueries
from opsconductor.app.maintenance import MaintenanceDesk
from opsconductor.app.mappings.explainer import LiveExplainer
from opsconductor.app.mappings.listing import MappingLibrary
from opsconductor.app.mappings.report_service import MappingReports
from opsconductor.app.measuring.health import with_measurements
from opsconductor.app.mibs.library import MibLibrary
from opsconductor.app.parts import Parts
from opsconductor.app.rule_test.jobs import RuleTestJobs
from opsconductor.app.rule_test.trials import LiveRuleTrials
from opsconductor.app.signals import Signals
from opsconductor.app.startup import client_limits, serving_api
from opsconductor.app.status.daemon_facts import LiveDaemonFacts
from opsconductor.app.status.health import Health, health_of
from opsconductor.config.effective import SettingOrigins, effective_settings
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.identity.oidc.provider import provider_of
from opsconductor.mib.lookup import shipped_of
from opsconductor.model.notifications.maintenance import MaintenanceWindow
from opsconductor.selfcheck.doctor.live import Doctor
from opsconductor.store.access.local_token import read_local_token
from opsconductor.store.access.sessions import SessionTimes


def facts_of(parts: Parts, health: Health, origins: SettingOrigins) -> LiveDaemonFacts:
    """Return what answers questions about the daemon."""
    return LiveDaemonFacts(
        database=parts.stores.database,
        doctor=Doctor(
            pool=parts.pool,
            connectors=parts.connectors,
            watch=parts.watch,
            health=health,
            blocks=parts.lag.blocks,
        ),
        health=health,
        effective=partial(effective_settings, parts.settings, origins),
    )


async def reload_of(signals: Signals) -> Mapping[str, object]:
    """Reload, and return the outcome JSON-ready."""
    return (await signals.reload()).document()


def desk_of(parts: Parts, declared: DeclaredRows) -> MaintenanceDesk:
    """Return what changes the maintenance windows of the daemon."""
    live, worker = parts.live, parts.worker

    async def use(windows: tuple[MaintenanceWindow, ...]) -> None:
        await take_on(replace(live.configuration, windows=windows), live, worker)

    return MaintenanceDesk(
        pool=parts.pool,
        inventory=lambda: live.configuration.inventory,
        declared=declared,
        use=use,
        changing=live.changing,
    )


def declared_of(parts: Parts) -> DeclaredRows:
    """Return what changes the declared rows of the daemon."""
    settings = parts.settings

    async def use() -> tuple[str, Mapping[str, str]]:
        outcome = await put_in_force(parts.live, parts.worker, parts.connectors, parts.status)
        return parts.live.stored_error, outcome.failed

    key = partial(find_key, settings.secrets, settings.data_dir)
    return DeclaredRows(pool=parts.pool, database=parts.stores.database, key=key, put_in_force=use)


def asides_of(parts: Parts) -> LiveAsides:
    """Return what was set aside, with the intake for trying it again."""
    return LiveAsides(
        pool=parts.pool,
        sources=lambda: parts.worker.stages.sources,
        engine=lambda: parts.worker.stages.engine,
        emit=parts.connectors.emit,
        count_of=parts.live.ledger.counter_of,
    )


def rule_trials_of(parts: Parts, jobs: RuleTestJobs) -> LiveRuleTrials:
    """Return what tries rules beside the configuration in force."""
    return LiveRuleTrials(
        engine=parts.settings.engine, configuration=lambda: parts.live.configuration, jobs=jobs
    )


async def account_rules_of(settings: Settings) -> AccountRules:
    """Return the rules of accounts, with the key of the vault."""
    times = SessionTimes(idle=settings.accounts.session_idle, lifetime=settings.accounts.session_lifetime)
    key = await asyncio.to_thread(find_key, settings.secrets, settings.data_dir)
    accounts, destinations = settings.accounts, settings.outgoing.destinations
    ldap = None
    if accounts.ldap.url:
        from opsconductor.identity.ldap import LdapDirectory  # noqa: PLC0415 - 0.1 s that only LDAP costs

        ldap = LdapDirectory(accounts.ldap, destinations)
    return AccountRules(
        session_times=times,
        proxy=accounts.proxy,
        ldap=ldap,
        oidc=provider_of(accounts.oidc, settings.public_url, destinations),
        relying_party=relying_party_of(str(settings.public_url) if settings.public_url else None),
        vault_key=key,
    )


def health_in(parts: Parts) -> Health:
    """Return what reports the health of the daemon."""
    health = health_of(
        parts.live,
        parts.worker,
        intake=parts.intake,
        stores=parts.stores,
        status=parts.status,
        lag=parts.lag,
    )
    return with_measurements(health, parts.series.facts, parts.detection.task.facts)


@asynccontextmanager
async def listening(parts: Parts, signals: Signals, origins: SettingOrigins) -> AsyncIterator[None]:
    """Serve the API and the page while the context lasts."""
    declared = declared_of(parts)
    health = health_in(parts)
    api_settings = parts.settings.api
    rule_tests = RuleTestJobs(settings=parts.settings)
    accounts = await account_rules_of(parts.settings)
    api = build_api(
        Dependencies(
            database=parts.stores.database,
            engine=lambda: parts.worker.stages.engine,
            pipeline=parts.worker,
            feed=parts.feed,
            health=health,
            connectors=ConnectorQueries(
                connectors=parts.connectors,
                status=parts.status,
                live=parts.live,
                database=parts.stores.database,
                emit_at_once=parts.intake.put_at_once,
            ),
            inventories=parts.inventories,
            asides=asides_of(parts),
            mibs=MibLibrary(pool=parts.pool, shipped=lambda: shipped_of(parts.live.configuration.facts)),
            mappings=LiveExplainer(pool=parts.pool, configuration=lambda: parts.live.configuration),
            mapping_report=MappingReports(settings=parts.settings),
            mapping_list=MappingLibrary(pool=parts.pool, configuration=lambda: parts.live.configuration),
            declared=declared,
            maintenance=desk_of(parts, declared),
            rule_trials=rule_trials_of(parts, rule_tests),
            datasets=parts.datasets,
            reports=parts.reports,
            facts=facts_of(parts, health, origins),
            reload=partial(reload_of, signals),
            last_heard=parts.worker.stages.last_heard.at,
            local_key=partial(read_local_token, parts.settings.data_dir),
            body_bytes=parts.settings.limits.api_body_bytes,
            limits=client_limits(api_settings),
            accounts=accounts,
            trusted_proxies=api_settings.trusted_proxies,
            metrics_networks=api_settings.metrics_networks,
            anomalies=parts.detection.live,
            models=parts.detection.models,
            ack_links=parts.ack_links,
            series=parts.series,
        )
    )
    async with aclosing(accounts), serving_api(api, api_settings), aclosing(rule_tests):
        yield
