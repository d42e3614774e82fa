"""Notifications to an MQTT broker, and a retained state for each device."""

from connectors.mqtt_out.channel import MqttOutChannel
from connectors.mqtt_out.config import MqttOutConfig, check_recipient
from connectors.mqtt_out.message import LONGEST_TEXT
from opsconductor.connector.abilities import works
from opsconductor.connector.channel_traits import ChannelTraits
from opsconductor.connector.connector_type import channel_type


def traits_of(config: MqttOutConfig) -> ChannelTraits:
    """Return abilities and limits: programs read it, and the retained state stays until the recovery."""
    return ChannelTraits(
        for_people=False,
        updates=config.state_topic is not None,
        keeps_open=config.state_topic is not None,
        longest_text=LONGEST_TEXT,
        at_once=config.max_inflight,
    )


TYPE = channel_type(
    "mqtt_out",
    MqttOutConfig,
    MqttOutChannel,
    works(MqttOutChannel),
    check_recipient=check_recipient,
    recipient_example="noc/{site}/{severity}",
    traits=traits_of,
)
