"""Real mosquitto brokers for tests, tools that publish to them, and the connector listening to one."""

import asyncio
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from connectors.mqtt import TYPE
from connectors.mqtt.message import Key
from connectors.mqtt.source import MqttSource
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.enums import Severity
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import NormalizedAlert
from tests.support.ports import free_port
from tests.support.snmp.trap_listener import Intake, until

OFFLINE = {
    "topic": "site/{device}/state",
    "alert_type": "network_device_offline",
    "values": {"offline": "major", "online": "clear"},
    "title": "{device} is {value}",
}


class Broker:
    """A mosquitto of its own.

    Attributes:
        port: Where it listens; for tools in clear, also when it speaks TLS.
        tls_port: Where it speaks TLS, if `tls` are its settings.
    """

    def __init__(self, folder: Path, settings: Sequence[str], tls: Sequence[str]) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._file, self._log = folder / "mosquitto.conf", folder / "mosquitto.log"
        lines = ["user root", "log_type all", f"listener {self.port} 127.0.0.1"]
        if "allow_anonymous false" not in settings:
            lines.append("allow_anonymous true")
        lines += settings
        if tls:
            lines += [f"listener {self.tls_port} 127.0.0.1", *tls]
        self._file.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def log(self) -> str:
        """Read what it has written so far."""
        return self._log.read_text(errors="replace")

    async def start(self) -> None:
        """Start it and wait until it accepts connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(["mosquitto", "-c", str(self._file)], stdout=log, stderr=log)  # noqa: ASYNC220
        await until(self._answers)

    def kill(self, how: int = signal.SIGKILL) -> None:
        """End it, by default with SIGKILL."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait()

    async def publish(self, topic: str, payload: str | bytes, *options: str) -> None:
        """Publish one message with QoS 1."""
        what = "-s" if payload else "-n"
        process = await asyncio.create_subprocess_exec(
            "mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "-t", topic, what, *options,
            stdin=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await process.communicate(payload.encode() if isinstance(payload, str) else payload)
        assert process.returncode == 0

    async def publish_all(self, messages: Iterable[tuple[str, bytes]], *, retain: bool = False) -> None:
        """Publish many messages with QoS 1."""
        await asyncio.to_thread(self._publish_all, list(messages), retain)

    def _publish_all(self, messages: Sequence[tuple[str, bytes]], retain: bool) -> None:  # noqa: FBT001
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.max_inflight_messages_set(500)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        sent = [client.publish(topic, payload, 1, retain) for topic, payload in messages]
        for one in sent:
            one.wait_for_publish(20)
        client.disconnect()
        client.loop_stop()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@asynccontextmanager
async def broker(folder: Path, *settings: str, tls: Sequence[str] = ()) -> AsyncIterator[Broker]:
    """Run a broker until the end of the context."""
    running = Broker(folder, settings, tls)
    await running.start()
    try:
        yield running
    finally:
        running.kill()


class Cable:
    """A connection to a broker that can be cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._ends: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def lay(self) -> int:
        """Begin to accept connections; return the port."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Cut all connections without notice; new ones are accepted."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def remove(self) -> None:
        """Accept no more connections."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._ends += [writer, back]
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@dataclass
class Listening:
    """A connector that runs.

    Attributes:
        open: What `severity_of` finds.
        states: The states that it has reported: `works`, or the reason why not.
    """

    source: MqttSource
    intake: Intake
    open: dict[Key, Severity]
    states: list[str]
    task: asyncio.Task[None]

    @property
    def alerts(self) -> list[NormalizedAlert]:
        """Return the alerts of the messages, in order."""
        results = [self.source.normalize(event) for event in self.intake.events]
        return [alert for alerts in results if isinstance(alerts, Sequence) for alert in alerts]

    @property
    def reported(self) -> list[tuple[str | None, str]]:
        """Return device and severity of the alerts, in order."""
        return [(alert.device_name, alert.severity.value) for alert in self.alerts]


@asynccontextmanager
async def listening(
    folder: Path,
    port: int,
    *,
    earlier: Sequence[bytes] = (),
    legacy: MutableMapping[str, Any] | None = None,
    is_committing: bool = True,
    open_alerts: Mapping[Key, Severity] | None = None,
    **config: object,
) -> AsyncIterator[Listening]:
    """Run a connector until the end of the context; it is subscribed when the context begins."""
    intake, states = Intake(is_committing=is_committing), list[str]()
    severities = dict(open_alerts or {})

    async def acknowledged() -> AsyncIterator[Sequence[bytes]]:
        yield earlier

    given = {"host": "127.0.0.1", "port": port, "topics": [OFFLINE], **config}
    source = TYPE.build(
        TYPE.config.model_validate(given),
        ConnectorContext(
            name="mqtt",
            data_dir=folder,
            mappings=lambda: MappingTable([]),
            vendor_of=lambda _: None,
            count=intake.count,
            report_up=lambda: states.append("works"),
            report_down=lambda error: states.append(str(error)),
            severity_of=lambda *key: severities.get(key),
            acknowledged=acknowledged,
            handover={} if legacy is None else legacy,
        ),
    )
    task = asyncio.create_task(source.run(intake.emit))
    try:
        await until(lambda: bool(states) or task.done())
        yield Listening(source, intake, severities, states, task)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
