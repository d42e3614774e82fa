"""Settings of log-in with accounts that are kept elsewhere: a proxy, a directory, an identity provider."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from opsconductor.config.section import Section, as_list
from opsconductor.connector.settings.duration import PositiveDuration, parse_duration
from opsconductor.connector.settings.shape import Shape

HEADER = Shape(
    "^[A-Za-z0-9][A-Za-z0-9-]{0,63}$", "the name of a header such as X-Forwarded-User: letters, digits and -"
)
USERNAME = "{username}"
LDAP_URL = Shape(
    r"^ldaps?://[^/?#\s]+/?$", "an address such as ldaps://ldap.example.net or ldap://ldap.example.net:389"
)
WITH_USERNAME = Shape(
    r"\{username\}", "text with {username}, such as uid={username},ou=people,dc=example,dc=org"
)


def _as_mapping(value: object) -> object:
    """Accept a mapping as JSON text, as environment variables have it."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('a mapping such as {"noc": "operator"}') from None
    return value


RoleNames = Annotated[tuple[str, ...], BeforeValidator(as_list)]
GroupRoles = Annotated[Mapping[str, RoleNames], BeforeValidator(_as_mapping)]
HeaderName = Annotated[str, HEADER]


class ProxySettings(Section):
    """Log-in by a reverse proxy that has authenticated the user; only from `api.trusted_proxies`."""

    user_header: HeaderName | None = None
    """Header with the user's name, such as `X-Forwarded-User`. Null (default): no user logs in so. The proxy
    must set or remove it in every request."""

    groups_header: HeaderName | None = None
    """Header with the user's groups, separated by commas. Null (default): all users have `default_roles`."""

    name_header: HeaderName | None = None
    """Header with the name to show. Null (default): none."""

    email_header: HeaderName | None = None
    """Header with the mail address. Null (default): none."""

    group_roles: GroupRoles = Field(default={})
    """Roles by group: a role, or a list of them. Read again at each log-in."""

    default_roles: RoleNames = ()
    """Roles of all users. Empty: who is in no group of `group_roles` may not log in."""


class LdapSettings(Section):
    """Log-in with name and password of an LDAP directory (OpenLDAP, 389, FreeIPA, Active Directory)."""

    url: Annotated[str, LDAP_URL] | None = None
    """`ldaps://host` or `ldap://host`, and a port if it is not the usual one. Null (default): none."""

    start_tls: bool = True
    """Whether `ldap://` is encrypted by StartTLS before anything is sent. False only beside the server."""

    ca_file: Path | None = None
    """PEM file of the authorities that sign the server's certificate. Null (default): those of the system."""

    user_dn_template: Annotated[str, WITH_USERNAME] | None = None
    """DN of a user: `uid={username},ou=people,dc=example,dc=org`; the user's password alone is needed then.
    Null (default): the user is searched for below `base_dn`."""

    bind_dn: str | None = None
    """DN that searches. Null (default): an anonymous search."""

    bind_password: SecretStr | None = None
    """Password of `bind_dn`; a reference such as `${file:NAME}` is allowed."""

    base_dn: str = ""
    """Where users and groups are: `dc=example,dc=org`."""

    user_filter: Annotated[str, WITH_USERNAME] = Field(default="(uid={username})")
    """Filter that finds one user. Active Directory: `(sAMAccountName={username})`; it is the place to require
    a group or to leave out disabled accounts, too."""

    group_filter: str = Field(default="(|(member={dn})(uniqueMember={dn})(memberUid={username}))")
    """Filter that finds the groups of a user. Empty: groups are not read. Active Directory, with groups in
    groups: `(member:1.2.840.113556.1.4.1941:={dn})`."""

    nested_groups: bool = False
    """Whether `group_filter` is also asked for the groups of groups (servers without such a rule)."""

    group_attribute: str = "cn"
    """Attribute with a group's name, which `group_roles` names; its whole DN serves as well."""

    id_attribute: str = "entryUUID"
    """Attribute that stays when a user is renamed. Active Directory: `objectGUID`. Without it: the DN."""

    username_attribute: str = "uid"
    """Attribute with the name of the user here. Active Directory: `sAMAccountName`."""

    name_attribute: str = "cn"
    """Attribute with the name to show."""

    email_attribute: str = "mail"
    """Attribute with the mail address."""

    timeout: PositiveDuration = parse_duration("5s")
    """How long the server may take for each step."""

    group_roles: GroupRoles = Field(default={})
    """Roles by group: a role, or a list of them. Read again at each log-in."""

    default_roles: RoleNames = ()
    """Roles of all users. Empty: who is in no group of `group_roles` may not log in."""

    @model_validator(mode="after")
    def _finds_users(self) -> Self:
        if self.url and not (self.base_dn or self.user_dn_template):
            raise ValueError("base_dn, below which users are, or user_dn_template")
        return self


class OidcSettings(Section):
    """Log-in with an OpenID Connect provider (Keycloak, Entra ID, Authentik, Okta); needs `public_url`."""

    issuer: str | None = None
    """Issuer as the provider writes it, without `/.well-known/...`. Null (default): no provider."""

    client_id: str = ""
    """Identifier of OpsConductor at the provider."""

    client_secret: SecretStr | None = None
    """Secret of a confidential client; a reference such as `${file:NAME}` is allowed. Null (default): a
    public client; PKCE is used in any case."""

    name: str = Field(default="OpenID", max_length=50)
    """What the button on the page says after *Log in with*."""

    scopes: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ("openid", "profile", "email")
    """What is asked for. Some providers send groups only with a scope `groups`."""

    username_claim: str = "preferred_username"
    """Claim with the user's name."""

    groups_claim: str = "groups"
    """Claim with the user's groups. `realm_access.roles` is the path of Keycloak's realm roles."""

    ca_file: Path | None = None
    """PEM file of the authorities that sign the provider's certificate. Null (default): the system's."""

    clock_skew: PositiveDuration = parse_duration("60s")
    """How far the clocks may differ."""

    logout: bool = True
    """Whether to log out at the provider, too, if it can."""

    group_roles: GroupRoles = Field(default={})
    """Roles by group: a role, or a list of them. Read again at each log-in."""

    default_roles: RoleNames = ()
    """Roles of all users. Empty: who is in no group of `group_roles` may not log in."""

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.issuer is None:
            return self
        parts = urlsplit(self.issuer)
        is_local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not (parts.scheme == "https" or is_local) or parts.query or parts.fragment:
            raise ValueError("an issuer such as https://id.example.org/realms/noc")
        if not self.client_id:
            raise ValueError("client_id, the identifier of OpsConductor at the provider")
        return self


SignInSettings = ProxySettings | LdapSettings | OidcSettings
"""Settings with the roles of groups."""
