"""Formats of senders; one module for each."""

from connectors.webhook_in.config import FormatName, WebhookInConfig
from connectors.webhook_in.formats import (
    alertmanager,
    cloudevents,
    grafana,
    librenms,
    mapped,
    pagerduty,
    uptimekuma,
    zabbix,
)
from connectors.webhook_in.report import Format

FORMATS = {
    FormatName.ALERTMANAGER: alertmanager.FORMAT,
    FormatName.GRAFANA: grafana.FORMAT,
    FormatName.ZABBIX: zabbix.FORMAT,
    FormatName.PAGERDUTY: pagerduty.FORMAT,
    FormatName.CLOUDEVENTS: cloudevents.FORMAT,
    FormatName.LIBRENMS: librenms.FORMAT,
    FormatName.UPTIMEKUMA: uptimekuma.FORMAT,
}


def format_of(config: WebhookInConfig) -> Format:
    """Return the reader of documents: the configured mapping if there is one."""
    if config.mapping is not None:
        return mapped.format_of(config.mapping)
    return FORMATS[config.format]
