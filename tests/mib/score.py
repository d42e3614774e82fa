"""Compare derived mappings with labels that were made by hand.

`python -m tests.mib.score MAPPINGS.tsv [--half working|judging] [--wrong]` reads what
`opsconductor mib mappings --format tsv` prints and reports by vendor. The judging half is for reports only:
rules are worked out with the working half.

A label gives alternatives where two readings are right, the preferred one first:

- role, severity, category: `major|minor`
- clears: names; one with `?` in front may be missing
- resource: `device`, or names that must be there, `;` and names that may; `*(index)` is the instance of any
  column; alternatives are separated by `|`
- state: `object=clear values` of a stateful one
"""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from opsconductor.model.enums import SEVERITY_RANK, Severity

LABELS = Path(__file__).parent / "labels"
QUESTIONS = ("role", "severity within one", "severity exact", "category", "resource", "state")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Answers to what a label asks.

    Attributes:
        right: By question; questions that the label does not ask are missing.
        pairs_right: Pairs that label and mapping have in common.
        pairs_wrong: Pairs of the mapping that the label does not allow.
        pairs_missed: Pairs of the label that the mapping lacks.
    """

    right: Mapping[str, bool]
    pairs_right: int
    pairs_wrong: int
    pairs_missed: int


def read_rows(path: Path) -> list[Row]:
    """Read a table of tab-separated values with a head line."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def judge(label: Row, mapping: Row) -> Verdict:
    """Compare one mapping with its label."""
    roles = label["role"].split("|")
    right = {
        "role": mapping["role"] in roles,
        "category": mapping["category"] in label["category"].split("|"),
        "resource": any(_is_resource(wanted, mapping["resource"]) for wanted in label["resource"].split("|")),
    }
    raised, _, state = mapping["severity"].partition("|")
    if right["role"]:
        right |= _severity(label["severity"].split("|"), raised, is_clear=mapping["role"] == "clear")
        if mapping["role"] == "stateful" and label["state"]:
            right["state"] = any(_is_state(wanted, state) for wanted in label["state"].split("|"))
    found = set(filter(None, mapping["clears"].split(",")))
    named = list(filter(None, label["clears"].split(",")))
    needed = {name for name in named if not name.startswith("?")}
    allowed = {name.removeprefix("?") for name in named}
    return Verdict(right, len(found & allowed), len(found - allowed), len(needed - found))


def _severity(wanted: Sequence[str], found: str, *, is_clear: bool) -> dict[str, bool]:
    if is_clear:
        return {}
    ranks = [SEVERITY_RANK[Severity(word)] for word in wanted if word != Severity.CLEAR]
    if not ranks:
        return {}
    rank = SEVERITY_RANK[Severity(found)]
    return {
        "severity within one": any(abs(rank - other) <= 1 for other in ranks),
        "severity exact": rank == ranks[0],
    }


def _is_resource(wanted: str, found: str) -> bool:
    if wanted == "device" or found == "device":
        return wanted == found
    names = found.split(",")
    required, _, optional = wanted.partition(";")
    needed = list(filter(None, required.split(",")))
    allowed = [*needed, *filter(None, optional.split(","))]
    plain = [name.removesuffix("(index)") for name in names]
    return all(name in plain for name in needed) and all(
        any(fnmatchcase(name, pattern) or bare == pattern for pattern in allowed)
        for name, bare in zip(names, plain, strict=True)
    )


def _is_state(wanted: str, found: str) -> bool:
    name, _, values = wanted.partition("=")
    other, _, cleared = found.partition("=")
    needed = {value for value in values.split(",") if not value.startswith("?")}
    allowed = {value.removeprefix("?") for value in values.split(",")}
    return name == other and needed <= set(cleared.split(",")) <= allowed


def score(labels: Sequence[Row], mappings: Iterable[Row]) -> dict[str, list[tuple[Row, Row, Verdict]]]:
    """Judge each label whose notification has a mapping, by vendor."""
    by_name = {(row["module"], row["notification"]): row for row in mappings}
    found: dict[str, list[tuple[Row, Row, Verdict]]] = defaultdict(list)
    for label in labels:
        mapping = by_name.get((label["module"], label["notification"]))
        if mapping is not None:
            found[label["vendor"]].append((label, mapping, judge(label, mapping)))
    return found


def report(found: Mapping[str, Sequence[tuple[Row, Row, Verdict]]]) -> list[str]:
    """Write a line of shares for each vendor, and one for all."""
    lines = [
        f"{'vendor':14} {'n':>4} " + " ".join(f"{name:>19}" for name in (*QUESTIONS, "precision", "recall"))
    ]
    lines += [_line(vendor, [verdict for _, _, verdict in rows]) for vendor, rows in sorted(found.items())]
    lines.append(_line("all", [verdict for rows in found.values() for _, _, verdict in rows]))
    return lines


def _line(title: str, verdicts: Sequence[Verdict]) -> str:
    shares = []
    for question in QUESTIONS:
        answers = [verdict.right[question] for verdict in verdicts if question in verdict.right]
        shares.append(_share(sum(answers), len(answers)))
    right = sum(verdict.pairs_right for verdict in verdicts)
    shares.append(_share(right, right + sum(verdict.pairs_wrong for verdict in verdicts)))
    shares.append(_share(right, right + sum(verdict.pairs_missed for verdict in verdicts)))
    return f"{title:14} {len(verdicts):4} " + " ".join(f"{share:>19}" for share in shares)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "-"


def _wrong(found: Mapping[str, Sequence[tuple[Row, Row, Verdict]]]) -> Iterable[str]:
    for rows in found.values():
        for label, mapping, verdict in rows:
            failed = [
                name for name, is_right in verdict.right.items() if not is_right and name != "severity exact"
            ]
            if verdict.pairs_wrong or verdict.pairs_missed:
                failed.append("pairs")
            for name in failed:
                column = {"pairs": "clears", "severity within one": "severity"}.get(name, name)
                yield (
                    f"{label['module']} {label['notification']} {name}: "
                    f"{mapping['severity' if column == 'state' else column]} instead of {label[column]}"
                )


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.mib.score", description="Score derived mappings.")
    parser.add_argument("mappings", type=Path)
    parser.add_argument("--half", choices=("working", "judging"), default="working")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    asked = parser.parse_args()
    found = score(read_rows(LABELS / f"{asked.half}.tsv"), read_rows(asked.mappings))
    lines = [*report(found), *(_wrong(found) if asked.wrong else ())]
    sys.stdout.write("\n".join((*lines, "")))


if __name__ == "__main__":
    main()
