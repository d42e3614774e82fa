"""A report as a file in one of its formats."""

from opsconductor.reports.csv_text import csv_of
from opsconductor.reports.document import ReportDocument
from opsconductor.reports.html import html_of

MEDIA = {"pdf": "application/pdf", "html": "text/html", "csv": "text/csv"}
"""Media types by format."""


def file_of(document: ReportDocument, wanted: str) -> bytes:
    """Return a report as a file in a format of `MEDIA`; blocks."""
    if wanted == "pdf":
        from opsconductor.reports.pdf import pdf_of  # noqa: PLC0415 - 0.4 s that only a PDF costs

        return pdf_of(document)
    return (html_of if wanted == "html" else csv_of)(document).encode()


def file_name(document: ReportDocument, ending: str) -> str:
    """Return the name of a report's file."""
    words = f"{document.title} {document.period}".lower().replace(",", "").split()
    return f"opsconductor-{'-'.join(words)}.{ending}"
