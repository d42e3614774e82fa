"""Settings of accounts."""

from opsconductor.config.section import Section
from opsconductor.connector.duration import PositiveDuration, parse_duration


class AccountSettings(Section):
    """How long people who sign in with a password stay signed in."""

    session_idle: PositiveDuration = parse_duration("12h")
    """A session ends when it is unused for this long. 12h: one shift; a page that is open uses it. Sessions
    that were opened with an API key end after 7 days, for wall displays."""

    session_lifetime: PositiveDuration = parse_duration("7d")
    """A session ends after this time in any case. 7d: a stolen one does not last."""
