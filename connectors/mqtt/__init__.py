"""Messages of MQTT brokers, read by topic rules: availability, values, Sparkplug B, silence."""

from connectors.mqtt.config import MqttConfig
from connectors.mqtt.source import MqttSource
from opsconductor.connector.connector_type import abandons_scopes, source_type

TYPE = source_type("mqtt", MqttConfig, MqttSource, abandons_scopes(MqttSource))
