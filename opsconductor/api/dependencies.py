"""Interfaces through which the API uses the rest of the daemon."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from typing import Protocol
from uuid import UUID

from opsconductor.api.auth.account_rules import AccountRules
from opsconductor.api.http.clients import Network
from opsconductor.api.http.connections import ClientLimits
from opsconductor.api.interfaces.alerts import LiveAlerts, Pipeline
from opsconductor.api.interfaces.anomalies import LiveAnomalies, NoAnomalies
from opsconductor.api.interfaces.connectors import ConnectorsView
from opsconductor.api.interfaces.daemon import DaemonFacts
from opsconductor.api.interfaces.datasets import LiveDatasets
from opsconductor.api.interfaces.declared import LiveDeclared
from opsconductor.api.interfaces.maintenance import LiveMaintenance
from opsconductor.api.interfaces.models import LiveModels, NoModels
from opsconductor.api.interfaces.reports import LiveReports
from opsconductor.api.interfaces.rule_trials import RuleTrials
from opsconductor.mib.compiler.report import ImportOutcome
from opsconductor.mib.facts import NotificationFact, ObjectFact
from opsconductor.mib.listing import ListedMapping, WantedMappings
from opsconductor.model.inventory.listed import InventoryChanges, InventoryLoss
from opsconductor.notify.ack_link import AckLinks
from opsconductor.pipeline.feed import Feed
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.access.audit import Author
from opsconductor.store.aside import AsideContent, AsideRow
from opsconductor.store.inventory.missing import MissingDependency
from opsconductor.store.mib.facts import ImportedModule
from opsconductor.store.postgres.request_pool import RequestDatabase

BODY_BYTES = 4 * 1024 * 1024
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class LiveInventories(Protocol):
    """What inventories have found, as far as it needs an operator's decision."""

    def present_waiting(self) -> Mapping[str, InventoryLoss]:
        """Return what would be retired and awaits confirmation, by connector."""

    async def accept(self, connector: str, expected: tuple[int, int], by: Author) -> InventoryChanges:
        """Confirm the loss; raises InventoryConflict or StoreUnavailable."""

    async def missing(self, connector: str | None) -> Sequence[MissingDependency]:
        """Return the dependencies that are missing from their inventories."""

    async def forget(self, connector: str | None, by: Author) -> Sequence[MissingDependency]:
        """Remove them; return those removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedAside:
    """Outcome of retrying something that was set aside.

    Attributes:
        refusal: Why it was not retried; empty: it was.
        reason: Why it still cannot be processed; empty too: it was processed, and its row is removed.
    """

    refusal: str = ""
    reason: str = ""


class SetAsides(Protocol):
    """Messages and alerts that could not be processed and were set aside; all raise StoreUnavailable."""

    async def list(self, *, kind: str, origin: str, part: str, most: int) -> Sequence[AsideRow]:
        """List them, latest first; empty arguments match any."""

    async def find(self, aside_id: UUID, /) -> AsideContent | None:
        """Return one with its content."""

    async def forget(self, aside_id: UUID, by: str) -> bool:
        """Remove one; return False if it does not exist."""

    async def retry(self, row: AsideContent, by: str) -> RetriedAside:
        """Put one through the intake again."""


class LiveMibs(Protocol):
    """Imported MIB modules; all raise StoreUnavailable."""

    async def list(self) -> Sequence[ImportedModule]:
        """Return all modules, by name."""

    async def find(
        self, name: str, /
    ) -> tuple[ImportedModule, Sequence[ObjectFact], Sequence[NotificationFact]] | None:
        """Return a module with its facts, or None."""

    async def import_file(self, name: str, content: bytes, by: str) -> ImportOutcome:
        """Import a file or an archive; raises CompileError or StoreRejected too."""

    async def remove(self, name: str, by: str) -> None:
        """Remove a module; raises CompileError if there is none of that name."""


class MappingExplainer(Protocol):
    """Explains which mapping decides about a trap; JSON-ready, see `ExplanationView`."""

    async def of_oid(self, trap_oid: str, /) -> Mapping[str, object]:
        """Explain the possible outcomes of a trap by its OID alone."""

    async def of_event(self, wanted: UUID, /) -> Mapping[str, object] | None:
        """Explain a raw event, or the latest one of an alert; None: it was not kept.

        Raises StoreUnavailable or DecodeError.
        """

    async def of_packet(self, payload: bytes, peer: str) -> Mapping[str, object]:
        """Explain a datagram; raises DecodeError."""


class MappingReporter(Protocol):
    """Makes reports on the health of mappings."""

    async def make(self, *, days: int, events: int, time_limit_s: float) -> Mapping[str, object]:
        """Return a report JSON-ready; raises StoreUnavailable, also while another one is being made."""


class LiveMappings(Protocol):
    """The mappings in force."""

    async def list(self, wanted: WantedMappings, /) -> tuple[Sequence[ListedMapping], int]:
        """Return the wanted mappings, and how many there are in all."""

    async def lint(self) -> Sequence[Mapping[str, object]]:
        """Return what the mappings of the database cannot do, JSON-ready; raises StoreUnavailable."""

    async def confirm(self, wanted: str, by: Author) -> Mapping[str, object]:
        """Make a derived mapping the operator's own; raises CompileError, StoreRejected, StoreUnavailable."""


def _no_key() -> None:
    """Default: there is no local key."""


def _never(_device: str) -> None:
    """Default: nothing has been heard of any device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Arguments of `build_api`.

    Attributes:
        database: Holds alerts, their history and keys; it may be away.
        engine: Returns the current engine.
        health: The state of the daemon, JSON-ready; under `status` one of `ok`, `degraded`
            (it works but needs attention) and `failing` (answered with HTTP 503).
        connectors: The running connectors.
        inventories: Devices and dependencies that inventories have found.
        asides: What was set aside.
        mibs: Imported MIB modules.
        mappings: Explains which mapping decides about a trap.
        mapping_report: Reports on the health of mappings; see `MappingReportView`.
        mapping_list: The mappings in force.
        declared: What provisioning files may declare.
        maintenance: The maintenance windows.
        rule_trials: Rules that are not applied.
        datasets: Files of datasets, and the jobs that read and analyse them.
        reports: Makes reports.
        facts: Examines the daemon; its statistics, settings and loss ledger.
        last_heard: Returns when the last message about a device came, by its key; None: none has since the
            daemon's start.
        reload: Reloads the configuration and returns the outcome; see `ReloadView`.
        local_key: The key in the data directory for the command line; it is accepted also while the
            database is away. None: there is none.
        body_bytes: Maximum size of a request body.
        limits: Limits on clients.
        accounts: Rules of accounts.
        trusted_proxies: Proxies whose `X-Forwarded-For` names the client.
        metrics_networks: Networks that may read `/metrics` without a key.
        ack_links: Reads the acknowledge links of messages; None: there are none.
        anomalies: The detector, and the points that it sees.
        models: The versions of the detector.
        series: Series of measured values; None: it has none.
    """

    database: RequestDatabase
    engine: Callable[[], LiveAlerts]
    pipeline: Pipeline
    feed: Feed
    health: Callable[[], Mapping[str, object]]
    connectors: ConnectorsView
    inventories: LiveInventories
    asides: SetAsides
    mibs: LiveMibs
    mappings: MappingExplainer
    mapping_report: MappingReporter
    mapping_list: LiveMappings
    declared: LiveDeclared
    maintenance: LiveMaintenance
    rule_trials: RuleTrials
    datasets: LiveDatasets
    reports: LiveReports
    facts: DaemonFacts
    reload: Callable[[], Awaitable[Mapping[str, object]]]
    last_heard: Callable[[str], datetime | None] = _never
    local_key: Callable[[], str | None] = _no_key
    body_bytes: int = BODY_BYTES
    limits: ClientLimits = field(default_factory=ClientLimits)
    accounts: AccountRules = field(default_factory=AccountRules)
    trusted_proxies: tuple[Network, ...] = ()
    metrics_networks: tuple[Network, ...] = LOOPBACK
    ack_links: AckLinks | None = None
    anomalies: LiveAnomalies = field(default_factory=NoAnomalies)
    models: LiveModels = field(default_factory=NoModels)
    series: SeriesStore | None = None
