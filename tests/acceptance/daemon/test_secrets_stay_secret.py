"""Distinctive secrets everywhere, and a search for them in everything that the daemon writes."""

import asyncio
import base64
import json
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from tests.conftest import Cluster
from tests.support.daemons.daemon import Daemon, running
from tests.support.daemons.terminal import invoked
from tests.support.ports import free_port

COMMUNITY, PROXY_COMMUNITY = "c0mmun1ty-5ecret", "pr0xy-c0mmun1ty-5ecret"
AUTH, PRIV = "auth-passw0rd-5ecret", "priv-passw0rd-5ecret"
DATABASE, SMTP, VAULTED = "datab4se-5ecret", "smtp-passw0rd-5ecret", "vaulted-t0ken-5ecret"
HOOK, HEADER, PATH = "webh00k-signing-key-5ecret", "webh00k-header-5ecret", "webh00k-path-5ecret"
PRTG_TOKEN, PRTG_HASH, PRTG_HOOK = "prtg-t0ken-5ecret", "9055ecret42", "prtg-h00k-5ecret-long"
NETBOX, NETBOX_HOOK, BROKER = "nbt_netb0x.5ecret", "netb0x-h00k-5ecret", "br0ker-passw0rd-5ecret"
UPS, POLLED = "ups-c0mmun1ty-5ecret", "polled-c0mmun1ty-5ecret"
POSTER, SIGNER, BASIC = "p0ster-t0ken-5ecret-long", "s1gner-key-5ecret-long", "bas1c-passw0rd-5ecret"
VAULT_KEY = base64.b64encode(b"vault-key-5ecret-of-32-bytes-ok!").decode()
GUESSED = "ops_0badcafe_gue55ed-key-5ecret"
SECRETS = (
    COMMUNITY, PROXY_COMMUNITY, AUTH, PRIV, DATABASE, SMTP, VAULTED, HOOK, HEADER, PATH, VAULT_KEY, GUESSED,
    "vault-key-5ecret-of-32-bytes-ok!", PRTG_TOKEN, PRTG_HASH, PRTG_HOOK, NETBOX, NETBOX_HOOK, BROKER, UPS,
    POLLED, POSTER, SIGNER, BASIC,
)  # fmt: skip
LINK_DOWN, IF_INDEX = "1.3.6.1.6.3.1.1.5.3", ("1.3.6.1.2.1.2.2.1.1.7", "i", "7")


def forms_of(secret: str) -> Iterator[str]:
    """List the encodings of a secret: plain, in hexadecimal, in base64, reversed."""
    raw = secret.encode()
    yield secret
    yield raw.hex()
    yield raw.hex(" ")
    yield raw.hex(":")
    for shift in range(3):  # base64 looks different by where the text begins
        yield base64.b64encode(b"x" * shift + raw).decode()[4:-4]


def assert_silent(text: str, where: str, *more: str) -> None:
    """No secret is in the text, in any encoding and either case."""
    lowered = text.lower()
    for secret in (*SECRETS, *more):
        for form in forms_of(secret):
            at = lowered.find(form.lower())
            assert at < 0, f"{where} shows {secret}: {text[max(0, at - 200) : at + 200]}"


class Receiver:
    """A web server that fails, and repeats the request in its answer."""

    def __init__(self) -> None:
        self.asked = 0

    async def take(self, request: web.Request) -> web.Response:
        """Repeat the address and all headers."""
        self.asked += 1
        return web.Response(status=500, text=f"{request.path_qs} {dict(request.headers)}"[-900:])


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    """The receiver, with its URL: its path is a secret, as with many chat services."""
    taker, number = Receiver(), free_port()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", taker.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", number).start()
    yield taker, f"http://127.0.0.1:{number}/{PATH}"
    await runner.cleanup()


@pytest.fixture
def secretive(
    daemon: Daemon, database_url: str, receiver: tuple[Receiver, str], monkeypatch: pytest.MonkeyPatch
) -> Daemon:
    """A daemon with a secret at every place that takes one; some in plain text, some by reference."""
    monkeypatch.setenv("OPSCONDUCTOR__SECRETS__KEY", VAULT_KEY)
    monkeypatch.setenv("SNMP_AUTH", AUTH)
    (daemon.folder / "database-password").write_text(DATABASE)
    url = database_url.replace("postgres@", f"postgres:${{file:{daemon.folder / 'database-password'}}}@")
    daemon.write_settings({"database": {"url": url}, "log": {"level": "debug", "format": "json"}})
    user = {"username": "noc", "auth_protocol": "SHA", "auth_password": "${env:SNMP_AUTH}"}
    daemon.declare(
        "traps",
        connectors=[
            daemon.trap_connector(
                communities=[COMMUNITY],
                snmpv3_users=[{**user, "priv_protocol": "AES", "priv_password": PRIV}],
            )
        ],
    )
    smtp = {"host": "127.0.0.1", "port": free_port(), "from": "ops@example.org", "username": "ops"}
    hook = {
        "url": receiver[1],
        "secret": HOOK,
        "headers": {"Authorization": HEADER, "X-Token": "vault:token"},
    }
    daemon.declare(
        "noc",
        connectors=[
            {"name": "mail", "type": "email", "config": {**smtp, "password": SMTP}},
            {"name": "hook", "type": "webhook", "config": hook},
        ],
        notification_rules=[
            {
                "name": "all",
                "channels": [{"channel": "mail", "recipients": ["noc@example.org"]}, {"channel": "hook"}],
            }
        ],
    )
    daemon.declare("watchers", connectors=watchers(receiver[1].removesuffix(f"/{PATH}")))
    return daemon


def watchers(url: str) -> list[dict[str, object]]:
    """Declare connectors of every type with credentials; their servers answer with faults."""
    dead, often = {"ip": "127.0.0.1", "port": free_port()}, {"poll_interval": "1s"}
    polled = {"addresses": ["127.0.0.1"], "port": free_port(), "community": POLLED, "timeout": "0.5s"}
    config: dict[tuple[str, str], dict[str, object]] = {
        ("prtg", "prtg"): {"url": url, "api_token": PRTG_TOKEN, "webhook_secret": PRTG_HOOK, **often},
        ("prtg-old", "prtg"): {"url": url, "username": "noc", "passhash": PRTG_HASH, **often},
        ("netbox", "netbox"): {"url": url, "token": NETBOX, "webhook_secret": NETBOX_HOOK},
        ("broker", "mqtt"): {
            "host": "127.0.0.1",
            "port": free_port(),
            "username": "noc",
            "password": BROKER,
            "topics": [{"preset": "tasmota"}],
        },
        ("ups", "eaton"): {"targets": [{**dead, "community": UPS, "timeout": "0.5s"}], **often},
        ("network", "snmp_poll"): {"targets": [polled], **often},
        ("alertmanager", "webhook_in"): {"format": "alertmanager", "token": POSTER},
        ("grafana", "webhook_in"): {"format": "grafana", "hmac_secret": SIGNER},
        ("librenms", "webhook_in"): {"format": "librenms", "basic": {"username": "noc", "password": BASIC}},
    }
    return [{"name": name, "type": kind, "config": keys} for (name, kind), keys in config.items()]


async def post(daemon: Daemon, http: ClientSession) -> None:
    """Post to connectors with credentials at the right place, at wrong ones, and in the content."""
    basic = base64.b64encode(f"noc:{BASIC}".encode()).decode()
    bearer = {"Authorization": f"Bearer {POSTER}"}
    alert = {"labels": {"alertname": "A", "instance": "srv1"}, "annotations": {"password": POSTER}}
    group = {"version": "4", "alerts": [{**alert, "status": "firing", "startsAt": "2026-01-02T03:04:05Z"}]}
    form = f"sensorid=1&device=srv1&name=Ping&status=Down&message=x&secret={PRTG_HOOK}"
    requests: list[tuple[str, str, dict[str, str]]] = [
        ("prtg", form, {"Content-Type": "application/x-www-form-urlencoded"}),
        (f"prtg?secret={PRTG_HOOK}", "sensorid=2&device=srv1&name=Ping&status=Down", {}),
        ("prtg", f"secret={PRTG_HOOK}-wrong", {}),
        ("alertmanager", json.dumps(group), bearer),
        ("alertmanager", f"{{{POSTER}", bearer),
        ("alertmanager", json.dumps(group), {"Authorization": f"Bearer {SIGNER}"}),
        ("grafana", json.dumps({"secret": SIGNER}), {"X-Grafana-Alerting-Signature": SIGNER}),
        ("librenms", json.dumps({"title": "x", "password": BASIC}), {"Authorization": f"Basic {basic}"}),
        ("netbox", NETBOX_HOOK, {"X-Hook-Signature": NETBOX_HOOK}),
    ]
    for where, body, headers in requests:
        name, _, query = where.partition("?")
        url = f"http://127.0.0.1:{daemon.api_port}/api/v1/connectors/{name}/webhook?{query}"
        async with http.post(url, data=body.encode(), headers=headers) as answer:
            assert_silent(await answer.text(), f"the answer to {name}")


async def run(daemon: Daemon, *arguments: str, typed: str | None = None) -> str:
    """Run a command, whatever its exit status; return its output."""
    return (
        await invoked("--config", str(daemon.folder / "opsconductor.yaml"), *arguments, typed=typed)
    ).output


async def live(daemon: Daemon, receiver: Receiver) -> None:
    """Run everything that handles a secret, with right and wrong values."""
    target = f"127.0.0.1:{daemon.trap_port}"
    port = ("ifIndex.7", "i", "7")
    for version in ("--v1", "--v2c"):
        await run(daemon, "trap", "send", version, "-c", COMMUNITY, target, "linkDown", *port)
    await run(daemon, "trap", "send", "--inform", "-c", COMMUNITY, target, "linkDown", "ifIndex.8", "i", "8")
    proxied = ("1.3.6.1.6.3.18.1.4.0", "s", PROXY_COMMUNITY)
    await run(daemon, "trap", "send", "-c", COMMUNITY, target, "coldStart", *proxied)
    await run(daemon, "trap", "send", "-c", f"{COMMUNITY}-wrong", target, "linkDown", *port)
    for more in ((), ("-a", "MD5"), ("-l", "authNoPriv")):
        user = ("-u", "noc", "-l", "authPriv", "-a", "SHA", "-A", AUTH, "-x", "AES", "-X", PRIV, *more)
        sending = await asyncio.create_subprocess_exec(
            "snmptrap", "-v3", *user, target, "", LINK_DOWN, *IF_INDEX
        )
        assert await sending.wait() == 0
    truncated = b"\x30\x50\x02\x01\x01\x04\x10" + COMMUNITY.encode() + b"\xa7\x40"
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", daemon.trap_port)
    )
    transport.sendto(truncated)
    transport.close()
    await daemon.api("/alerts", token=GUESSED)
    await daemon.api("/session", {"key": GUESSED}, token=GUESSED)
    await daemon.alerts_when(lambda alerts: sum(int(str(a["occurrence_count"])) for a in alerts) >= 5)
    async with asyncio.timeout(30):
        while receiver.asked < 2:
            await asyncio.sleep(0.1)


async def go_wrong(daemon: Daemon, postgres: Cluster) -> None:
    """Cut the database off, and reload with a faulty file that holds secrets."""
    postgres.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'opsconductor'"
    )
    faulty = {"host": "127.0.0.1", "from": "ops@example.org", "password": [SMTP], "port": "many"}
    daemon.declare("faulty", connectors=[{"name": "bad", "type": "email", "config": faulty}])
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGHUP)
    await daemon.notified("READY=1", 30)
    (daemon.provision / "faulty.yaml").unlink()


def processes_of(daemon: Daemon) -> str:
    """Read the command lines of the daemon and everything below it."""
    assert daemon.process is not None
    pids, lines = [daemon.process.pid], []
    while pids:
        pid = pids.pop()
        lines.append(Path(f"/proc/{pid}/cmdline").read_text())
        for thread in Path(f"/proc/{pid}/task").iterdir():
            pids += [int(child) for child in (thread / "children").read_text().split()]
    return "\n".join(lines)


async def test_no_secret_is_notified_anywhere(
    secretive: Daemon, receiver: tuple[Receiver, str], postgres: Cluster, database_url: str
) -> None:
    """Log, API, commands, process list, database and files show no secret, in no encoding."""
    daemon = secretive
    set_up = await run(daemon, "db", "upgrade") + await run(
        daemon, "credential", "set", "token", typed=f"{VAULTED}\n"
    )
    async with running(daemon, "env"):
        key = (await daemon.run("token", "create", "--role", "admin", "--name", "boss")).split()[-1]
        local = daemon.local_token()
        own = (key, local, key.rpartition("_")[2], local.rpartition("_")[2])
        await live(daemon, receiver[0])
        async with ClientSession() as http:
            await post(daemon, http)
        await go_wrong(daemon, postgres)
        assert_silent(processes_of(daemon), "the process list", *own)
        for path in (
            "/alerts?per_page=200",
            "/system/health",
            "/system/doctor",
            "/session",
            "/alerts/summary",
            "/connectors",
        ):
            assert_silent(json.dumps(await daemon.api(path, token=key)), path, *own)
        for alert in await daemon.alerts():
            for path in (f"/alerts/{alert['id']}", f"/alerts/{alert['id']}/why"):
                assert_silent(json.dumps(await daemon.api(path, token=key)), path, *own)
        for command in (
            ("alerts", "list", "--json"), ("export",), ("doctor",), ("doctor", "--json"),
            ("credential", "list"), ("token", "list"), ("check-config",),
            ("apply", "--dry-run", str(daemon.provision)),
            ("db", "current"), ("connectors", "status"), ("connectors", "check"), ("inventory", "preview"),
            ("inventory", "status"),
        ):  # fmt: skip
            assert_silent(await run(daemon, *command), " ".join(command), *own)
        assert "vault:connector/mail/password" in await daemon.run("export")
        assert_silent(set_up, "setting up")
    assert_silent(daemon.log.read_text(), "the log", *own)
    name = database_url.partition("@/")[2].partition("?")[0]
    assert_silent(postgres._run("pg_dump", "-d", postgres.url(name)), "the database", *own)
    for path in (daemon.folder / "var").rglob("*"):
        if path.is_file() and path.name != "cli.token":  # type: ignore[attr-defined]
            assert_silent(path.read_bytes().decode("latin-1"), str(path), *own)  # type: ignore[attr-defined]


async def test_other_users_cannot_read_the_files(secretive: Daemon) -> None:
    """Every file in the data directory is the daemon's alone, by its own mode or that of its folder."""
    async with running(secretive):
        await secretive.api("/system/health")
    top = secretive.folder / "var"
    for path in top.rglob("*"):
        if path.is_file():
            between = [
                path,
                *(folder for folder in path.parents if folder.is_relative_to(top) and folder != top),
            ]
            assert any(part.stat().st_mode & 0o077 == 0 for part in between), path
