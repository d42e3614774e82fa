"""Messages of MQTT brokers, read by topic rules: availability, values, Sparkplug B, silence."""

from connectors.mqtt.config import MqttConfig
from connectors.mqtt.source import MqttSource
from opsconductor.connector.interface import Kind

KIND = Kind(name="mqtt", config=MqttConfig, build=MqttSource)
