"""Takes alerts that other systems post: Alertmanager, Grafana, Zabbix, PagerDuty's events and more."""

from connectors.webhook_in.config import WebhookInConfig
from connectors.webhook_in.source import WebhookInSource
from opsconductor.connector.interface import Kind

KIND = Kind(name="webhook_in", config=WebhookInConfig, build=WebhookInSource)
