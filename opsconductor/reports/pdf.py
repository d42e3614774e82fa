"""A report as PDF: A4, with header, page numbers, tables whose heading repeats, and drawn charts.

Blocks for some seconds with hundreds of pages: call it in a thread.
"""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TableCellFillMode, XPos, YPos
from fpdf.fonts import FontFace

from opsconductor.reports.colours import ACCENT, FAINT, INK, LINE, SHADE, colour_of, rgb
from opsconductor.reports.document import Bars, Figure, Recommended, ReportColumn, ReportDocument, ReportPart

MARGIN = 18.0
"""Millimetres, as all lengths here."""
FOOT = 16.0
LINE_HEIGHT = 5.0
BAR = 5.2
CHART = 42.0
LEAST_ROOM = 34.0
"""A section whose heading would stand closer to the end of the page begins on the next one."""
ROW = 6.0
MOST_TOGETHER = 8
"""A table of so many rows at most is not divided."""
UNICODE = {
    "": "DejaVuSans.ttf",
    "B": "DejaVuSans-Bold.ttf",
}
FONTS = Path("/usr/share/fonts/truetype/dejavu")
"""Fonts for names beyond Latin letters, of Debian's fonts-dejavu-core; without them such letters are `?`."""
Style = Literal["", "B"]


def pdf_of(document: ReportDocument) -> bytes:
    """Return a report as a PDF file."""
    page = _Page(document)
    page.add_page()
    page.title_block()
    for part in document.parts:
        page.part(part)
    return bytes(page.output())


class _Page(FPDF):
    """Draws the parts of a report."""

    def __init__(self, document: ReportDocument) -> None:
        super().__init__(format="A4")
        self._document = document
        self._is_unicode = _needs_more_than_latin(document) and FONTS.is_dir()
        self._family = "dejavu" if self._is_unicode else "helvetica"
        if self._is_unicode:
            for style, file in UNICODE.items():
                self.add_font("dejavu", style, FONTS / file)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=FOOT + 4)
        self.set_title(self._text(f"{document.title}, {document.period}"))
        self.set_creator("OpsConductor")
        self.set_creation_date(document.made_at)
        self.alias_nb_pages()

    def header(self) -> None:
        """Draw the running head of every page but the first."""
        if self.page_no() == 1:
            return
        self._font(8, FAINT)
        self.set_y(10)
        self.cell(0, 4, self._text(f"{self._document.title}, {self._document.period}"))
        self.set_y(10)
        self.cell(0, 4, self._text(self._document.scope), align="R")
        self.set_draw_color(*rgb(LINE))
        self.line(MARGIN, 15.5, self.w - MARGIN, 15.5)
        self.set_y(MARGIN + 3)

    def footer(self) -> None:
        """Draw the page number and when the report was made."""
        self.set_y(-FOOT)
        self._font(8, FAINT)
        made_at = self._document.made_at.astimezone(ZoneInfo(self._document.zone))
        self.cell(0, 5, self._text(f"OpsConductor, made {made_at:%Y-%m-%d %H:%M} {self._document.zone}"))
        self.set_y(-FOOT)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    def title_block(self) -> None:
        """Draw the title of the first page."""
        self.set_fill_color(*rgb(ACCENT))
        self.rect(MARGIN, MARGIN, 24, 1.6, style="F")
        self.set_y(MARGIN + 5)
        self._font(22, INK, "B")
        self._line(self._document.title, 10)
        self._font(12, INK)
        self._line(self._document.period, 6.5)
        self._font(10, FAINT)
        self._line(self._document.scope, 5.5)
        self.ln(4)

    def part(self, part: ReportPart) -> None:
        """Draw a section."""
        room = LEAST_ROOM + (CHART if part.bars and part.bars.is_over_time else 0)
        if part.bars and not part.bars.is_over_time:
            room += BAR * len(part.bars.names)
        room += ROW * len(part.rows) if len(part.rows) <= MOST_TOGETHER else 0
        if self.will_page_break(room):
            self.add_page()
        self.ln(3)
        self._font(13, ACCENT, "B")
        self._line(part.title, 7)
        self.set_draw_color(*rgb(LINE))
        self.line(MARGIN, self.y, self.w - MARGIN, self.y)
        self.ln(2.5)
        if part.figures:
            self._figures(part.figures)
        if part.note:
            self._font(9, FAINT)
            self._paragraph(part.note, 4.5)
            self.ln(1.5)
        if part.bars:
            self._bars(part.bars)
        if part.rows:
            self._table(part.columns, part.rows)
        for each in part.recommended:
            self._recommended(each)

    def _figures(self, figures: tuple[Figure, ...]) -> None:
        gap, top = 4.0, self.y
        width = (self.epw - gap * (len(figures) - 1)) / len(figures)
        for number, figure in enumerate(figures):
            left = MARGIN + number * (width + gap)
            self.set_fill_color(*rgb(SHADE))
            self.rect(left, top, width, 21, style="F")
            for size, colour, style, text, at in (
                (8.5, FAINT, "", figure.label, 2.5),
                (15, INK, "B", figure.value, 7.0),
                (7.5, FAINT, "", figure.hint, 15.0),
            ):
                self._font(size, colour, "B" if style else "")
                self.set_xy(left + 2.5, top + at)
                self.cell(width - 5, 4.5 if style == "" else 7, self._fitting(text, width - 5))
        self.set_xy(MARGIN, top + 24)

    def _bars(self, bars: Bars) -> None:
        if bars.is_over_time:
            self._columns_chart(bars)
        else:
            self._bar_chart(bars)

    def _bar_chart(self, bars: Bars) -> None:
        most = max((sum(each) for each in bars.values), default=0) or 1
        label, room = 52.0, self.epw - 52 - 18
        for name, values in zip(bars.names, bars.values, strict=True):
            if self.will_page_break(BAR + 1):
                self.add_page()
            self._font(8.5, INK)
            self.set_x(MARGIN)
            self.cell(label, BAR, self._fitting(name, label - 3))
            left = MARGIN + label
            for value in values:
                self.set_fill_color(*rgb(colour_of(name)))
                self.rect(left, self.y + 0.9, max(0.4, room * value / most), BAR - 1.8, style="F")
                left += room * value / most
            self.set_x(left + 1.5)
            self._font(8.5, FAINT)
            self.cell(16, BAR, f"{sum(values):,.0f}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)

    def _columns_chart(self, bars: Bars) -> None:
        most = max((sum(each) for each in bars.values), default=0) or 1
        top, bottom = self.y, self.y + CHART - 8
        step = self.epw / len(bars.names)
        self.set_draw_color(*rgb(LINE))
        for number, values in enumerate(bars.values):
            base = bottom
            for part, value in zip(bars.parts, values, strict=True):
                height = (bottom - top - 5) * value / most
                self.set_fill_color(*rgb(colour_of(part)))
                self.rect(MARGIN + number * step + step * 0.14, base - height, step * 0.72, height, style="F")
                base -= height
            self._font(7, FAINT)
            if sum(values):
                self.set_xy(MARGIN + number * step, base - 4)
                self.cell(step, 4, f"{sum(values):,.0f}", align="C")
            self.set_xy(MARGIN + number * step, bottom + 0.5)
            self.cell(
                step, 4, self._fitting(_short_day(bars.names[number], len(bars.names)), step), align="C"
            )
        self.line(MARGIN, bottom, self.w - MARGIN, bottom)
        self.set_xy(MARGIN, bottom + 6)
        self._legend(bars.parts)

    def _legend(self, parts: tuple[str, ...]) -> None:
        self._font(8, FAINT)
        for part in parts:
            self.set_fill_color(*rgb(colour_of(part)))
            self.rect(self.x, self.y + 1, 2.6, 2.6, style="F")
            self.set_x(self.x + 3.6)
            self.cell(self.get_string_width(part) + 6, 4.6, part)
        self.ln(7)

    def _table(self, columns: tuple[ReportColumn, ...], rows: tuple[tuple[str, ...], ...]) -> None:
        self._font(8.5, INK)
        self.set_draw_color(*rgb(LINE))
        self.set_fill_color(255)
        heading = FontFace(emphasis="BOLD", color=rgb(FAINT), fill_color=rgb("#ffffff"))
        with self.table(
            col_widths=tuple(each.share for each in columns),
            text_align=tuple("RIGHT" if each.is_number else "LEFT" for each in columns),
            headings_style=heading,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            cell_fill_color=rgb(SHADE),
            cell_fill_mode=TableCellFillMode.EVEN_ROWS,
            line_height=LINE_HEIGHT,
            padding=(0.4, 1.2),
            width=self.epw,
        ) as table:
            for cells in ([each.title for each in columns], *rows):
                row = table.row()
                for cell in cells:
                    row.cell(self._text(cell))
        self.ln(2)

    def _recommended(self, each: Recommended) -> None:
        if self.will_page_break(20):
            self.add_page()
        top = self.y
        self.set_left_margin(MARGIN + 4)
        self.set_x(MARGIN + 4)
        self._font(10, INK, "B")
        self._paragraph(each.title, LINE_HEIGHT)
        self._font(9, FAINT)
        self._paragraph(each.why, 4.5)
        self._font(9, INK)
        self._paragraph(each.remedy, 4.5)
        self.set_left_margin(MARGIN)
        self.set_fill_color(*rgb(ACCENT))
        if self.y > top:
            self.rect(MARGIN, top + 0.6, 1.0, self.y - top - 1.2, style="F")
        self.set_x(MARGIN)
        self.ln(3)

    def _font(self, size: float, colour: str, style: Style = "") -> None:
        self.set_font(self._family, style, size)
        self.set_text_color(*rgb(colour))

    def _line(self, text: str, height: float) -> None:
        self.cell(0, height, self._fitting(text, self.epw), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _paragraph(self, text: str, height: float) -> None:
        self.multi_cell(0, height, self._text(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _text(self, text: str) -> str:
        return text if self._is_unicode else text.encode("latin-1", "replace").decode("latin-1")

    def _fitting(self, text: str, width: float) -> str:
        """Return a text cut to a width."""
        shown = self._text(text)
        if self.get_string_width(shown) <= width:
            return shown
        while shown and self.get_string_width(f"{shown}...") > width:
            shown = shown[:-1]
        return f"{shown}..."


def _short_day(name: str, amount: int) -> str:
    """Return a day's name as short as the number of columns needs: `Mon 23` or `23`."""
    weekday, _, rest = name.partition(", ")
    day = rest.partition(" ")[0]
    return f"{weekday[:3]} {day}" if amount <= 10 else day  # noqa: PLR2004 - what fits


def _needs_more_than_latin(document: ReportDocument) -> bool:
    try:
        repr(document).encode("latin-1")
    except UnicodeEncodeError:
        return True
    return False
