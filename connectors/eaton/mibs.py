"""The three kinds of devices: the objects polled for each, and those that identify it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.eaton.cells import EPDU, EPDU_CELLS, XUPS_CELLS, Cell
from connectors.eaton.readings import (
    UPS,
    UPS_COLUMNS,
    UPS_MEASURES,
    UPS_POWERS,
    UPS_STATES,
    XUPS,
    XUPS_COLUMNS,
    XUPS_MEASURES,
    XUPS_POWERS,
    XUPS_STATES,
    Measure,
    UpsState,
)

UPTIME = "1.3.6.1.2.1.1.3.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mib:
    """Objects of one kind of device.

    Attributes:
        signs: A device of this kind has at least one of these objects.
        texts: OIDs of descriptive texts, by name.
        powers: Columns of power by phase, by name.
        alarm_count: OID of the number of alarms; empty: there is no alarm table.
        alarm_table: Entry of that table: below it 2 is the OID of the alarm, 3 the sysUpTime at which
            it began.
        cells: Columns of states by their name in resources.
    """

    name: str
    signs: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    columns: Mapping[str, Measure] = field(default_factory=dict)
    powers: Mapping[str, Measure] = field(default_factory=dict)
    states: Mapping[str, UpsState] = field(default_factory=dict)
    alarm_count: str = ""
    alarm_table: str = ""
    cells: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def scalars(self) -> tuple[str, ...]:
        """All OIDs that are read by GET."""
        measures = [measure.oid for measure in self.measures.values()]
        states = [state.oid for state in self.states.values()]
        count = [self.alarm_count] if self.alarm_count else []
        return (UPTIME, *count, *self.texts.values(), *measures, *states)

    @property
    def alarm_columns(self) -> tuple[str, ...]:
        """OID and time columns of the alarm table."""
        return (f"{self.alarm_table}.2", f"{self.alarm_table}.3") if self.alarm_table else ()

    @property
    def tables(self) -> tuple[str, ...]:
        """All columns that are walked besides the alarm table."""
        values = [cell.value_oid for cell in self.cells.values() if cell.value_oid]
        return (
            *(measure.oid for measure in (*self.columns.values(), *self.powers.values())),
            *(cell.oid for cell in self.cells.values()),
            *values,
        )


XUPS_MIB = Mib(
    name="XUPS-MIB",
    signs=(f"{XUPS}.1.2.0", f"{XUPS}.2.4.0", f"{XUPS}.4.5.0", f"{XUPS}.7.1.0"),
    texts={
        "manufacturer": f"{XUPS}.1.1.0",
        "model": f"{XUPS}.1.2.0",
        "version": f"{XUPS}.1.3.0",
        "serial": f"{XUPS}.14.5.0",
        "battery_replaced": f"{XUPS}.2.6.0",
    },
    measures=XUPS_MEASURES,
    columns=XUPS_COLUMNS,
    powers=XUPS_POWERS,
    states=XUPS_STATES,
    alarm_count=f"{XUPS}.7.1.0",
    alarm_table=f"{XUPS}.7.2.1",
    cells=XUPS_CELLS,
)

UPS_MIB = Mib(
    name="UPS-MIB",
    signs=(f"{UPS}.1.2.0", f"{UPS}.2.1.0", f"{UPS}.4.1.0", f"{UPS}.6.1.0"),
    texts={"manufacturer": f"{UPS}.1.1.0", "model": f"{UPS}.1.2.0", "version": f"{UPS}.1.3.0"},
    measures=UPS_MEASURES,
    columns=UPS_COLUMNS,
    powers=UPS_POWERS,
    states=UPS_STATES,
    alarm_count=f"{UPS}.6.1.0",
    alarm_table=f"{UPS}.6.2.1",
)

EPDU_MIB = Mib(
    name="EATON-EPDU-MIB",
    signs=(f"{EPDU}.1.2.1.2.0", f"{EPDU}.1.2.1.30.0", f"{EPDU}.1.2.1.31.0"),
    texts={"model": f"{EPDU}.1.2.1.2.0", "serial": f"{EPDU}.1.2.1.4.0"},
    cells=EPDU_CELLS,
)

MIBS = (XUPS_MIB, UPS_MIB, EPDU_MIB)
"""In order of preference: a card that supports both provides more in Eaton's own."""

MIB_OF = {mib.name: mib for mib in MIBS}
"""By name."""

SIGNS = (UPTIME, *(sign for mib in MIBS for sign in mib.signs))


def mib_of(found: Mapping[str, object]) -> Mib | None:
    """Return the kind of a device by the objects that it has; None: it is neither UPS nor PDU.

    Args:
        found: Values of `SIGNS`, None for those it lacks.
    """
    return next((mib for mib in MIBS if any(found.get(sign) is not None for sign in mib.signs)), None)
