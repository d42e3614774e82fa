"""Settings of accounts."""

from collections.abc import Mapping

from pydantic import model_validator

from opsconductor.config.section import Section
from opsconductor.config.sections.sign_in import LdapSettings, OidcSettings, ProxySettings
from opsconductor.connector.settings.duration import PositiveDuration, parse_duration


class AccountSettings(Section):
    """How long people who log in stay logged in."""

    session_idle: PositiveDuration = parse_duration("12h")
    """A session ends when it is unused for this long. 12h: one shift; a page that is open uses it. Sessions
    that were opened with an API key end after 7 days, for wall displays."""

    session_lifetime: PositiveDuration = parse_duration("7d")
    """A session ends after this time in any case. 7d: a stolen one does not last."""

    proxy: ProxySettings = ProxySettings()
    """Log-in by a reverse proxy."""

    ldap: LdapSettings = LdapSettings()
    """Log-in with a directory."""

    oidc: OidcSettings = OidcSettings()
    """Log-in with an identity provider; it needs `public_url`."""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, given: object) -> object:
        """Treat a section in which everything is commented out as absent."""
        if not isinstance(given, Mapping):
            return given
        nested = ("proxy", "ldap", "oidc")
        return {key: value for key, value in given.items() if not (key in nested and value is None)}
