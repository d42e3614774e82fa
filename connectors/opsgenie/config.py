"""Configuration of the channel to Jira Service Management and Opsgenie."""

from pydantic import HttpUrl, SecretStr

from opsconductor.connector.outgoing.web import WebOptions


class OpsgenieConfig(WebOptions):
    """Key of an API integration."""

    api_key: SecretStr
    """Key of an integration of type API; give it by reference."""

    api_url: HttpUrl = HttpUrl("https://api.atlassian.com/jsm/ops/integration/v2/alerts")
    """Address of the alerts of Jira Service Management (default); of Opsgenie
    `https://api.opsgenie.com/v2/alerts`, in the EU `https://api.eu.opsgenie.com/v2/alerts`.
    """
