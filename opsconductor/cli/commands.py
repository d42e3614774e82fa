"""The commands of `opsconductor`: section of the help, module and summary, without importing any of them."""

from typing import NamedTuple


class CommandEntry(NamedTuple):
    """One command of the top level.

    Attributes:
        module: Defines the command under its name, with `_` for `-`.
        summary: One line of at most 52 characters, which fits into 80 columns beside the longest name.
    """

    module: str
    summary: str


SECTIONS: dict[str, dict[str, CommandEntry]] = {
    "Daemon": {
        "run": CommandEntry("opsconductor.cli.run", "Run the daemon"),
        "doctor": CommandEntry(
            "opsconductor.cli.doctor.command", "Examine the daemon and what it depends on"
        ),
        "reload": CommandEntry("opsconductor.cli.reload", "Make the daemon apply its provisioning files"),
        "check-config": CommandEntry(
            "opsconductor.cli.check_config", "Check settings and provisioning files"
        ),
        "db": CommandEntry("opsconductor.cli.db.command", "Upgrade and inspect the database"),
        "backup": CommandEntry("opsconductor.cli.backup", "Write a backup"),
        "restore": CommandEntry("opsconductor.cli.restore", "Restore a backup"),
    },
    "Alerts": {
        "alerts": CommandEntry(
            "opsconductor.cli.alerts.command", "List, acknowledge, resolve and explain alerts"
        ),
        "event": CommandEntry("opsconductor.cli.event", "Report faults from scripts and cron jobs"),
        "maintenance": CommandEntry("opsconductor.cli.maintenance.command", "Mute alerts for a time"),
        "aside": CommandEntry("opsconductor.cli.aside", "List messages that could not be processed"),
        "replay": CommandEntry(
            "opsconductor.cli.replay.command", "Run the configuration over recorded messages"
        ),
        "reports": CommandEntry(
            "opsconductor.cli.reports.command", "Report availability, alerts and notifications"
        ),
    },
    "Sources and mappings": {
        "connectors": CommandEntry(
            "opsconductor.cli.connectors.command", "Show, check and create connectors"
        ),
        "trap": CommandEntry("opsconductor.cli.trap.command", "Send test traps, explain recorded ones"),
        "mappings": CommandEntry("opsconductor.cli.mappings.command", "Examine and explain OID mappings"),
        "mib": CommandEntry("opsconductor.cli.mib.command", "Import MIB modules, look up names and OIDs"),
    },
    "Network": {
        "devices": CommandEntry("opsconductor.cli.devices.command", "Show and declare devices"),
        "dependencies": CommandEntry(
            "opsconductor.cli.devices.dependencies", "Show and declare dependencies"
        ),
        "inventory": CommandEntry(
            "opsconductor.cli.inventory.command", "Show what NetBox and others have changed"
        ),
    },
    "Notifications": {
        "rules": CommandEntry("opsconductor.cli.rules.command", "Show, change and test notification rules"),
        "channels": CommandEntry("opsconductor.cli.channels.command", "Test channels such as mail and chat"),
        "people": CommandEntry(
            "opsconductor.cli.rows.groups", "Show and change people and their contact methods"
        ),
        "teams": CommandEntry("opsconductor.cli.rows.groups", "Show and change teams"),
        "schedules": CommandEntry("opsconductor.cli.rows.groups", "Show and change on-call schedules"),
        "policies": CommandEntry("opsconductor.cli.rows.groups", "Show and change escalation policies"),
        "oncall": CommandEntry("opsconductor.cli.oncall", "Show who is on call, override it for a time"),
    },
    "Measured values": {
        "series": CommandEntry("opsconductor.cli.series.command", "List, show, export and import series"),
        "alert-rules": CommandEntry("opsconductor.cli.rows.groups", "Show and change thresholds"),
        "anomalies": CommandEntry("opsconductor.cli.anomalies", "List and judge anomalies"),
        "machine-configurations": CommandEntry(
            "opsconductor.cli.rows.groups", "Show and change the usual values of machine types"
        ),
        "models": CommandEntry(
            "opsconductor.cli.models.command", "Register and promote versions of the detector"
        ),
        "datasets": CommandEntry(
            "opsconductor.cli.datasets.command", "Upload and analyse tables of measurements"
        ),
    },
    "Configuration": {
        "apply": CommandEntry("opsconductor.cli.apply", "Apply declared connectors, mappings, rules, ..."),
        "export": CommandEntry("opsconductor.cli.export", "Write what is configured as a file for 'apply'"),
        "credential": CommandEntry("opsconductor.cli.credential", "Keep secrets encrypted in the database"),
    },
    "Access": {
        "users": CommandEntry("opsconductor.cli.accounts.users", "List, create, change and disable users"),
        "token": CommandEntry("opsconductor.cli.accounts.token", "Create, list and revoke API keys"),
        "audit": CommandEntry("opsconductor.cli.audit", "List and verify the audit log"),
        "mcp": CommandEntry("opsconductor.cli.mcp.command", "Serve alerts and health to AI assistants"),
    },
    "Shell": {
        "completion": CommandEntry("opsconductor.cli.completion", "Print the completion script of a shell"),
        "manual": CommandEntry("opsconductor.cli.manual", "Print the manual page"),
    },
}

COMMANDS: dict[str, str] = {
    name: entry.module
    for name, entry in sorted(entry for section in SECTIONS.values() for entry in section.items())
}
"""The module of each command."""

SYNONYMS = {
    "acknowledge": "alerts",
    "config": "check-config",
    "health": "doctor",
    "import": "apply",
    "install": "run",
    "keys": "token",
    "migrate": "db",
    "mute": "maintenance",
    "notifications": "rules",
    "silence": "maintenance",
    "snmp": "trap",
    "start": "run",
    "status": "doctor",
    "test": "channels",
    "thresholds": "alert-rules",
    "top": "alerts",
    "upgrade": "db",
    "version": "--version",
    "why": "alerts",
}
"""What people type who know other programs, and the command that they look for."""
