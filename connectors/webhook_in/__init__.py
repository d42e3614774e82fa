"""Inbound webhooks: Alertmanager, Grafana, Zabbix, PagerDuty events and more."""

from connectors.webhook_in.config import WebhookInConfig
from connectors.webhook_in.source import WebhookInSource
from opsconductor.connector.connector_type import receives_posts, source_type, validates_senders

TYPE = source_type(
    "webhook_in",
    WebhookInConfig,
    WebhookInSource,
    receives_posts(WebhookInSource),
    validates_senders(WebhookInSource),
)
