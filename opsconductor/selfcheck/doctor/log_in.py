"""Examination of log-in with accounts that are kept elsewhere."""

from collections.abc import Mapping
from contextlib import aclosing, closing
from urllib.parse import urlsplit

from opsconductor.config.sections.sign_in import LdapSettings, SignInSettings
from opsconductor.config.settings import Settings
from opsconductor.connector.destinations import Destinations
from opsconductor.errors import ProviderError, StoreError
from opsconductor.identity.ldap import LdapDirectory
from opsconductor.identity.oidc.provider import provider_of
from opsconductor.selfcheck.doctor.finding import DoctorFinding, bad, ok, warning
from opsconductor.store.access.roles import list_roles
from opsconductor.store.postgres.connection import Pool

AREA = "log-in"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


async def examine_log_in(pool: Pool, settings: Settings) -> list[DoctorFinding]:
    """Ask directory and provider, and compare the settings of log-in with each other and with the roles."""
    accounts = settings.accounts
    findings: list[DoctorFinding] = []
    used: dict[str, SignInSettings] = {}
    if accounts.proxy.user_header:
        used["proxy"] = accounts.proxy
        findings.append(judge_proxy(settings))
    if accounts.ldap.url:
        used["ldap"] = accounts.ldap
        findings.append(await _ask_directory(accounts.ldap, settings.outgoing.destinations))
    if accounts.oidc.issuer:
        used["oidc"] = accounts.oidc
        findings.append(await _ask_provider(settings))
    if used:
        findings += await _judge_roles(pool, used)
    return findings


def judge_proxy(settings: Settings) -> DoctorFinding:
    """Return whether the header of a proxy can be trusted at all."""
    header, proxies = settings.accounts.proxy.user_header, settings.api.trusted_proxies
    if not proxies:
        remedy = "name the proxy in api.trusted_proxies; until then the header is ignored"
        return bad(AREA, f"accounts.proxy: no proxy may send {header}", remedy)
    networks = ", ".join(map(str, proxies))
    return ok(AREA, f"accounts.proxy: users named in {header} by {networks}")


async def _ask_directory(settings: LdapSettings, destinations: Destinations) -> DoctorFinding:
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


async def _ask_provider(settings: Settings) -> DoctorFinding:
    provider = provider_of(settings.accounts.oidc, settings.public_url, settings.outgoing.destinations)
    if provider is None:
        remedy = "set public_url, the address of the page, and restart"
        return bad(AREA, "accounts.oidc: the provider cannot send browsers back", remedy)
    async with aclosing(provider):
        try:
            return ok(AREA, f"accounts.oidc: {await provider.check()}")
        except ProviderError as error:
            return bad(AREA, f"accounts.oidc: {error}", "correct accounts.oidc, then restart")


async def _judge_roles(pool: Pool, used: Mapping[str, SignInSettings]) -> list[DoctorFinding]:
    """Return findings on roles that there are not, and on settings that give none."""
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
        if not given:
            remedy = f"set accounts.{name}.group_roles, or default_roles"
            findings.append(bad(AREA, f"accounts.{name}: no group has a role, so nobody may log in", remedy))
    return findings
