"""Third-party connectors that are broken in every way: each fault affects its own connector only."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemons.daemon import Daemon, running

ACME = '''
"""Sources of a package that is not ours."""

import asyncio
import sys
import threading
import time
from contextlib import suppress

from pydantic import BaseModel, ConfigDict, SecretStr

from opsconductor.connector.connector_type import source_type
from opsconductor.connector.interface import CheckResult
from opsconductor.errors import ConnectorError, NormalizeError
from opsconductor.model.enums import Category
from opsconductor.model.event import RawEvent
from opsconductor.model.measured.measurement import Measurement
from opsconductor.model.normalized import NormalizedAlert


class AcmeError(Exception):
    """Of none of the kinds that Python raises."""


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fails: str = ""
    token: SecretStr = SecretStr("")


class Acme:
    def __init__(self, config, context):
        self._config, self._context = config, context
        if config.fails == "constructor":
            raise AcmeError("no such region")

    async def run(self, emit):
        if self._config.fails == "run":
            raise AcmeError("no such queue")
        if self._config.fails == "login":
            raise AcmeError(f"401 for https://acme/?token={self._config.token.get_secret_value()}")
        if self._config.fails == "emit":
            await emit([RawEvent(self._context.name, "a line", self._context.now(), peer=["10.0.0.7"])])
        if self._config.fails == "measure":
            self._context.measure([Measurement("load", "7.5", self._context.now(), device_ip="10.0.0.7")])
        self._context.report_up()
        if self._config.fails == "blocks":
            time.sleep(3.5)
            await asyncio.Event().wait()
        if self._config.fails == "stop":
            asyncio.ensure_future(asyncio.to_thread(threading.Event().wait))
            while True:
                with suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
        if self._config.fails == "exit":
            sys.exit("no such license")
        if self._config.fails == "degraded":
            self._context.degraded(123)
        for number in range(300):
            self._context.count("received")
            await emit([RawEvent(self._context.name, b"x%d" % number, self._context.now())])
        await asyncio.Event().wait()

    def normalize(self, raw):
        if self._config.fails == "exits":
            sys.exit(3)
        if self._config.fails == "reason":
            raise NormalizeError(f"not {raw.payload}")
        if self._config.fails == "normalize":
            raise AcmeError(raw.payload)
        if self._config.fails == "types":
            at = raw.received_at
            return [NormalizedAlert(raw.connector, "x_y", Category.NETWORK, "major", "a title", at, at)]
        return []

    def redacted(self, raw):
        return raw.payload

    async def check(self):
        if self._config.fails == "check":
            raise AcmeError("no such door")
        if self._config.fails == "exits":
            sys.exit(4)
        if self._config.fails == "login":
            raise ConnectorError(f"refused: {self._config.token.get_secret_value()}")
        return CheckResult(ok=True, message="there")


class Lacking(Acme):
    redacted = None


TYPE = source_type("acme", Config, Acme)
LACKING = source_type("lacking", Config, Lacking)
'''
BLOCKED = "application_event_loop_blocked"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"


def acme(name: str, kind: str = "acme", **config: str) -> dict[str, object]:
    """Declare a connector of the other package."""
    return {"name": name, "type": kind, "config": config}


@pytest.fixture
def daemon_of_others(
    daemon: Daemon, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Daemon:
    """Provide a daemon beside which the other package is installed."""
    site = tmp_path / "site"
    metadata = site / "acme_toy-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "acme_toy.py").write_text(ACME)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-toy\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[opsconductor.connectors]\nacme = acme_toy:TYPE\nlacking = acme_toy:LACKING\ngone = acme_toy:GONE\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(site))
    daemon.write_settings({"database": {"url": database_url}, "self_watch": {"every": "0.2s"}})
    return daemon


async def states(daemon: Daemon) -> dict[str, tuple[str, str]]:
    """Read status and error of every connector."""
    rows: Any = (await daemon.api("/connectors"))["data"]
    return {row["name"]: (row["status"], row["error_message"] or "") for row in rows}


async def test_broken_connectors_of_others_stop_nothing_else(daemon_of_others: Daemon) -> None:
    """The daemon starts, traps become alerts, 300 bad messages reload no engine, messages are sent."""
    daemon = daemon_of_others
    daemon.declare(
        "acme",
        connectors=[
            acme("ctor", fails="constructor"),
            acme("normalizes", fails="normalize"),
            acme("types", fails="types"),
            acme("runs", fails="run"),
            acme("emits", fails="emit"),
            acme("measures", fails="measure"),
            acme("checks", fails="check"),
            acme("exit", fails="exit"),
            acme("exits", fails="exits"),
            acme("reasons", fails="reason"),
            acme("degraded", fails="degraded"),
        ],
    )
    async with running(daemon):
        await daemon.trap(LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.7", "i", "7")
        await daemon.alerts_when(lambda found: len(found) == 1)
        found = await states(daemon)
        assert found["snmp_trap"][0] == found["normalizes"][0] == found["checks"][0] == "connected"
        assert found["types"][0] == "connected"
        assert found["ctor"][0] == found["runs"][0] == "error"
        assert "AcmeError: no such region (acme_toy.py:" in found["ctor"][1]
        assert "no such queue" in found["runs"][1]
        assert found["emits"][0] == found["measures"][0] == "error"
        assert "connector emits: payload is of type str, expected bytes" in found["emits"][1]
        assert "connector measures: value is of type str, expected float or int" in found["measures"][1]
        assert "it called sys.exit('no such license')" in found["exit"][1]
        assert "lacks of degraded is of type int, expected str (acme_toy.py:" in found["degraded"][1]
        await daemon.troubles_when(lambda statuses: ("application_connector_down", "active") in statuses)
        doctor: Any = (await daemon.api("/system/doctor"))["data"]
        texts = " ".join(finding["text"] for finding in doctor["findings"])
        assert "ctor: cannot be built: AcmeError: no such region" in texts
        assert "checks: its check failed: AcmeError: no such door" in texts
        assert "connector types: severity is of type str, expected Severity" in texts
        assert "exits: its check failed: RuntimeError: it called sys.exit(4)" in texts
        assert "connector reasons: the reason of NormalizeError is no word of a-z" in texts
        log = daemon.log.read_text()
        assert "reloading the engine" not in log
        assert log.count("an event cannot be processed") < 10
    assert "acme_toy.py" in log


async def test_a_connector_that_breaks_at_a_reload_leaves_the_others_as_they_were(
    daemon_of_others: Daemon,
) -> None:
    """The daemon goes on; the broken one is in error, and is healthy after its correction."""
    daemon = daemon_of_others
    daemon.declare("acme", connectors=[acme("ctor")])
    async with running(daemon):
        assert (await states(daemon))["ctor"] == ("connected", "")
        daemon.declare("acme", connectors=[acme("ctor", fails="constructor"), acme("second")])
        answer: Any = (await daemon.api("/system/reload", {}))["data"]
        assert "no such region" in answer["failed"]["ctor"]
        found = await states(daemon)
        assert found["ctor"][0] == "error"
        assert found["second"] == found["snmp_trap"] == ("connected", "")
        await daemon.trap(LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.7", "i", "7")
        await daemon.alerts_when(lambda found: len(found) == 1)
        daemon.declare("acme", connectors=[acme("ctor"), acme("second")])
        await daemon.api("/system/reload", {})
        assert (await states(daemon))["ctor"] == ("connected", "")


async def test_a_type_that_breaks_the_contract_is_named_with_its_method(daemon_of_others: Daemon) -> None:
    """A file that declares one is refused with the reason; the running configuration stays."""
    daemon = daemon_of_others
    async with running(daemon):
        daemon.declare("acme", connectors=[acme("x", "lacking"), acme("y", "gone")])
        answer: Any = (await daemon.api("/system/reload", {}))["data"]
        faults = " ".join(f"{fault['found']} {fault['expected']}" for fault in answer["faults"])
        assert "Lacking has no method redacted, which a Source has" in faults
        assert "acme_toy:GONE" in faults
        assert (await states(daemon))["snmp_trap"] == ("connected", "")


async def test_a_connector_that_does_not_run_is_checked_as_well(daemon_of_others: Daemon) -> None:
    """Switched off or in error: it is built for the check, with its secrets, and the result is its own."""
    daemon = daemon_of_others
    off = {"enabled": False}
    daemon.declare(
        "acme",
        connectors=[
            acme("off") | off,
            acme("off_checks", fails="check") | off,
            acme("off_ctor", fails="constructor") | off,
            acme("ctor", fails="constructor"),
            acme("secret", fails="${env:OPSCONDUCTOR_TEST_UNSET}") | off,
        ],
    )

    async def check(name: str) -> tuple[bool, str]:
        answer: Any = await daemon.api(f"/connectors/{name}/check", {})
        assert "data" in answer, answer
        found = answer["data"]
        return found["ok"], found["message"]

    async with running(daemon):
        assert (await states(daemon))["off"][0] == "disconnected"
        assert await check("off") == (True, "there")
        ok, message = await check("off_checks")
        assert not ok
        assert message.startswith("its check failed: AcmeError: no such door")
        for name in ("off_ctor", "ctor"):
            ok, message = await check(name)
            assert not ok
            assert message.startswith("cannot be built: AcmeError: no such region")
        assert "OPSCONDUCTOR_TEST_UNSET" in (await check("secret"))[1]
        assert (await states(daemon))["off"][0] == "disconnected"
        assert "ok  off: there" in await daemon.run("connectors", "check", "off")


async def test_a_secret_in_the_text_of_an_error_is_shown_nowhere(
    daemon_of_others: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status, doctor, check and log with its traceback have the rest of the text."""
    daemon, secret = daemon_of_others, "s3cr3t-t0ken-of-acme"
    monkeypatch.setenv("ACME_TOKEN", secret)
    daemon.declare("acme", connectors=[acme("logs-in", fails="login", token="${env:ACME_TOKEN}")])
    async with running(daemon):
        shown = [str(await states(daemon)), str(await daemon.api("/system/doctor"))]
        shown.append(str(await daemon.api("/connectors/logs-in/check", {})))
        shown.append(daemon.log.read_text())
    for text in shown:
        assert secret not in text
    assert "401 for https://acme/?token=***" in shown[0]
    assert "401 for https://acme/?token=***" in shown[1]
    assert "refused: ***" in shown[2]
    assert "AcmeError: 401 for https://acme/?token=***" in shown[3]


async def test_a_connector_that_blocks_the_event_loop_is_an_alert(
    daemon_of_others: Daemon, database_url: str
) -> None:
    """With its task and line; it clears by itself."""
    daemon = daemon_of_others
    watch = {"every": "0.2s", "quiet_time": "5s"}
    daemon.write_settings({"database": {"url": database_url}, "self_watch": watch})
    daemon.declare("acme", connectors=[acme("slow", fails="blocks")])
    async with running(daemon):
        await daemon.troubles_when(lambda found: (BLOCKED, "active") in found)
        (alert,) = [each for each in await daemon.alerts(on_itself=True) if each["alert_type"] == BLOCKED]
        assert "task source slow: " in str(alert["message"])
        assert "acme_toy.py:" in str(alert["message"])
        await daemon.troubles_when(lambda found: (BLOCKED, "resolved") in found)


async def test_a_connector_that_cannot_be_stopped_holds_up_no_stop(daemon_of_others: Daemon) -> None:
    """It ignores that it is cancelled, and blocks a thread: the daemon ends in order, and the log says so."""
    daemon = daemon_of_others
    daemon.declare("acme", connectors=[acme("endless", fails="stop")])
    async with running(daemon):
        assert (await states(daemon))["endless"] == ("connected", "")
        assert daemon.process is not None
        daemon.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            assert await daemon.process.wait() == 0
    log = daemon.log.read_text()
    assert "a connector does not stop: its code must end when it is cancelled" in log
    assert "the process ends although code of a connector still runs" in log
    assert "source endless" in log
