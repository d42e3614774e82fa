"""Address of the operators' page, to print."""

from opsconductor.config.settings import Settings
from opsconductor.connector.settings.address import ListenAddress

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to be replaced, not listened on


def page_of(settings: Settings) -> str:
    """Return the address of the page with a slash at its end: `public_url`, else as this host reaches it."""
    if settings.public_url is not None:
        return f"{str(settings.public_url).rstrip('/')}/"
    listen = settings.api.listen
    scheme = "http" if settings.api.tls_certificate is None else "https"
    return f"{scheme}://{ListenAddress(ANY_ADDRESS.get(listen.host, listen.host), listen.port)}/"
