"""Anomalous rows are grouped into anomalies: runs that one feature explains, the farthest first."""

from opsconductor.datasets.analysis.anomalies import MOST_ANOMALIES, rows_as_anomalies
from opsconductor.datasets.analysis.outcome import ExplainedFeature, ExplainedRow, RowLevel

FAR = "far from the baseline as a whole"


def row(
    number: int, feature: str = "flow", distance: float = 3.0, level: RowLevel = RowLevel.ANOMALOUS
) -> ExplainedRow:
    """Return a row that one feature explains."""
    blamed = ExplainedFeature(name=feature, value=8.0, expected=3.0, share=0.8, shift=4.0)
    return ExplainedRow(
        row=number,
        file="a.csv",
        line=number + 1,
        at=1_772_323_200.0 + 60 * number,
        level=level,
        t2=40.0,
        spe=9.0,
        distance=distance,
        statistic="T2",
        threshold=20.0,
        features=[blamed],
    )


def test_neighbours_with_one_feature_are_one_anomaly() -> None:
    """A gap of a few rows is included; another feature, a larger gap and a warning are not."""
    found = rows_as_anomalies(
        [row(12, distance=9.0), row(10), row(17), row(18, "speed"), row(40), row(60, level=RowLevel.WARNING)]
    )
    assert [each["resource"] for each in found] == ["rows 10 to 17", "row 18", "row 40"]
    assert (found[0]["severity"], found[0]["rows"], found[0]["direction"]) == ("critical", 3, "up")
    assert found[0]["explanation"] == {
        "title": "flow out of the ordinary in rows 10 to 17",
        "sentences": [
            "Rows 10 to 17 of a.csv (from line 11) are unlike the baseline, from 2026-03-01T00:10:00+00:00.",
            f"The farthest is row 12: it is 9.0 limits away: T2 40, limit 20 ({FAR}).",
            "flow is 8; 3 was expected (80 % of the distance).",
        ],
    }


def test_only_the_farthest_are_listed() -> None:
    """A file in which everything is wrong does not fill the list of anomalies."""
    found = rows_as_anomalies([row(20 * number, distance=1.0 + number) for number in range(300)])
    assert len(found) == MOST_ANOMALIES
    assert found[0]["distance"] == 300.0
