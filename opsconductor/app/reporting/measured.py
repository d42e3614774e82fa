"""Averages of the series of devices over the period of a report."""

import asyncio
from collections.abc import Collection, Mapping
from itertools import islice

import numpy as np

from opsconductor.reports.measured import QUANTITIES, Averages
from opsconductor.reports.period import ReportPeriod
from opsconductor.series.aggregates import HOUR_MS, TimeSlots
from opsconductor.series.query import WantedPoints
from opsconductor.series.series_store import SeriesStore
from opsconductor.store.series.chunks import millis_of

AT_ONCE = 200
"""Series that are read together, to bound the memory: an hourly slot has about 50 bytes."""


async def averages_of(
    store: SeriesStore, devices: Collection[str], period: ReportPeriod
) -> Mapping[str, Averages]:
    """Return the averages of those devices that were measured, by key.

    Raises:
        StoreUnavailable: The database is away.
    """
    chosen = await asyncio.to_thread(_chosen, store, devices)
    wanted = WantedPoints(start=millis_of(period.begin), end=millis_of(period.end), step=HOUR_MS)
    found: dict[str, dict[str, list[float]]] = {}
    waiting = iter(chosen)
    while ids := list(islice(waiting, AT_ONCE)):
        for series, slots in (await store.slots(ids, wanted)).items():
            if len(slots.times):
                device, quantity = chosen[series]
                found.setdefault(device, {}).setdefault(quantity, []).append(_mean(slots))
    return {
        device: Averages(**{quantity: sum(means) / len(means) for quantity, means in quantities.items()})
        for device, quantities in found.items()
    }


def _chosen(store: SeriesStore, devices: Collection[str]) -> Mapping[int, tuple[str, str]]:
    """Return device and quantity of the series that count, by id."""
    return {
        each.id: (each.device, QUANTITIES[each.metric][0])
        for each in store.registry.all()
        if each.metric in QUANTITIES and each.unit in QUANTITIES[each.metric][1] and each.device in devices
    }


def _mean(slots: TimeSlots) -> float:
    return float(np.average(slots.mean, weights=slots.amounts))
