"""NetBox client on pynetbox, with timeouts, retries and limits, restricted to the configured server."""

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit, urlunsplit

import pynetbox
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from connectors.netbox.config import NetboxConfig
from connectors.netbox.connections import pools_of
from connectors.netbox.failures import MayNotView, translated
from connectors.netbox.rows import HIGHEST_ID
from opsconductor.connector.destinations import Destinations
from opsconductor.connector.settings.trust import tls_context
from opsconductor.errors import Rejected, Unreachable

Parsed = TypeVar("Parsed")
Row = Mapping[str, Any]
"""One object of the REST API."""

PAGE_SIZE = 500
"""Rows per page; the server may return fewer."""

IDS_AT_ONCE = 100
"""Keeps URLs below the 4 KiB that web servers accept by default."""

PARALLEL = 4
MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 2_000_000
"""Per list, so that endless links to next pages end."""

CHUNK_BYTES = 256 * 1024
CONNECT_S = 5.0
RETRIES = Retry(
    total=3,
    connect=1,
    read=1,
    other=0,
    backoff_factor=0.5,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=("GET",),
    raise_on_status=False,
    retry_after_max=30,
)
OLDEST = (4, 1)
"""Before 4.1 the changelog had another path."""

CURSOR_SINCE = (4, 6)
TRIES_WHILE_CHANGING = 3


def _ignore_row() -> None:
    """Ignore a row: the default."""


class Version(NamedTuple):
    """Version of a NetBox server."""

    number: tuple[int, int]
    text: str


class Adapter(HTTPAdapter):
    """Trusts the authorities of the system in addition to requests' own list; connects where it may."""

    def __init__(self, trust: ssl.SSLContext, destinations: Destinations) -> None:
        self._trust = trust
        self._destinations = destinations
        super().__init__(max_retries=RETRIES, pool_maxsize=PARALLEL)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Open the pool of connections."""
        super().init_poolmanager(*args, **kwargs, ssl_context=self._trust)
        self.poolmanager.pool_classes_by_scheme = pools_of(self._destinations)


class Session(requests.Session):
    """GET requests to one server only, within limits.

    No redirects, no proxies or passwords from the environment, no endless answers.
    """

    def __init__(self, config: NetboxConfig, destinations: Destinations) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = str(config.ca_file) if config.verify_ssl and config.ca_file else config.verify_ssl
        self._place = config.place
        self._server = urlsplit(config.root)
        self._timeout_s = config.timeout.total_seconds()
        adapter = Adapter(tls_context(verify=config.verify_ssl, ca_file=config.ca_file), destinations)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request to the configured server, whatever server a next-page link names."""
        path = urlsplit(url if isinstance(url, str) else url.decode())
        pinned = urlunsplit(path._replace(scheme=self._server.scheme, netloc=self._server.netloc))
        kwargs |= {"timeout": (CONNECT_S, self._timeout_s), "stream": True, "allow_redirects": False}
        with super().request(method, pinned, *args, **kwargs) as answer:
            if answer.is_redirect:
                raise Rejected(f"{self._place} answers with a redirect: put the final address into url")
            answer._content = self._body_of(answer)  # noqa: SLF001 - read with our limits
        return answer

    def _body_of(self, answer: requests.Response) -> bytes:
        until_s = time.monotonic() + self._timeout_s
        body = bytearray()
        for chunk in answer.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > MOST_BYTES:
                raise Rejected(f"{self._place}: an answer is longer than {MOST_BYTES >> 20} MiB")
            if time.monotonic() > until_s:
                raise requests.ReadTimeout
        return bytes(body)


class NetboxClient:
    """Reads from one NetBox; every method blocks, the constructor too; thread-safe.

    Raises:
        Unreachable: `ca_file` cannot be used.

    Attributes:
        stopped: When set, every read ends at its next page.
    """

    def __init__(self, config: NetboxConfig, destinations: Destinations) -> None:
        self._config = config
        self.stopped = threading.Event()
        if not config.verify_ssl:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._session = Session(config, destinations)
        self._api = self._new_api("offset")

    def connect(self) -> Version:
        """Determine the server's version, and the best paging that it supports.

        Raises:
            Unreachable: No answer, or one that means try later.
            Rejected: Not a NetBox, too old, or the token is refused.
        """
        with translated(self._config.place):
            status = self._api.status()
        version = _version_of(status)
        if version is None:
            raise Rejected(f"{self._config.place} answers, but is not NetBox: check url")
        if version.number < OLDEST:
            raise Rejected(f"{self._config.place} is NetBox {version.text}; at least 4.1 is required")
        self._api = self._new_api("cursor" if version.number >= CURSOR_SINCE else "offset")
        return version

    def read(
        self,
        path: str,
        parse: Callable[[Row], Parsed | None],
        seen: Callable[[], None] = _ignore_row,
        **filters: Any,
    ) -> dict[int, Parsed]:
        """Read all rows of a list, page by page, by their ids.

        With paging by offset, rows deleted meanwhile shift the others, and some
        would be missed: then everything is read again.

        Args:
            path: Below `/api/`, such as `dcim/devices`.
            parse: Returns what is kept of a row; None: nothing.
            seen: Called for every row.
            filters: Parameters of the query; a list means alternatives.
        """
        for _ in range(TRIES_WHILE_CHANGING):
            found: dict[int, Parsed | None] = {}
            records = self._list(path, filters)
            for key, row in self._rows(path, records):
                found[key] = parse(row)
                seen()
            expected = getattr(records.request, "count", None) or 0
            if len(found) >= expected:
                return {key: parsed for key, parsed in found.items() if parsed is not None}
        raise Unreachable(f"{self._config.place}: {path} changes faster than it can be read")

    def count(self, path: str) -> int:
        """Return the number of rows of a list that the token may view."""
        with translated(self._config.place, path):
            return int(self._list(path, {"fields": "id"}).request.get_count())

    def may_view(self, path: str) -> bool:
        """Return True if the token's user may view a list."""
        try:
            self.count(path)
        except MayNotView:
            return False
        return True

    def newest(self, path: str, parse: Callable[[Row], Parsed | None], fields: str = "") -> Parsed | None:
        """Read the row with the highest id of a list."""
        wanted = {"fields": fields} if fields else {}
        records = self._endpoint(path).filter(ordering="-id", limit=1, offset=0, **wanted)
        return next((parse(row) for _, row in self._rows(path, records)), None)

    def close(self) -> None:
        """Close the connections and stop all reads."""
        self.stopped.set()
        self._session.close()

    def _rows(self, path: str, records: Any) -> Iterator[tuple[int, Row]]:
        """Yield rows with their ids, reading page after page."""
        with translated(self._config.place, path):
            for number, row in enumerate(records.response):
                if self.stopped.is_set():
                    raise Unreachable("reading was stopped")
                if number >= MOST_ROWS:
                    raise Rejected(f"{self._config.place}: {path} has more than {MOST_ROWS:,} rows")
                found = row.get("id") if isinstance(row, dict) else None
                if not isinstance(found, int) or not 0 < found < HIGHEST_ID:
                    raise Rejected(f"{self._config.place} answers for {path} in a form that is not NetBox's")
                yield found, row

    def _list(self, path: str, filters: Mapping[str, Any]) -> Any:
        ordering = {} if self._api.pagination == "cursor" else {"ordering": "id"}
        return self._endpoint(path).filter(**filters, **ordering, limit=PAGE_SIZE)

    def _endpoint(self, path: str) -> Any:
        app, _, name = path.partition("/")
        return getattr(getattr(self._api, app), name.replace("-", "_"))

    def _new_api(self, pagination: str) -> Any:
        token = self._config.token.get_secret_value()
        api = pynetbox.api(self._config.root, token=token, pagination=pagination)
        api.http_session = self._session
        api._cursor_supported = pagination == "cursor"  # noqa: SLF001 - spares it asking for the version
        return api


def _version_of(status: object) -> Version | None:
    text = status.get("netbox-version") if isinstance(status, dict) else None
    match = re.match(r"(\d{1,4})\.(\d{1,4})", text) if isinstance(text, str) else None
    if match is None or not isinstance(text, str):
        return None
    return Version((int(match[1]), int(match[2])), text[:40])
