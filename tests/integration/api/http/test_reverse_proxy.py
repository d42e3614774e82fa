"""The shipped example for nginx, in a real nginx with TLS, before the real API."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from opsconductor.api.http.server import serving
from tests.support.api.api_stage import Caller, Stage, caller, problem
from tests.support.ports import free_port

pytest_plugins = ["tests.integration.api_fixtures"]

ROOT = Path(__file__).resolve().parents[4]
NGINX = "/usr/sbin/nginx"
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/opsconductor.conf;
}}
"""


def write_certificate(folder: Path) -> None:
    """Make a certificate of our own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "cert.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def write_configuration(folder: Path, upstream: int, http: int, https: int) -> None:
    """Take the example as it is shipped, with other ports and the certificate of the test."""
    text = (ROOT / "etc" / "proxy" / "nginx.conf").read_text()
    for shipped, used in (
        ("server 127.0.0.1:8080;", f"server 127.0.0.1:{upstream};"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        ("/etc/ssl/certs/noc.example.org.pem", f"{folder}/cert.pem"),
        ("/etc/ssl/private/noc.example.org.key", f"{folder}/cert.key"),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
    ):
        assert shipped in text
        text = text.replace(shipped, used)
    (folder / "opsconductor.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))


@pytest.fixture
async def proxied(stage: Stage, tmp_path: Path) -> AsyncIterator[str]:
    """Serve the API behind nginx; gives the URL of nginx."""
    app = stage.application(trusted_proxies=(ip_network("127.0.0.1/32"),), metrics_networks=())
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(app, "127.0.0.1", 0))
        plain, secure = free_port(), free_port()
        write_certificate(tmp_path)
        write_configuration(tmp_path, server.sockets[0].getsockname()[1], plain, secure)
        nginx = await asyncio.create_subprocess_exec(NGINX, "-p", tmp_path, "-c", tmp_path / "nginx.conf")
        try:
            await until_open(secure)
            yield f"https://localhost:{secure}"
        finally:
            nginx.terminate()
            await nginx.wait()


async def until_open(port: int) -> None:
    """Wait until a server listens there."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


@pytest.fixture
async def tls() -> AsyncIterator[ClientSession]:
    """Open an HTTP client that believes the test's certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with ClientSession(connector=TCPConnector(ssl=context)) as session:
        yield session


async def test_the_api_behind_nginx_knows_who_asks(stage: Stage, proxied: str, tls: ClientSession) -> None:
    """Cookies are for TLS only, the client cannot invent its address, the metrics stay inside."""
    operator = await caller(stage, tls, proxied, "operator")
    stranger = Caller(tls, proxied, None)
    login = await stranger.post("/session", {"key": operator.key}, headers={"Origin": proxied})
    assert login.status == 200
    assert "Secure" in login.headers["Set-Cookie"]
    forged = {"Authorization": "Bearer ops_deadbeef_guess", "X-Forwarded-For": "10.7.0.9"}
    assert (await stranger.get("/alerts", headers=forged)).status == 401
    noted = "SELECT remote_ip FROM audit_log WHERE action = 'login.failed'"
    assert await stage.pool.fetchval(noted) == "127.0.0.1"
    assert (await operator.get("//metrics")).status == 404


async def test_the_live_feed_comes_through_nginx_at_once(
    stage: Stage, proxied: str, tls: ClientSession
) -> None:
    """The first heartbeat and a new alert arrive while the feed is open, so nothing is held back."""
    viewer = await caller(stage, tls, proxied, "viewer")
    headers = {"Authorization": f"Bearer {viewer.key}"}
    async with tls.get(f"{proxied}/api/v1/alerts/stream", headers=headers) as feed, asyncio.timeout(20):
        await feed.content.readuntil(b"event: heartbeat")
        await stage.report(problem("through the proxy"))
        assert b"through the proxy" in await feed.content.readuntil(b"through the proxy")
    async with tls.ws_connect(f"{proxied}/api/v1/ws/alerts", headers=headers) as socket:
        assert (await socket.receive_json(timeout=20))["type"] == "heartbeat"
        await stage.report(problem("over a WebSocket", resource="2"))
        assert (await socket.receive_json(timeout=20))["data"]["title"] == "over a WebSocket"


async def test_nginx_offers_http_2(proxied: str) -> None:
    """A browser that asks for HTTP/2 gets it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    port = int(proxied.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
    writer.close()
