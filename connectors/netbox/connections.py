"""Connections of the HTTP client of NetBox, which connect only to permitted addresses."""

import socket

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from opsconductor.connector.destinations import Destinations


def pools_of(destinations: Destinations) -> dict[str, type[HTTPConnectionPool]]:
    """Return the classes of pools by scheme, for `PoolManager.pool_classes_by_scheme`."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, destinations)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, destinations)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _connected(connection: HTTPConnection, destinations: Destinations) -> socket.socket:
    """Return a connected socket, with the exceptions that the library expects."""
    timeout_s = connection.timeout if isinstance(connection.timeout, int | float) else None
    try:
        sock = destinations.connect_in_thread(connection.host, connection.port, timeout_s)
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"connecting takes longer than {timeout_s} s") from error
    except OSError as error:
        raise NewConnectionError(connection, f"{error.strerror or error}") from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
