"""State that a listener hands over to the next one of its connector: open ports and known informs."""

import socket
from collections.abc import Sequence

from connectors.snmp_trap.receiving.informs import Informs
from connectors.snmp_trap.receiving.sockets import bind
from opsconductor.connector.settings.address import ListenAddress


class Handover:
    """State that outlives a listener, so that no message meets a closed port during a reload.

    Attributes:
        informs: Informs waiting for their commit, or answered recently.
    """

    def __init__(self) -> None:
        self.informs = Informs()
        self._sockets: dict[ListenAddress, socket.socket] = {}

    def open(self, address: ListenAddress) -> socket.socket:
        """Return the open socket on an address, or a new one.

        Raises:
            Rejected: It can never be bound.
            Unreachable: It cannot be bound now.
        """
        if not address.port:
            return bind(address)  # the kernel chooses a port, another one each time
        if address not in self._sockets:
            self._sockets[address] = bind(address)
        return self._sockets[address].dup()

    def keep(self, addresses: Sequence[ListenAddress]) -> None:
        """Close the ports that are no longer configured."""
        for address in set(self._sockets).difference(addresses):
            self._sockets.pop(address).close()

    def close(self) -> None:
        """Close everything: the connector is removed, or one of its sockets is broken."""
        self.keep(())
