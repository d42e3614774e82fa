"""A PRTG connector between the fake server and the real engine: polls and posts become alerts."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from connectors.prtg.config import PrtgConfig
from connectors.prtg.source import PrtgSource
from opsconductor.config.settings import EngineSettings
from opsconductor.connector.context import ConnectorContext
from opsconductor.connector.post import Post, PostResult
from opsconductor.engine.engine import Engine
from opsconductor.inventory.identify import identify
from opsconductor.inventory.snapshot import InventorySnapshot
from opsconductor.model.alert import Alert, fingerprint_of
from opsconductor.model.enums import Severity
from opsconductor.model.event import RawEvent
from opsconductor.model.identified import IdentifiedSnapshot
from opsconductor.model.inventory.device import Device
from opsconductor.model.mappings.table import MappingTable
from opsconductor.model.normalized import Snapshot
from tests.fakes.prtg import TOKEN, FakePrtg, serving

SECRET = "a secret of the test"
NAME = "prtg-main"


class Enough(Exception):
    """Ends a source after so many polls."""


class Stage:
    """A source, the engine, and the time.

    Attributes:
        counts: What the source has counted.
        down: The reason when the source fails, None when it works.
    """

    def __init__(self, config: PrtgConfig, devices: Sequence[Device] = ()) -> None:
        self.config = config
        self.inventory = InventorySnapshot(devices)
        self.engine = Engine(EngineSettings(), self.inventory, ())
        self.alerts: dict[object, Alert] = {}
        self.rules: list[str] = []
        self.counts: list[tuple[str, str]] = []
        self.down: str | None = None
        self.ahead = timedelta(0)
        self.source = PrtgSource(config, self._context())

    async def poll(self, times: int = 1) -> list[RawEvent]:
        """Make the source run until it has polled so often; its events go through the engine."""
        events: list[RawEvent] = []

        async def emit(found: Sequence[RawEvent]) -> None:
            nonlocal times
            events.extend(found)
            self.take(found)
            times -= 1
            if not times:
                raise Enough

        try:
            await self.source.run(emit)
        except Enough:
            return events
        raise AssertionError("the source ended by itself")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Make the source run in the background; it has polled once when the context begins, and goes on."""
        polled = asyncio.Event()

        async def emit(found: Sequence[RawEvent]) -> None:
            self.take(found)
            polled.set()

        task = asyncio.create_task(self.source.run(emit))
        await polled.wait()
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def post(self, body: bytes, query: Mapping[str, str] | None = None) -> PostResult:
        """Post to the source, as the API does."""
        taken = await self.source.receive(
            Post(
                headers={},
                query={"secret": SECRET} if query is None else query,
                body=body,
                peer="127.0.0.1",
                received_at=datetime.now(UTC) + self.ahead,
            )
        )
        self.take(taken.events)
        return taken

    def take(self, events: Sequence[RawEvent]) -> None:
        """Bring events to the engine as the worker does; archived events must read the same."""
        for raw in events:
            now = max(raw.received_at, datetime.now(UTC)) + self.ahead
            result = self.source.normalize(raw)
            again = self.source.normalize(raw._replace(payload=self.source.redacted(raw), parsed=None))
            assert again == result
            if isinstance(result, Snapshot):
                listed = tuple(identify(result.alerts, self.inventory))
                at = result.taken_at + self.ahead
                changes = self.engine.reconcile(
                    IdentifiedSnapshot(scope=result.scope, alerts=listed, taken_at=at), now
                )
            else:
                changes = self.engine.apply(identify(result, self.inventory), now)
            for alert in (*changes.created, *changes.updated, *changes.repeated):
                self.alerts[alert.id] = alert
            self.rules += [entry.rule for entry in changes.history]

    def open(self) -> dict[str, Alert]:
        """Show the open alerts by resource."""
        return {alert.resource: alert for alert in self.engine.open_alerts()}

    def _context(self) -> ConnectorContext:
        def fails(error: Exception) -> None:
            self.down = str(error)

        def works() -> None:
            self.down = None

        return ConnectorContext(
            name=NAME,
            data_dir=Path(mkdtemp()),
            mappings=lambda: MappingTable([]),
            vendor_of=lambda _: None,
            count=self._count,
            report_down=fails,
            report_up=works,
            severity_of=self._severity_of,
        )

    def _count(self, stage: str, reason: str = "", amount: int = 1) -> None:
        self.counts += [(stage, reason)] * amount

    def _severity_of(self, device: str, alert_type: str, resource: str) -> Severity | None:
        address = self.inventory.key_of(device)
        alert = self.engine.open.get(fingerprint_of(address, alert_type, resource))
        return None if alert is None else alert.severity


def device(name: str, address: str) -> Device:
    """Declare a device of the inventory."""
    return Device(id=uuid4(), ip_address=address, name=name)


def config_of(port: int, **values: object) -> PrtgConfig:
    """Make the configuration of a fake server; fast, and its own alert at once."""
    return PrtgConfig.model_validate(
        {
            "url": f"http://127.0.0.1:{port}",
            "api_token": TOKEN,
            "poll_interval": 0.01,
            "unreachable_after": 1,
            "webhook_secret": SECRET,
            **values,
        }
    )


@asynccontextmanager
async def staged(fake: FakePrtg, devices: Sequence[Device] = (), **values: object) -> AsyncIterator[Stage]:
    """Run a fake server, and put a source in front of it."""
    async with serving(fake) as port:
        yield Stage(config_of(port, **values), devices)
