"""All metrics, in one place; `GET /metrics` shows them.

Counters are incremented once per batch, never once per event.
"""

from collections.abc import Callable, Iterable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily

PREFIX = "opsconductor"
LATENCY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

registry: CollectorRegistry = REGISTRY


class ReadCounter(Counter):
    """A counter of what is counted elsewhere: read when metrics are, because to count twice costs as much."""

    _read: Callable[[], Iterable[tuple[str, str, str, int]]] = staticmethod(tuple)

    def show(self, read: Callable[[], Iterable[tuple[str, str, str, int]]]) -> None:
        """Take the totals from a function, which returns them behind their three labels."""
        self._read = read

    def collect(self) -> Iterable[CounterMetricFamily]:
        """Return the totals of now."""
        family = CounterMetricFamily(self._name, self._documentation, labels=self._labelnames)
        for *labels, total in self._read():
            family.add_metric(labels, total)
        return [family]


connector_events = ReadCounter(
    f"{PREFIX}_connector_events",
    "Messages by connector, stage (received, refused, undecodable, kernel_drop, normalized, ...) and reason",
    ["connector", "stage", "reason"],
)
inventory_rows = Gauge(
    f"{PREFIX}_inventory_rows",
    "Contents of the latest inventory, by connector and kind (devices, dependencies, conflicts)",
    ["connector", "kind"],
)
inventory_published_timestamp_seconds = Gauge(
    f"{PREFIX}_inventory_published_timestamp_seconds",
    "When an inventory was last applied, by connector, in seconds since 1970",
    ["connector"],
)
ledger_gap = Gauge(
    f"{PREFIX}_ledger_gap",
    "Messages or alerts that the loss ledger cannot account for, by connector and stage; 0: the sums match",
    ["connector", "stage"],
)
ledger_minutes_waiting = Gauge(
    f"{PREFIX}_ledger_minutes_waiting",
    "Minutes of the loss ledger that are not completely stored in PostgreSQL",
)
self_alerts = Gauge(f"{PREFIX}_self_alerts", "Current troubles of the daemon itself")
database_up = Gauge(f"{PREFIX}_database_up", "1 while PostgreSQL has the newest state, else 0")
clock_synchronized = Gauge(
    f"{PREFIX}_clock_synchronized", "1 while the kernel's clock is synchronized (NTP), else 0"
)
receive_buffer_bytes = Gauge(
    f"{PREFIX}_receive_buffer_bytes",
    "Bytes of receive buffer that the kernel grants, by connector and port",
    ["connector", "listen"],
)
disk_free_bytes = Gauge(f"{PREFIX}_disk_free_bytes", "Bytes free on the disk of the data directory")
canaries = Counter(f"{PREFIX}_canaries", "Canaries by outcome (delivered, lost)", ["outcome"])
canary_latency_seconds = Gauge(
    f"{PREFIX}_canary_latency_seconds", "From sending to delivery of the last canary that arrived"
)
heartbeats = Counter(f"{PREFIX}_heartbeats", "Heartbeats by outcome (sent, failed, withheld)", ["outcome"])
alerts_folded = Counter(f"{PREFIX}_alerts_folded", "Normalized alerts folded into alerts")
alerts_created = Counter(f"{PREFIX}_alerts_created", "New alerts committed")
clears_unmatched = Counter(f"{PREFIX}_clears_unmatched", "Clears without an open alert")
alerts_open = Gauge(f"{PREFIX}_alerts_open", "Open alerts in the engine by status", ["status"])
series_points = Counter(
    f"{PREFIX}_series_points",
    "Measured values by outcome (received, stored, refused for a reason)",
    ["outcome"],
)
series_waiting = Gauge(f"{PREFIX}_series_waiting", "Measured values waiting to be written")
series_external = Counter(
    f"{PREFIX}_series_external",
    "Measured values for the external store by outcome (written, refused, dropped), and retries",
    ["outcome"],
)
series_external_waiting = Gauge(
    f"{PREFIX}_series_external_waiting", "Measured values waiting for the external store"
)
series_failures = Counter(
    f"{PREFIX}_series_failures", "Work on measured values that failed and is tried again, by kind", ["work"]
)
series_known = Gauge(f"{PREFIX}_series", "Series of measured values")
intake_waiting = Gauge(f"{PREFIX}_intake_waiting", "Raw events waiting for the pipeline")
batch_seconds = Histogram(
    f"{PREFIX}_batch_seconds", "Duration of one batch by step", ["step"], buckets=LATENCY_BUCKETS_S
)
event_loop_lag_seconds = Histogram(
    f"{PREFIX}_event_loop_lag_seconds",
    "Delay of a timer of the event loop: for this long the loop was blocked",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
commit_latency_seconds = Histogram(
    f"{PREFIX}_commit_latency_seconds", "From reception to commit", buckets=LATENCY_BUCKETS_S
)
commit_retries = Counter(f"{PREFIX}_commit_retries", "Commits retried because PostgreSQL was away")
spool_entries = Gauge(f"{PREFIX}_spool_entries", "Batches of changes waiting in the spool")
spool_bytes = Gauge(f"{PREFIX}_spool_bytes", "Bytes of the changes waiting in the spool")
spool_oldest_seconds = Gauge(f"{PREFIX}_spool_oldest_seconds", "Age of the oldest changes in the spool")
spool_appended = Counter(f"{PREFIX}_spool_appended", "Batches of changes written to the spool")
spool_drained = Counter(f"{PREFIX}_spool_drained", "Batches of changes moved from the spool to PostgreSQL")
spool_rejected = Counter(
    f"{PREFIX}_spool_rejected", "Batches of changes in the spool that PostgreSQL rejected, kept in its folder"
)
spool_refused = Counter(
    f"{PREFIX}_spool_refused",
    "Times the spool did not accept changes, by reason (bytes, age, disk): their senders wait",
    ["reason"],
)
set_aside = Counter(
    f"{PREFIX}_set_aside",
    "What could not be processed and was set aside, by kind (event, alert, change, notification)",
    ["kind"],
)
archive_failures = Counter(
    f"{PREFIX}_archive_failures",
    "Messages only counted in the raw event archive because the connector's code failed",
    ["connector"],
)
engine_failures = Counter(f"{PREFIX}_engine_failures", "Steps of the pipeline that failed unexpectedly")
engine_failing = Gauge(f"{PREFIX}_engine_failing", "1 while the pipeline keeps failing, else 0")
spool_damaged = Counter(f"{PREFIX}_spool_damaged", "Times files of the spool were found damaged")
spool_lost = Counter(f"{PREFIX}_spool_lost", "Batches of changes that were acknowledged and are missing")
notifications = Counter(
    f"{PREFIX}_notifications",
    "Notifications by channel and outcome (sent, retried, failed)",
    ["channel", "outcome"],
)
notification_seconds = Histogram(
    f"{PREFIX}_notification_seconds",
    "Duration of one delivery by channel",
    ["channel"],
    buckets=LATENCY_BUCKETS_S,
)
outbox_waiting = Gauge(f"{PREFIX}_outbox_waiting", "Notifications not yet delivered")
api_requests = Counter(f"{PREFIX}_api_requests", "API requests by route and HTTP status", ["route", "status"])
api_seconds = Histogram(
    f"{PREFIX}_api_seconds", "Duration of API requests by route", ["route"], buckets=LATENCY_BUCKETS_S
)
connector_up = Gauge(f"{PREFIX}_connector_up", "1 while the connector works, else 0", ["connector"])
detector_points = Counter(f"{PREFIX}_detector_points", "Points that rules and detector have taken")
detector_seconds = Counter(
    f"{PREFIX}_detector_seconds", "Seconds that the thread of rules and detector computed"
)
detector_lag = Gauge(f"{PREFIX}_detector_lag_seconds", "Age of the newest point when its batch was done")
detector_failures = Counter(
    f"{PREFIX}_detector_failures", "Batches and other work with which rules or detector failed"
)
detector_stuck = Gauge(f"{PREFIX}_detector_stuck", "1 while anomalies cannot be stored, else 0")
anomalies_found = Counter(f"{PREFIX}_anomalies", "Anomalies that began", ["algorithm", "admitted"])
