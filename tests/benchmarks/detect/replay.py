"""Replay of a fleet through detector, feedback and alarm budget; the reported notifications."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from opsconductor.detect.budget import AlarmBudget, BudgetConfig, BudgetReason, Candidate, Decision
from opsconductor.detect.channels import DetectorChannel, Stage
from opsconductor.detect.config import DetectorConfig
from opsconductor.detect.detector import Detector
from opsconductor.detect.devices import AS_OF_A_SERIES, DeviceTests
from opsconductor.detect.findings import Findings
from tests.benchmarks.detect.fleet import DEVICES_PER_SITE, SERIES_PER_DEVICE, Fleet


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One notification.

    Attributes:
        time: Seconds since 1970.
        series: Rows that are part of it.
        channel: Name of the channel, or of the test of the device.
        rarity: Log10 of days.
    """

    time: float
    series: tuple[int, ...]
    channel: str
    rarity: float


Names = dict[str, tuple[str, tuple[int, ...]]]
"""Name of the channel, and series, of each candidate by its key: one that waited is offered again later."""


def steps(fleet: Fleet, detector: Detector) -> Iterator[tuple[float, Findings, Findings]]:
    """Pass the detector all samples; yield time, findings and silent series of each step."""
    for column, at in enumerate(fleet.times.tolist()):
        values = fleet.values[:, column].astype(np.float64)
        rows = np.flatnonzero(np.isfinite(values)).astype(np.int32)
        found = detector.step(rows, np.full(len(rows), at), values[rows])
        yield at, found, detector.silent(at)


def replay(fleet: Fleet, budget: BudgetConfig) -> tuple[list[Reported], int]:
    """Return the notifications after the clean days, and how many findings were held back."""
    detector = Detector(DetectorConfig())
    series = len(fleet.values)
    detector.grow(series)
    tests = DeviceTests(detector.config)
    tests.assign((np.arange(series) // SERIES_PER_DEVICE).astype(np.int32))
    alarms = AlarmBudget(budget, float(fleet.times[0]))
    episodes: dict[int, int] = {}
    reported: dict[str, Reported] = {}
    held: set[str] = set()
    names: Names = {}
    for at, found, silent in steps(fleet, detector):
        candidates = _candidates(found, silent, episodes, names)
        for each in tests.step(detector, at):
            device = f"device-{each.device}"
            if not each.ends:
                key = f"{device}/{each.test.name}/{int(at // 86_400)}"
                candidates.append(
                    Candidate(
                        key=key,
                        time=at,
                        rarity=each.rarity + AS_OF_A_SERIES,
                        device=device,
                        site=_site(each.device),
                    )
                )
                names[key] = (each.test.name, each.series)
        for decision in alarms.offer(candidates, at):
            _note(decision, names, reported, held)
    return [each for each in reported.values() if each.time >= fleet.clean_until], len(held)


def _site(device: int) -> str:
    """Return the site of a device."""
    return f"site-{device // DEVICES_PER_SITE}"


def _candidates(found: Findings, silent: Findings, episodes: dict[int, int], names: Names) -> list[Candidate]:
    """Return the candidates; record their channel and series by key."""
    candidates = []
    for findings in (found, silent):
        for row in np.flatnonzero(findings.stage != Stage.END).tolist():
            series = int(findings.series[row])
            if findings.stage[row] == Stage.BEGIN:
                episodes[series] = episodes.get(series, 0) + 1
            device = series // SERIES_PER_DEVICE
            candidate = Candidate(
                key=f"{series}/{episodes.get(series, 0)}",
                time=float(findings.time[row]),
                rarity=float(findings.rarity[row]),
                device=f"device-{device}",
                site=_site(device),
            )
            candidates.append(candidate)
            names[candidate.key] = (DetectorChannel(int(findings.channel[row])).name, (series,))
    return candidates


def _note(decision: Decision, names: Names, reported: dict[str, Reported], held: set[str]) -> None:
    """Keep a notification, or a member of one."""
    candidate = decision.candidate
    if not decision.admitted:
        held.add(candidate.key)
        return
    held.discard(candidate.key)
    channel, series = names[candidate.key]
    if decision.reason is BudgetReason.ADMITTED:
        reported[candidate.key] = Reported(
            time=candidate.time, series=series, channel=channel, rarity=candidate.rarity
        )
    elif decision.group in reported:
        first = reported[decision.group]
        reported[decision.group] = Reported(
            time=first.time, series=(*first.series, *series), channel=first.channel, rarity=first.rarity
        )
