"""TLS of the API's server with certificate files of its own, which are read again when they change."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from opsconductor.errors import Rejected

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
"""Seconds after which changed files are taken on."""

Stamp = tuple[tuple[int, int, int], ...]


class ServerTls:
    """TLS settings of a server; connections that are open keep the certificate they began with.

    Attributes:
        context: For `create_server`; stays the same when the files are read again.
    """

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Read the files.

        Args:
            certificate: PEM file of the server's certificate, then those of its issuers.
            key: PEM file of the private key; None: it is in `certificate`.

        Raises:
            Rejected: They cannot be used; the message names the remedy.
        """
        self._files = (certificate, key or certificate)
        self._seen = self._stamp()
        self.context = self._read()

    async def keep(self, every_s: float = LOOK_EVERY_S) -> None:
        """Read the files again whenever they have changed, until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            await self.look()

    async def look(self) -> None:
        """Read the files again if they have changed; what cannot be used is logged and changes nothing."""
        try:
            stamp = await asyncio.to_thread(self._stamp)
            if stamp == self._seen:
                return
            self._seen = stamp
            await asyncio.to_thread(self._read)  # into a new context first, so that a fault changes nothing
            self.context.load_cert_chain(*self._files)
        except (Rejected, OSError) as error:
            log.error(
                "the new TLS certificate cannot be used, the old one stays", extra={"error": str(error)}
            )
        else:
            log.info("a new TLS certificate is in use", extra={"path": str(self._files[0])})

    def _stamp(self) -> Stamp:
        try:
            found = [path.stat() for path in self._files]
        except OSError as error:
            raise self._unusable(error) from None
        return tuple((each.st_mtime_ns, each.st_ino, each.st_size) for each in found)

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(*self._files)
        except (OSError, ssl.SSLError) as error:
            raise self._unusable(error) from None
        return context

    def _unusable(self, error: OSError) -> Rejected:
        files = " and ".join(dict.fromkeys(map(str, self._files)))
        reason = error.strerror or type(error).__name__
        return Rejected(
            f"api.tls_certificate, api.tls_key: {files} cannot be used ({reason}): give a certificate and "
            "its key in PEM that the daemon's user may read"
        )


@asynccontextmanager
async def kept(tls: ServerTls | None) -> AsyncIterator[ssl.SSLContext | None]:
    """Read the files again when they change, while the context lasts; None: there is no TLS."""
    if tls is None:
        yield None
        return
    keeping = asyncio.create_task(tls.keep(), name="TLS certificate")
    try:
        yield tls.context
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
