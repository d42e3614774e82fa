"""Texts of the alerts on losses."""

from opsconductor.model.enums import Severity

LOSSES = {
    "kernel_drop": (
        "application_kernel_drops",
        Severity.MAJOR,
        "Kernel Drops - {connector}",
        (
            "{amount} messages arrived faster than they were read, and the kernel dropped them. "
            "Raise receive_buffer_bytes of the connector and net.core.rmem_max."
        ),
    ),
    "failed": (
        "application_events_failed",
        Severity.MAJOR,
        "Events Cannot Be Processed - {connector}",
        "{amount} messages could not be processed and were set aside; opsconductor doctor shows them.",
    ),
    "dropped": (
        "application_events_dropped",
        Severity.MAJOR,
        "Events Dropped - {connector}",
        (
            "{amount} messages were dropped because the queue was full: in a storm those of the devices "
            "that send most, at a stop those already read."
        ),
    ),
    "gap": (
        "application_ledger_gap",
        Severity.CRITICAL,
        "Loss Ledger Does Not Close - {connector}",
        "{amount} messages or alerts are unaccounted for. opsconductor doctor shows at which stage.",
    ),
}
"""By kind of loss: alert type, severity, title, message."""
