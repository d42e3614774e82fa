"""The tables and figures of a report as CSV, one below another, each line beginning with its section."""

import csv
import io

from opsconductor.reports.document import ReportDocument

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that spreadsheets take for a formula; such a text gets an apostrophe before it."""


def csv_of(document: ReportDocument) -> str:
    """Return the figures and tables of a report as CSV (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["section", document.title, document.period, document.scope])
    for part in document.parts:
        for figure in part.figures:
            writer.writerow([part.title, _safe(figure.label), _safe(figure.value), _safe(figure.hint)])
        if part.rows:
            writer.writerow([part.title, *(each.title for each in part.columns)])
            writer.writerows([part.title, *map(_safe, row)] for row in part.rows)
        elif part.bars and not part.bars.is_over_time:
            pairs = zip(part.bars.names, part.bars.values, strict=True)
            writer.writerows([part.title, _safe(name), f"{sum(values):g}"] for name, values in pairs)
        for each in part.recommended:
            writer.writerow([part.title, _safe(each.title), _safe(each.why), _safe(each.remedy)])
    return text.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) and text != "-" else text
