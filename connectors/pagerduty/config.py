"""Configuration of the PagerDuty channel."""

from pydantic import Field, HttpUrl, SecretStr

from opsconductor.connector.outgoing.web import WebOptions


class PagerDutyConfig(WebOptions):
    """Integration of a service."""

    routing_key: SecretStr = Field(min_length=20, max_length=64)
    """Integration key of an "Events API v2" integration, 32 characters; give it by reference."""

    api_url: HttpUrl = HttpUrl("https://events.pagerduty.com/")
    """Address of the Events API; in the EU region `https://events.eu.pagerduty.com/`."""
