"""Client of paho that connects only to permitted addresses."""

import socket
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from opsconductor.connector.destinations import Destinations


class PermittedClient(paho.Client):
    """Opens its connections with `Destinations`, after a loss as well."""

    def __init__(self, destinations: Destinations, **options: Any) -> None:
        self._destinations = destinations
        super().__init__(CallbackAPIVersion.VERSION2, **options)

    def _create_socket_connection(self) -> socket.socket:
        return self._destinations.connect_in_thread(self._host, self._port, self._connect_timeout)
