"""Cost of an MQTT message up to the standard form.

Run with `python -m tests.benchmarks.connectors.bench_mqtt`. A real mosquitto holds 30,000 messages of QoS 1
for each client; each fetches its own, in its own process: a bare paho client that does nothing but count
(paho acknowledges by itself), and the connector with the rules of Zigbee2MQTT, which judges, normalizes and
acknowledges after the "commit".
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import paho.mqtt.client as paho
import uvloop
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from connectors.mqtt import TYPE
from opsconductor.connector.context import ConnectorContext
from opsconductor.model.event import RawEvent
from opsconductor.model.mappings.table import MappingTable
from tests.support.connectors.mqtt_broker import broker

MESSAGES = 30_000
TOPICS = 1_000
INFLIGHT = 1_000
WAYS = ("bare paho, counts only", "connector, normalized and acknowledged")


def main() -> None:
    """Print the table, or be one of the clients."""
    if sys.argv[1:]:
        way, port = int(sys.argv[1]), int(sys.argv[2])
        fetch = fetch_bare if way == 0 else fetch_by_connector
        print(json.dumps(fetch(port, sys.argv[3] == "fetch")))
        return
    uvloop.run(compare())


async def compare() -> None:
    """Make the broker hold messages for both, and both fetch them."""
    with tempfile.TemporaryDirectory() as folder:
        async with broker(Path(folder), "max_queued_messages 0", "log_type error") as mosquitto:
            for way in range(len(WAYS)):
                await ask(way, mosquitto.port, "subscribe")
            await mosquitto.publish_all(
                (f"zigbee2mqtt/lamp{number % TOPICS}/availability", PAYLOADS[number // TOPICS % 2])
                for number in range(MESSAGES)
            )
            print(f"{MESSAGES:,} messages of QoS 1          messages/s   CPU us a message")
            for way, name in enumerate(WAYS):
                wall_s, cpu_s = await ask(way, mosquitto.port, "fetch")
                print(f"  {name:40} {MESSAGES / wall_s:10,.0f} {cpu_s / MESSAGES * 1e6:10.1f}")


PAYLOADS = (b'{"state":"offline"}', b'{"state":"online"}')


async def ask(way: int, port: int, what: str) -> Sequence[float]:
    """Run one client in its own process; gives seconds it took, and seconds of CPU."""
    command = [sys.executable, "-m", "tests.benchmarks.connectors.bench_mqtt", str(way), str(port), what]
    done = await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.PIPE)
    figures: Sequence[float] = json.loads(done.stdout)
    return figures


def fetch_bare(port: int, is_all: bool) -> Sequence[float]:  # noqa: FBT001
    """Count with paho alone."""
    client = paho.Client(CallbackAPIVersion.VERSION2, "bare", protocol=paho.MQTTv5)
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3_600
    properties.ReceiveMaximum = INFLIGHT
    done, left = threading.Event(), MESSAGES

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    client.on_message = count
    client.on_connect = lambda *_: client.subscribe("zigbee2mqtt/+/availability", 1)
    client.on_subscribe = lambda *_: None if is_all else done.set()
    begun, cpu = time.perf_counter(), time.process_time()
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    client.loop_start()
    done.wait()
    took = time.perf_counter() - begun, time.process_time() - cpu
    client.disconnect()
    client.loop_stop()
    return took


def fetch_by_connector(port: int, is_all: bool) -> Sequence[float]:  # noqa: FBT001
    """Make the connector do all that it does before the engine."""
    return uvloop.run(_fetch(port, MESSAGES if is_all else 0))


async def _fetch(port: int, wanted: int) -> Sequence[float]:
    done, alerts = asyncio.Event(), 0
    with tempfile.TemporaryDirectory() as folder:
        source = TYPE.build(
            TYPE.config.model_validate(
                {
                    "host": "127.0.0.1",
                    "port": port,
                    "topics": [{"preset": "zigbee2mqtt"}],
                    "max_inflight": INFLIGHT,
                }
            ),
            ConnectorContext(
                name="bench",
                data_dir=Path(folder),
                mappings=lambda: MappingTable([]),
                vendor_of=lambda _: None,
                count=lambda *_, **__: None,
            ),
        )

        async def emit(events: Sequence[RawEvent]) -> None:
            nonlocal alerts
            for event in events:
                alerts_of_event = source.normalize(event)
                alerts += len(alerts_of_event) if isinstance(alerts_of_event, Sequence) else 0
            for event in events:
                if event.on_commit is not None:
                    event.on_commit()
            if alerts >= wanted:
                done.set()

        begun, cpu = time.perf_counter(), time.process_time()
        running = asyncio.create_task(source.run(emit))
        await done.wait()
        took = time.perf_counter() - begun, time.process_time() - cpu
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return took


if __name__ == "__main__":
    main()
