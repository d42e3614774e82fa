"""HTTPS with certificate files of the daemon's own: served, read again, never broken by a bad file."""

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import ClientSession

from opsconductor.api.http.server import serving
from opsconductor.api.http.tls import ServerTls
from opsconductor.errors import Rejected
from tests.support.api.api_stage import Caller, Stage, caller
from tests.support.certificates import Certificates, make_certificates

pytest_plugins = ["tests.integration.api_fixtures"]


def trust_of(made: Certificates) -> ssl.SSLContext:
    """Trust an authority."""
    return ssl.create_default_context(cafile=made.ca_file)


async def serial_of(port: int) -> str:
    """Return the certificate that the server shows."""
    return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))


async def test_the_api_is_served_with_a_certificate_that_is_renewed(
    stage: Stage, http: ClientSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A changed file is taken on while it serves, a broken one is logged and changes nothing."""
    made = make_certificates(tmp_path)
    tls = ServerTls(made.server_file, None)
    async with serving(stage.application(), "127.0.0.1", 0, tls.context) as server:
        port = server.sockets[0].getsockname()[1]
        connector = aiohttp.TCPConnector(ssl=trust_of(made))
        async with ClientSession(connector=connector) as trusting:
            someone = await caller(stage, trusting, f"https://localhost:{port}", "viewer")
            assert (await someone.get("/alerts")).status == 200
            stranger = Caller(trusting, someone.url, None)
            reply = await stranger.post("/session", {"key": someone.key})
            assert "Secure" in reply.headers["Set-Cookie"]
        first = await serial_of(port)
        await tls.look()
        assert await serial_of(port) == first
        make_certificates(tmp_path)
        await tls.look()
        renewed = await serial_of(port)
        assert renewed != first
        made.server_file.write_text("this is no certificate")
        await tls.look()
        assert await serial_of(port) == renewed
        assert "the old one stays" in caplog.text
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "content", [None, "", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"]
)
def test_files_that_cannot_be_used_are_refused_with_the_keys_to_correct(
    tmp_path: Path, content: str | None
) -> None:
    """Missing, empty or broken: the message names file and settings."""
    file = tmp_path / "server.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Rejected, match=r"api\.tls_certificate.*server\.pem"):
        ServerTls(file, None)
