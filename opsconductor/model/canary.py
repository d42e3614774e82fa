"""Names of the canary: a test message that passes from the port to a channel (docs/doctor.md)."""

from uuid import UUID

ALERT_TYPE = "application_canary"

RULE_ID = UUID("0ca9a127-0000-4000-8000-000000000001")
"""The built-in rule that notifies canaries; it is no row of `notification_rules`."""

TRAP_OID = "1.3.6.1.4.1.32473.7.0.1"
"""Below the enterprise number that RFC 5612 reserves for documentation; we have none of our own."""

TOKEN_OID = "1.3.6.1.4.1.32473.7.1.1"  # noqa: S105 - it names a variable, it is no secret
"""The variable that distinguishes canaries."""
