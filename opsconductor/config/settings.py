"""Every setting of the daemon: its unit, its default and the reason for it.

What a NOC changes daily (connectors, mappings, devices, dependencies, rules) is not here but in the
database. `etc/opsconductor.yaml` has the same keys as a file with comments.
"""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, model_validator

from opsconductor.config.section import Section, as_list
from opsconductor.config.sections.account import AccountSettings
from opsconductor.config.sections.backup import BackupSettings
from opsconductor.config.sections.dataset import DatasetSettings
from opsconductor.config.sections.detection import DetectionSettings
from opsconductor.config.sections.inventory import InventorySettings
from opsconductor.config.sections.notification import NotificationSettings
from opsconductor.config.sections.outgoing import Networks, OutgoingSettings
from opsconductor.config.sections.report import ReportSettings
from opsconductor.config.sections.retention import RetentionSettings
from opsconductor.config.sections.series import SeriesSettings
from opsconductor.config.sections.watch import (
    CanarySettings,
    HeartbeatSettings,
    SelfWatchSettings,
    VerifySettings,
)
from opsconductor.connector.settings.address import ListenAddress
from opsconductor.connector.settings.duration import Duration, PositiveDuration, parse_duration

MIB = 1024 * 1024
GIB = 1024 * MIB


class DatabaseSettings(Section):
    """Database that stores the alerts."""

    url: SecretStr | None = None
    """`postgresql://user:password@host:5432/name`; a reference such as `${env:NAME}` is allowed.
    Null (default): the daemon runs its own PostgreSQL 18 below `data_dir`, so that a first start
    needs nothing else."""

    pool_size: int = Field(default=10, ge=2, le=200)
    """Connections kept open. 10: the pipeline needs one, deliveries and the API share the rest; more
    does not make PostgreSQL faster."""


class ApiSettings(Section):
    """The REST API and the operators' page."""

    listen: ListenAddress = ListenAddress("127.0.0.1", 8080)
    """Address and port. Only this host by default: put a reverse proxy with TLS in front, or set
    `tls_certificate`."""

    tls_certificate: Path | None = None
    """PEM file of the server's certificate and its issuers. Null (default): HTTP. Read again on change."""

    tls_key: Path | None = None
    """PEM file of the private key. Null (default): it is in `tls_certificate`."""

    max_connections: int = Field(default=512, ge=10, le=50_000)
    """Connections open at a time; beyond it the oldest unauthenticated one is closed. 512: about
    eighty browsers; more needs a higher limit of open files, too."""

    read_timeout: PositiveDuration = parse_duration("10s")
    """How long a new connection may take to send the head of its first request, and any request to send
    its body. 10s: a thousand times what a working client needs."""

    idle_timeout: PositiveDuration = parse_duration("75s")
    """How long a connection stays open between two requests. 75s: longer than proxies keep theirs, so
    that they never write to one that is just being closed."""

    write_timeout: PositiveDuration = parse_duration("30s")
    """Time after which a client that reads nothing of its answer is disconnected."""

    trusted_proxies: Networks = ()
    """Networks (CIDR) of reverse proxies whose `X-Forwarded-For` is trusted: limits, metrics and the audit
    log then use the client's address, not the proxy's. Empty: none, because any client can write that header.
    """

    metrics_networks: Networks = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    """Networks (CIDR) that may read `/metrics` without a key. Only this host by default: the metrics name
    connectors and channels. Others send a key of the role `viewer`."""


class LogSettings(Section):
    """What the daemon writes to standard error (systemd stores it in the journal)."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level that is written. `info` includes starts, stops and state changes, but nothing per
    event."""

    format: Literal["auto", "text", "json"] = "auto"
    """`auto`: coloured text on a terminal, JSON lines otherwise."""


class LimitSettings(Section):
    """Limits of the daemon's load; beyond them it delays, or counts what it refuses."""

    intake_events: int = Field(default=100_000, ge=1_000)
    """Raw events waiting for the pipeline. 100,000: five seconds of a storm at 20,000/s, about
    100 MiB."""

    intake_bytes: int = Field(default=64 * MIB, ge=MIB)
    """Bytes of raw events waiting for the pipeline, as they were sent. 64 MiB: never reached by usual
    traps; about a thousand of the largest datagrams, which take four times their size in memory."""

    batch_events: int = Field(default=5_000, ge=1, le=50_000)
    """Raw events processed in one transaction. 5,000: repeats are folded before they cost; while many are
    new the daemon takes fewer at once, so that the event loop is never blocked for long."""

    database_wait: PositiveDuration = parse_duration("2m")
    """How long a start waits for the database before it fails. 2m: a database server that boots at the same
    time; meanwhile messages wait in the kernel's buffer."""

    commit_timeout: PositiveDuration = parse_duration("5s")
    """How long one transaction may take before the database counts as away and changes go to the spool.
    5s: longer than any healthy one, shorter than devices wait before they give an inform up."""

    spool_bytes: int = Field(default=GIB, ge=MIB)
    """Maximum size of the spool. 1 GiB: millions of new alerts. When it is full, nothing is acknowledged
    until the database is back."""

    api_body_bytes: int = Field(default=4 * MIB, ge=1_024)
    """Maximum size of an API request body in bytes. 4 MiB: 1,000 alerts that Alertmanager posts at once."""

    shutdown_time: PositiveDuration = parse_duration("5s")
    """How long the commit of queued events may take when the daemon stops. 5s: together with the
    deliveries in progress it stops within 10 s."""


class StormSettings(Section):
    """Rate limits for one device and for all together; what exceeds them is counted in one alert."""

    sender_per_s: int = Field(default=200, ge=1)
    """Sustained rate of one device in messages per second. 200: more than a busy core router sends."""

    sender_burst: int = Field(default=5_000, ge=1)
    """Burst of one device in messages. 5,000: a chassis with a thousand ports and their protocols goes
    down. Raise it for a proxy that sends for others under its own name."""

    new_alerts_per_s: int = Field(default=1_000, ge=1)
    """Sustained rate of new alerts per second over all devices; for devices of the inventory and for
    others separately. 1,000: more than people can read, PostgreSQL writes eight times as many."""

    new_alerts_burst: int = Field(default=100_000, ge=1)
    """Burst of new alerts over all devices. 100,000: two thousand devices lose power, fifty faults each."""

    most_alerts: int = Field(default=200_000, ge=1_000)
    """Alerts in memory: open, or closed within `engine.reopen_window`; the last quarter is reserved for
    devices of the inventory, if there is one. 200,000: about 300 MB, 1 GB from
    traps of 8 kB."""

    quiet_time: PositiveDuration = parse_duration("30s")
    """A storm is over when its device has kept to its limit for this long. 30s: storms come in waves."""


class ArchiveSettings(Section):
    """Archive of raw events, to test changes against real history (`opsconductor replay`)."""

    enabled: bool = True
    """Whether raw events are archived."""

    per_sender_per_minute: int = Field(default=1_200, ge=1)
    """Events of one sender archived per minute, one of more than 1 KiB counting once per KiB; of the rest
    only the latest of every batch is archived, with their number. 1,200: more than a large switch sends
    when all its ports go down and up. Raise it for a proxy that forwards for others."""

    per_minute: int = Field(default=12_000, ge=1)
    """Events of all senders archived per minute, counted in the same way; the rest is only counted.
    12,000: at most 17 GB a day, however long a storm lasts."""


class EngineSettings(Section):
    """Times and counts for folding, correlating and holding alerts."""

    settle_time: Duration = parse_duration("5s")
    """How long a new alert is held before it is notified, so that a cause that arrives after its
    consequences still suppresses them, and the message about a cause says how many they are. 5s: devices
    report within seconds of each other."""

    grace_time: Duration = parse_duration("30s")
    """After a cause is resolved, how long its consequences may take to clear by themselves. 30s:
    routing and sessions recover after the link does."""

    reopen_window: Duration = parse_duration("5m")
    """Within this time after its end the same problem reopens the old alert instead of making a new
    one."""

    flap_window: PositiveDuration = parse_duration("10m")
    """The period over which changes between problem and clear are counted."""

    flap_transitions: int = Field(default=6, ge=3)
    """This many changes within `flap_window` are flapping: one notification, then none. 6: three times
    down and up."""

    flap_stable_time: PositiveDuration = parse_duration("5m")
    """After this time without a change the alert no longer flaps and its final state is notified."""

    clear_memory: Duration = parse_duration("60s")
    """How long an unmatched clear is remembered, for the older problem that UDP delivers after it."""

    high_impact_dependents: int = Field(default=10, ge=1)
    """With this many dependent devices, the impact of a device's alerts is high."""

    medium_impact_dependents: int = Field(default=1, ge=1)
    """With this many dependent devices, the impact of a device's alerts is medium."""

    reachability_types: Annotated[tuple[str, ...], BeforeValidator(as_list)] = (
        "*_unreachable",
        "*_poll_failed",
        "*_ping_*",
        "*_icmp_*",
        "*_host_down",
        "*_node_down",
        "*_device_down*",
        "*_switch_down",
        "*_router_down",
        "*_device_offline",
    )
    """Patterns of alert types which only mean that a device cannot be reached. Such an alert is suppressed
    when all paths over which the device is managed are down. `[]`: none."""


class SecretsSettings(Section):
    """Encryption of the vault (table `credentials`)."""

    key: SecretStr | None = None
    """32 bytes as base64 or hexadecimal (`openssl rand -base64 32`). Null (default): the systemd
    credential `opsconductor-key`, else the file `secrets.key` in `data_dir`, created at first start.
    Give it as `OPSCONDUCTOR__SECRETS__KEY` or by reference, not as text in a file."""


class Settings(Section):
    """The daemon's settings as a whole; `config.load.load_settings` reads them."""

    data_dir: Annotated[Path, AfterValidator(Path.absolute), Field(validate_default=True)] = Path("./var")
    """Folder for all persistent data. A relative path starts at the directory in which the daemon is
    started."""

    database: DatabaseSettings = DatabaseSettings()
    api: ApiSettings = ApiSettings()
    accounts: AccountSettings = AccountSettings()

    public_url: HttpUrl | None = None
    """Public address of the operators' page, through the reverse proxy: notifications link to their
    alert there. Null (default): no link."""

    log: LogSettings = LogSettings()

    provision: Annotated[tuple[Path, ...], BeforeValidator(as_list)] = ()
    """Files, or folders of `*.yaml` files, that declare connectors, mappings, devices, dependencies
    and rules; applied at start and on reload. Relative paths as for `data_dir`."""

    limits: LimitSettings = LimitSettings()
    storm: StormSettings = StormSettings()
    archive: ArchiveSettings = ArchiveSettings()
    retention: RetentionSettings = RetentionSettings()
    backup: BackupSettings = BackupSettings()
    series: SeriesSettings = SeriesSettings()
    detection: DetectionSettings = DetectionSettings()
    reports: ReportSettings = ReportSettings()
    engine: EngineSettings = EngineSettings()
    notifications: NotificationSettings = NotificationSettings()
    outgoing: OutgoingSettings = OutgoingSettings()
    inventory: InventorySettings = InventorySettings()
    self_watch: SelfWatchSettings = SelfWatchSettings()
    canary: CanarySettings = CanarySettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    verify: VerifySettings = VerifySettings()
    datasets: DatasetSettings = DatasetSettings()
    secrets: SecretsSettings = SecretsSettings()

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, given: object) -> object:
        """Treat a section in which everything is commented out as absent."""
        if not isinstance(given, Mapping):
            return given
        return {key: value for key, value in given.items() if value is not None}
