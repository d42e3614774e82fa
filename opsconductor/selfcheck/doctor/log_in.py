"""Examination of log-in with accounts that are kept elsewhere."""

from collections.abc import Mapping
from contextlib import aclosing, closing
from urllib.parse import urlsplit

from opsconductor.config.sections.sign_in import LdapSettings, SignInSettings
from opsconductor.config.settings import Settings
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError, StoreError
from opsconductor.identity.oidc.provider import provider_of
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.store.access.roles import list_roles
from opsconductor.store.postgres.connection import Pool

AREA = "log-in"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


async def examine_log_in(pool: Pool, settings: Settings) -> list[DoctorFinding]:
    """Query directory and provider, and compare the settings of log-in with the roles.

    What the settings lack beside each other is found by `setup.judge_settings`.
    """
    accounts = settings.accounts
    findings: list[DoctorFinding] = []
    used: dict[str, SignInSettings] = {}
    if accounts.proxy.user_header:
        used["proxy"] = accounts.proxy
        if proxies := ", ".join(map(str, settings.api.trusted_proxies)):
            header = accounts.proxy.user_header
            findings.append(ok(AREA, f"accounts.proxy: users named in {header} by {proxies}"))
    if accounts.ldap.url:
        used["ldap"] = accounts.ldap
        findings.append(await _ask_directory(accounts.ldap, settings.outgoing.destinations))
    if accounts.oidc.issuer:
        used["oidc"] = accounts.oidc
        findings += await _ask_provider(settings)
    if used:
        findings += await _judge_roles(pool, used)
    return findings


async def _ask_directory(settings: LdapSettings, destinations: Destinations) -> DoctorFinding:
    from opsconductor.identity.ldap import LdapDirectory  # noqa: PLC0415 - as in app/api_server.py

    with closing(LdapDirectory(settings, destinations)) as directory:
        try:
            text = await directory.check()
        except ProviderError as error:
            return bad(AREA, f"accounts.ldap: {error}", "correct accounts.ldap, or its server; then restart")
    url = urlsplit(settings.url or "")
    if url.scheme == "ldap" and not settings.start_tls and url.hostname not in LOOPBACK:
        remedy = "set start_tls: true, or use ldaps://"
        return warning(AREA, f"accounts.ldap: passwords go to {settings.url} unencrypted", remedy)
    return ok(AREA, f"accounts.ldap: {text}")


async def _ask_provider(settings: Settings) -> list[DoctorFinding]:
    """Query the provider; without `public_url` there is none."""
    provider = provider_of(settings.accounts.oidc, settings.public_url, settings.outgoing.destinations)
    if provider is None:
        return []
    async with aclosing(provider):
        try:
            return [ok(AREA, f"accounts.oidc: {await provider.check()}")]
        except ProviderError as error:
            return [bad(AREA, f"accounts.oidc: {error}", "correct accounts.oidc, then restart")]


async def _judge_roles(pool: Pool, used: Mapping[str, SignInSettings]) -> list[DoctorFinding]:
    """Return findings on roles that do not exist."""
    try:
        known = {role.name for role in await list_roles(pool)}
    except StoreError:
        return []  # the database has a finding of its own
    findings = []
    for name, grants in used.items():
        given = {*grants.default_roles, *(role for roles in grants.group_roles.values() for role in roles)}
        if unknown := sorted(given - known):
            remedy = "correct group_roles and default_roles; opsconductor users roles lists the roles"
            findings.append(bad(AREA, f"accounts.{name}: there is no role {', '.join(unknown)}", remedy))
    return findings
