"""The configuration in force, and how it is loaded from files and database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import socket

from opsconductor.app.configuring.loading import Configuration
from opsconductor.app.connectors.rejections import Rejections
from opsconductor.app.connectors.running import ConnectorSpec
from opsconductor.app.connectors.specs import make_plans
from opsconductor.app.connectors.types import installed_types, load_types
from opsconductor.config.settings import Settings
from opsconductor.config.vault import find_key
from opsconductor.connector.outgoing.template_faults import TemplateFaults
from opsconductor.connector.supervise import Report
from opsconductor.engine.engine import Engine
from opsconductor.engine.state import VerificationPolicy
from opsconductor.errors import ConfigError, Fault, StoreUnavailable
from opsconductor.ledger.ledger import Ledger
from opsconductor.model.alert import Alert
from opsconductor.model.aside import AsideKind, SetAside, reason_of, set_aside
from opsconductor.model.changes import EngineDocument
from opsconductor.pipeline.device_memory import PortNames
from opsconductor.pipeline.sift import StoredState, load_sifted
from opsconductor.pipeline.stamp_clock import StampClock
from opsconductor.store.access.credentials import open_vault
from opsconductor.store.aside import keep_aside
from opsconductor.store.declared.provisioning import apply_provision
from opsconductor.store.load import load_alerts, load_documents
from opsconductor.store.people.sealed import seal_contact_methods
from opsconductor.store.postgres.connection import Pool

log = logging.getLogger(__name__)

REBUILD_PAUSE_S = 1.0


@dataclass(slots=True)
class Runtime:
    """The configuration in force; changed only by a reload.

    Attributes:
        clock: Stamps incoming events.
        faults: Faults of the provisioning files at the start or the last reload.
        reload_error: Why the files were not applied although they have no faults; empty: they were.
        stored_error: Why the configuration in the database is not in force; empty: it is.
        rejections: What connectors reject or cannot decode.
        template_faults: Templates of messages that fail.
        ports: Names of ports, learned from reports and pollers.
        changing: Held from reading a configuration until it is in force, so that changes are serialized.
        reloading: Held around that, until changed connectors run; inventories that they publish need
            `changing` meanwhile.
    """

    settings: Settings
    pool: Pool
    configuration: Configuration
    sockets: Sequence[socket]
    ledger: Ledger
    drained: Callable[[], Awaitable[None]]
    clock: StampClock = field(default_factory=StampClock)
    faults: Sequence[Fault] = ()
    reload_error: str = ""
    stored_error: str = ""
    rejections: Rejections = field(default_factory=Rejections)
    template_faults: TemplateFaults = field(default_factory=TemplateFaults)
    ports: PortNames = field(default_factory=PortNames)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    reloading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def replace_configuration(self, configuration: Configuration) -> Configuration:
        """Put a configuration into force; return the previous one."""
        present, self.configuration = self.configuration, configuration
        return present

    @property
    def status_line(self) -> str:
        """One line for `systemctl status`."""
        if self.faults:
            return f"Taking alerts, but {len(self.faults)} faults in provisioning files: opsconductor doctor"
        return "Taking alerts, but the configuration is not in force" if self.error else "Taking alerts"

    @property
    def error(self) -> str:
        """Why something other than faults in files keeps the configuration out of force; empty: nothing."""
        if self.reload_error:
            return f"the last reload changed nothing: {self.reload_error}"
        return f"what is stored is not in force: {self.stored_error}" if self.stored_error else ""

    def note_files(self, faults: Sequence[Fault], error: str) -> None:
        """Keep why the provisioning files are not applied; empty: they are."""
        self.faults, self.reload_error = faults, error

    def note_stored(self, error: str) -> None:
        """Keep why the configuration in the database is not in force, in one line; empty: it is."""
        self.stored_error = "; ".join(error.splitlines())

    @property
    def all_faults(self) -> Sequence[str]:
        """Why the declared configuration is not in force, one line each; empty: it is."""
        return [*filter(None, [self.error]), *map(str, self.faults)]


async def rebuild_engine(live: Runtime, looks: VerificationPolicy) -> Engine:
    """Load a new engine, waiting for the database: only it knows the newest state.

    Alerts on which the engine fails are set aside.

    Raises:
        Exception: One of `DATA_ERRORS`: it fails whatever alerts it holds.
    """
    await live.drained()
    while True:
        try:
            return await load_engine(live, looks, is_suspect=True)
        except StoreUnavailable as error:
            log.error("cannot load the engine, trying again", extra={"error": str(error)})
            await asyncio.sleep(REBUILD_PAUSE_S)


async def load_engine(live: Runtime, looks: VerificationPolicy, *, is_suspect: bool = False) -> Engine:
    """Return an engine with the open and the recently ended alerts.

    Args:
        looks: The engine's view of verification.
        is_suspect: The engine has failed: first find out whether single alerts make it fail.
    """
    now = datetime.now(UTC)
    settings, configuration = live.settings.engine, live.configuration
    window = max(settings.reopen_window, settings.flap_window)
    stored = StoredState(
        alerts=await load_alerts(live.pool, resolved_since=now - window),
        documents=await load_documents(live.pool),
    )

    def make() -> Engine:
        engine = Engine(
            settings,
            configuration.inventory,
            configuration.router(),
            looks=looks,
            windows=configuration.windows,
        )
        engine.combine(configuration.policies)
        return engine

    engine, unusable = await asyncio.to_thread(load_sifted, make, stored, now, is_suspect=is_suspect)
    asides = [aside_of(each, error, now) for each, error in unusable]
    for aside in asides:
        log.error(
            "the engine cannot work with a part of its stored state, it is set aside",
            extra={"kind": str(aside.kind), "subject": aside.subject, "error": aside.reason},
        )
    await keep_aside(live.pool, asides)
    return engine


def aside_of(stored: Alert | EngineDocument, error: Exception, now: datetime) -> SetAside:
    """Return the `set_aside` row of an alert, or of other state, with which the engine cannot work."""
    return set_aside(
        AsideKind.ALERT if isinstance(stored, Alert) else AsideKind.CHANGE,
        origin=stored.source_system if isinstance(stored, Alert) else "engine",
        subject=str(stored.id) if isinstance(stored, Alert) else f"{stored.kind} {stored.key}",
        reason=reason_of(error),
        content=repr(stored).encode(errors="backslashreplace"),
        at=now,
    )


async def encrypt_contacts(pool: Pool, settings: Settings) -> None:
    """Encrypt contact methods that an earlier version has stored as they are.

    Raises:
        SecretError: The vault has another key.
    """
    key = await asyncio.to_thread(find_key, settings.secrets, settings.data_dir)
    if people := await seal_contact_methods(pool, key):
        log.info("contact methods are encrypted from now on", extra={"people": people})


async def declare(pool: Pool, settings: Settings) -> Sequence[Fault]:
    """Apply the provisioning files; any fault in them changes nothing and is logged.

    Returns:
        All faults; empty: the files are applied.
    """
    if not settings.provision:
        return ()
    try:
        key = await asyncio.to_thread(find_key, settings.secrets, settings.data_dir)
        plan = await apply_provision(pool, settings.provision, installed_types(), key=key)
    except ConfigError as error:
        for fault in error.faults:
            log.error("provisioning changes nothing: %s", fault)
        return error.faults
    for remark in plan.remarks:
        log.warning("provisioned, with a remark: %s", remark)
    log.info("provisioned: %s", plan.summary)
    return ()


async def read_plans(
    live: Runtime, configuration: Configuration, report_of: Callable[[str], Report]
) -> dict[str, ConnectorSpec]:
    """Validate all connectors against their types, with the secrets that they refer to.

    Raises:
        SecretError: The vault cannot be opened.
        StoreUnavailable: The database is away.
    """
    key = await asyncio.to_thread(find_key, live.settings.secrets, live.settings.data_dir)
    vault = await open_vault(live.pool, key)
    await asyncio.to_thread(load_types, {row.type for row in configuration.connectors.values()})
    return make_plans(configuration.connectors, vault.open, report_of)
