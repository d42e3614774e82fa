"""The tables on whose rows there are commands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """A table.

    Attributes:
        one: What a row is called.
        table: Its key in provisioning files.
        path: Of its rows in the API.
        read_path: The same for reading; empty: `path`.
        columns: Shown in lists.
        name: What names a row on the command line.
    """

    one: str
    table: str
    path: str
    columns: tuple[str, ...]
    read_path: str = ""
    name: str = "NAME"

    @property
    def a_row(self) -> str:
        """Name of a row with its indefinite article."""
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}"

    @property
    def reads(self) -> str:
        """Path for reading."""
        return self.read_path or self.path


DEVICE = RowKind(
    one="device",
    table="devices",
    path="/devices",
    read_path="/config/devices",
    columns=("ip_address", "name", "site", "role", "manufacturer", "model"),
    name="ADDRESS",
)
DEPENDENCY = RowKind(
    one="dependency",
    table="dependencies",
    path="/dependencies",
    read_path="/config/dependencies",
    columns=("device_ip", "depends_on_ip", "dependency_type", "via_resources", "confidence"),
    name="ID",
)
CONNECTOR = RowKind(
    one="connector",
    table="connectors",
    path="/connectors",
    read_path="/config/connectors",
    columns=("name", "type", "enabled"),
)
MAPPING = RowKind(
    one="mapping",
    table="oid_mappings",
    path="/oid-mappings/own",
    columns=("oid_pattern", "vendor", "alert_type", "default_severity", "title_template"),
    name="ID",
)
RULE = RowKind(
    one="rule",
    table="notification_rules",
    path="/notifications/rules",
    columns=("priority", "name", "enabled", "conditions", "channels"),
)
POLICY = RowKind(
    one="escalation policy",
    table="escalation_policies",
    path="/notifications/policies",
    columns=("name", "description", "repeat", "acknowledgement_expires"),
)
SCHEDULE = RowKind(
    one="schedule",
    table="schedules",
    path="/notifications/schedules",
    columns=("name", "time_zone", "description"),
)
PERSON = RowKind(
    one="person",
    table="people",
    path="/people",
    columns=("name", "display_name", "time_zone", "enabled", "contact_methods"),
)
ALERT_RULE = RowKind(
    one="alert rule",
    table="alert_rules",
    path="/alert-rules",
    columns=("name", "enabled", "metric", "expression", "direction", "warning", "critical", "scope"),
)
MACHINE = RowKind(
    one="machine configuration",
    table="machine_configurations",
    path="/machine-configurations",
    columns=("machine_type", "enabled", "thresholds", "baselines", "operational_pattern"),
    name="TYPE",
)
TEAM = RowKind(one="team", table="teams", path="/teams", columns=("name", "description", "members"))
