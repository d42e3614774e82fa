"""Inbound webhooks: Alertmanager, Grafana, Zabbix, PagerDuty events and more."""

from connectors.webhook_in.config import WebhookInConfig
from connectors.webhook_in.source import WebhookInSource
from opsconductor.connector.abilities import receives_at_once, receives_posts, validates_senders
from opsconductor.connector.connector_type import source_type

TYPE = source_type(
    "webhook_in",
    WebhookInConfig,
    WebhookInSource,
    receives_posts(WebhookInSource),
    receives_at_once(WebhookInSource),
    validates_senders(WebhookInSource),
)
