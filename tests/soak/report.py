"""The findings of a run, as one table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.soak.load import Load
from tests.soak.oracle import Verdict

MIB = 1024
MOST_SHOWN = 20


@dataclass(slots=True)
class Injected:
    """The results of one kind of fault.

    Attributes:
        times: How often it was injected.
        answered: INFORMs that were answered while it lasted.
        recovery_s: From each healing until the next INFORM was answered.
        drained_s: From each healing until PostgreSQL had everything.
    """

    times: int = 0
    answered: int = 0
    recovery_s: list[float] = field(default_factory=list)
    drained_s: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Write a row of the table."""
        recovery_s, drained_s = self.recovery_s or [0.0], self.drained_s or [0.0]
        return (
            f"{name:<34} {self.times:>5} {max(recovery_s):>8.2f} {median(recovery_s):>8.2f} "
            f"{max(drained_s):>9.2f} {self.answered:>8}"
        )


@dataclass(slots=True)
class Report:
    """Everything that the table shows."""

    seed: int
    injected: dict[str, Injected] = field(default_factory=dict)
    memory_kib: list[int] = field(default_factory=list)
    lives: int = 0
    seconds: float = 0.0
    doctor: str = "not asked"

    @property
    def kinds(self) -> set[str]:
        """Names of all faults that were injected."""
        return set(self.injected)

    def of(self, name: str) -> Injected:
        """Return the entry of a kind of fault."""
        return self.injected.setdefault(name, Injected())


def table(report: Report, load: Load, verdict: Verdict) -> str:
    """Write the table."""
    lines = [f"{'fault':<34} {'times':>5} {'worst s':>8} {'median s':>8} {'drained s':>9} {'answered':>8}"]
    lines += [entry.line(name) for name, entry in sorted(report.injected.items())]
    lines += ["", *_rows(_figures(report, load, verdict))]
    if verdict.faults:
        shown = verdict.faults[:MOST_SHOWN]
        lines += ["", f"{len(verdict.faults)} laws broken (seed {report.seed}):", *(f"  {f}" for f in shown)]
    return "\n".join(lines)


def _figures(report: Report, load: Load, verdict: Verdict) -> Sequence[tuple[str, object]]:
    own = [subject for subject in load.subjects.values() if subject.is_own and not subject.is_trap]
    worst = max((max(entry.recovery_s, default=0.0) for entry in report.injected.values()), default=0.0)
    return (
        ("seed", report.seed),
        ("minutes", round(report.seconds / 60, 1)),
        ("lives of the daemon", report.lives),
        ("INFORMs sent", load.messages),
        ("  sent again", load.resent),
        ("  acknowledged", load.acknowledged),
        ("  given up, never acknowledged", load.given_up),
        ("problems acknowledged", sum(subject.acknowledged for subject in load.subjects.values())),
        ("  found", verdict.found),
        ("  lost", sum(verdict.lost.values())),
        ("faults reported once", len(own)),
        ("  counted twice", sum(verdict.twice.values())),
        ("plain traps sent", load.traps),
        ("  found", verdict.traps_found),
        ("  lost before any acknowledgement", load.traps - verdict.traps_found),
        ("notifications received", verdict.received),
        ("  received twice under one id", verdict.received_twice),
        ("worst recovery in seconds", round(worst, 2)),
        ("memory at start in MiB", report.memory_kib[0] // MIB if report.memory_kib else 0),
        ("memory at the end in MiB", report.memory_kib[-1] // MIB if report.memory_kib else 0),
        ("memory at most in MiB", max(report.memory_kib, default=0) // MIB),
        ("opsconductor doctor", report.doctor),
        ("laws broken", len(verdict.faults)),
    )


def _rows(figures: Sequence[tuple[str, object]]) -> list[str]:
    return [f"{name:<40} {value!s:>12}" for name, value in figures]
