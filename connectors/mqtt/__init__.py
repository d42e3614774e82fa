"""MQTT source: topic rules for availability, values, Sparkplug B and silence."""

from connectors.mqtt.config import MqttConfig
from connectors.mqtt.source import MqttSource
from opsconductor.connector.abilities import abandons_scopes
from opsconductor.connector.connector_type import source_type

TYPE = source_type("mqtt", MqttConfig, MqttSource, abandons_scopes(MqttSource))
