"""Averages of measured values by device: which series count, and their part of a report; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.model.inventory.device import Device
from opsconductor.reports.document import ReportColumn, ReportPart

LOAD, TEMPERATURE, EFFICIENCY = "load", "temperature", "efficiency"
PERCENT, CELSIUS = frozenset({"%"}), frozenset({"°C", "Cel"})
QUANTITIES: Mapping[str, tuple[str, frozenset[str]]] = {
    "load": (LOAD, PERCENT),
    "cpu_load": (LOAD, PERCENT),
    "temperature": (TEMPERATURE, CELSIUS),
    "battery_temperature": (TEMPERATURE, CELSIUS),
    "efficiency": (EFFICIENCY, PERCENT),
}
"""What a metric counts for, and the units in which it does; the names of snmp_poll and eaton."""
UNITS = {LOAD: "%", TEMPERATURE: "°C", EFFICIENCY: "%"}
MOST_DEVICES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Averages:
    """Averages of a device over the period, of all its series of a quantity; None: not measured.

    Attributes:
        load: Percent, of a UPS or of processors.
        temperature: Degrees Celsius.
        efficiency: Percent.
    """

    load: float | None = None
    temperature: float | None = None
    efficiency: float | None = None

    def of(self, quantity: str) -> float | None:
        """Return the average of a quantity."""
        return {LOAD: self.load, TEMPERATURE: self.temperature, EFFICIENCY: self.efficiency}[quantity]


NOT_MEASURED = Averages()


def measured_part(devices: Mapping[str, Device], measured: Mapping[str, Averages]) -> tuple[ReportPart, ...]:
    """Return the part with a row for each device that was measured, the highest load first; or none.

    A quantity that was measured nowhere has no column.
    """
    found = [(devices[key], averages) for key, averages in measured.items() if key in devices]
    shown = [each for each in UNITS if any(averages.of(each) is not None for _, averages in found)]
    if not shown:
        return ()
    found.sort(key=lambda each: (-(each[1].of(shown[0]) or 0.0), each[0].name))
    rest = f" {len(found) - MOST_DEVICES:,} more devices are not shown." if len(found) > MOST_DEVICES else ""
    return (
        ReportPart(
            title="Measured averages",
            note=f"Averages over the period, of all series of a device.{rest}",
            columns=(
                ReportColumn(title="Device", share=30),
                ReportColumn(title="Site", share=20),
                *(ReportColumn(title=each.capitalize(), share=15, is_number=True) for each in shown),
            ),
            rows=tuple(
                (device.name, device.site or "", *(_text(averages.of(each), UNITS[each]) for each in shown))
                for device, averages in found[:MOST_DEVICES]
            ),
        ),
    )


def _text(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.1f} {unit}"
