"""A database that goes away and comes back while others need it."""

from urllib.parse import urlsplit

from tests.conftest import Cluster


class Outage:
    """Takes one database of a cluster away from all clients and gives it back."""

    def __init__(self, cluster: Cluster, url: str) -> None:
        self._cluster = cluster
        self._database = urlsplit(url).path.removeprefix("/")

    def begin(self) -> None:
        """Refuse connections, and close the present ones."""
        self._cluster.sql(f"ALTER DATABASE {self._database} ALLOW_CONNECTIONS false")
        self.disconnect()

    def end(self) -> None:
        """Accept connections again."""
        self._cluster.sql(f"ALTER DATABASE {self._database} ALLOW_CONNECTIONS true")

    def read_only(self) -> None:
        """Refuse all writes, as a standby does or an operator wants."""
        self._cluster.sql(f"ALTER DATABASE {self._database} SET default_transaction_read_only = on")
        self.disconnect()

    def writable(self) -> None:
        """Allow writing again."""
        self._cluster.sql(f"ALTER DATABASE {self._database} RESET default_transaction_read_only")
        self.disconnect()

    def disconnect(self) -> None:
        """Close all connections, as a restart does."""
        mine = f"datname = '{self._database}'"
        self._cluster.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")  # noqa: S608
