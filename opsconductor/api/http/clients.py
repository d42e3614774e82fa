"""Client address of a request, also behind trusted proxies."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import web
from aiohttp.typedefs import Handler

Network = IPv4Network | IPv6Network

FORWARDED_FOR = "X-Forwarded-For"
FORWARDED_PROTO = "X-Forwarded-Proto"
SIGNS_OF_A_PROXY = (FORWARDED_FOR, "Forwarded", "X-Real-IP", "Via")


class Clients:
    """Determines the client's address, and whether it may read the metrics without a key."""

    def __init__(
        self,
        trusted_proxies: Sequence[Network],
        metrics_networks: Sequence[Network],
        user_header: str | None = None,
    ) -> None:
        """Trust the headers of these proxies only.

        Args:
            user_header: Header in which they name the user whom they have authenticated; None: none.
        """
        self._user_header = user_header
        self._trusted = tuple(trusted_proxies)
        self._metrics = tuple(metrics_networks)

    def address_of(self, request: web.Request) -> str:
        """Return the client's address: the last in `X-Forwarded-For` that is not itself a trusted proxy.

        Addresses further left were written by the client and cannot be trusted.
        """
        address = request.remote or ""
        hops = [hop.strip() for line in request.headers.getall(FORWARDED_FOR, ()) for hop in line.split(",")]
        while hops and _is_in(address, self._trusted):
            hop = hops.pop()
            if _parsed(hop) is None:
                break
            address = hop
        return address

    def may_read_metrics(self, request: web.Request) -> bool:
        """Return whether a request that went through `located` comes from one of the allowed networks.

        Behind a proxy that is not trusted the client is unknown, so it is not allowed.
        """
        is_direct = not any(name in request.headers for name in SIGNS_OF_A_PROXY)
        is_known = is_direct or self._is_through_proxy(request)
        return is_known and _is_in(request.remote or "", self._metrics)

    def is_https(self, request: web.Request) -> bool:
        """Return whether the client uses HTTPS: with this server, or with a trusted proxy that says so."""
        is_forwarded = request.headers.get(FORWARDED_PROTO, "").strip().lower() == "https"
        return request.secure or (is_forwarded and self._is_through_proxy(request))

    def proxy_user(self, request: web.Request) -> str | None:
        """Return the user whom a trusted proxy has authenticated; empty: it names none, or several.

        Returns:
            None if no proxy says so: there is no header, or it may be the client's own.
        """
        if self._user_header is None or not self._is_through_proxy(request):
            return None
        named = request.headers.getall(self._user_header, None)
        return None if named is None else named[0].strip() if len(named) == 1 else ""

    def _is_through_proxy(self, request: web.Request) -> bool:
        peer = None if request.transport is None else request.transport.get_extra_info("peername")
        return peer is not None and _is_in(str(peer[0]), self._trusted)


clients: web.AppKey[Clients] = web.AppKey("clients", Clients)


@web.middleware
async def located(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set `request.remote` to the client's address behind a trusted proxy."""
    address = request.app[clients].address_of(request)
    return await handler(request if address == request.remote else request.clone(remote=address))


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    found = _parsed(address)
    return found is not None and any(found in network for network in networks)
