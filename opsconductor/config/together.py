"""Settings that have no effect, or cannot work, without another one; each value alone is valid."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from pydantic import BaseModel

from opsconductor.config.settings import Settings

SWITCHES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("accounts.proxy", ("user_header",), ()),
    ("accounts.ldap", ("url",), ()),
    ("accounts.oidc", ("issuer",), ()),
    ("backup", ("folder",), ("at", "time_zone", "keep")),
    ("canary", ("every",), ()),
    ("heartbeat", ("url",), ()),
    ("series.external", ("write_url", "read_url"), ()),
    ("api", ("tls_certificate",), ("tls_key",)),
)
"""Sections, the keys of which one has to be set, and those that mean nothing until then; none: all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmetSetting:
    """A setting that needs another one.

    Attributes:
        text: What follows, in one line that begins with the setting or its section.
        is_bad: What has been set up does not work; False: something that was written is ignored.
    """

    text: str
    remedy: str
    is_bad: bool = True

    def __str__(self) -> str:
        return f"{self.text}: {self.remedy}"


def unmet_settings(settings: Settings) -> Iterator[UnmetSetting]:
    """Return what does not go together, in the order of the file."""
    yield from _log_in(settings)
    yield from _ignored(settings)
    given = settings.notifications.model_fields_set
    links = settings.notifications.acknowledge_links
    if "acknowledge_links" in given and links and settings.public_url is None:
        yield UnmetSetting(
            text="notifications.acknowledge_links: messages have no link",
            remedy="set public_url, the address of the page",
            is_bad=False,
        )
    if settings.backup.wal_archive and settings.database.url is not None:
        yield UnmetSetting(
            text="backup.wal_archive: a server of database.url archives by its own configuration",
            remedy="remove it, or database.url",
        )
    elif settings.backup.wal_archive and settings.backup.folder is None:
        yield UnmetSetting(
            text="backup.wal_archive: the archive grows without end, as no daily backup shortens it",
            remedy="set backup.folder",
            is_bad=False,
        )


def _log_in(settings: Settings) -> Iterator[UnmetSetting]:
    proxy, ldap, oidc = settings.accounts.proxy, settings.accounts.ldap, settings.accounts.oidc
    if proxy.user_header and not settings.api.trusted_proxies:
        yield UnmetSetting(
            text=f"accounts.proxy: no proxy may send {proxy.user_header}",
            remedy="name the proxy in api.trusted_proxies; until then the header is ignored",
        )
    if oidc.issuer and settings.public_url is None:
        yield UnmetSetting(
            text="accounts.oidc: the provider cannot send browsers back",
            remedy="set public_url, the address of the page, and restart",
        )
    if ldap.url and bool(ldap.bind_dn) != bool(ldap.bind_password):
        yield UnmetSetting(
            text="accounts.ldap: bind_dn and bind_password belong together",
            remedy="set both; none for an anonymous search",
        )
    unread = (
        ("proxy", proxy.user_header and proxy.group_roles and not proxy.groups_header, "groups_header"),
        ("ldap", ldap.url and ldap.group_roles and not ldap.group_filter, "group_filter"),
    )
    for name, is_unread, key in unread:
        if is_unread:
            yield UnmetSetting(
                text=f"accounts.{name}.group_roles: groups are not read",
                remedy=f"set accounts.{name}.{key}",
            )
    for name, is_used, grants in (
        ("proxy", proxy.user_header, proxy),
        ("ldap", ldap.url, ldap),
        ("oidc", oidc.issuer, oidc),
    ):
        if is_used and not (grants.default_roles or any(grants.group_roles.values())):
            yield UnmetSetting(
                text=f"accounts.{name}: no group has a role, so no user may log in",
                remedy=f"set accounts.{name}.group_roles, or default_roles",
            )


def _ignored(settings: Settings) -> Iterator[UnmetSetting]:
    """Return what is written in sections that are not switched on."""
    for section, switches, dependents in SWITCHES:
        found: BaseModel = attrgetter(section)(settings)
        if any(getattr(found, switch) is not None for switch in switches):
            continue
        fields = type(found).model_fields
        names = [name for name in dependents or fields if name not in switches]
        written = [name for name in names if getattr(found, name) != fields[name].get_default()]
        if written:
            needed = " or ".join(f"{section}.{switch}" for switch in switches)
            yield UnmetSetting(
                text=f"{section}: {', '.join(written)} {'has' if len(written) == 1 else 'have'} no effect",
                remedy=f"set {needed}",
                is_bad=False,
            )
