"""A report as one HTML file that needs nothing else, also for print."""

from html import escape
from zoneinfo import ZoneInfo

from opsconductor.reports.colours import ACCENT, FAINT, INK, LINE, SHADE, colour_of
from opsconductor.reports.document import Bars, ReportDocument, ReportPart

STYLE = f"""
body {{ font: 15px/1.5 system-ui, sans-serif; color: {INK}; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }}
h1 {{ margin: 0; font-size: 1.9rem; border-top: 5px solid {ACCENT}; padding-top: .6rem;
  display: inline-block; }}
h2 {{ color: {ACCENT}; font-size: 1.15rem; border-bottom: 1px solid {LINE}; margin: 2rem 0 .8rem; }}
p {{ margin: .3rem 0; }} .faint, figcaption {{ color: {FAINT}; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th {{ color: {FAINT}; text-align: left; }} th, td {{ padding: .25rem .5rem;
  border-bottom: 1px solid {LINE}; }}
tr:nth-child(even) td {{ background: {SHADE}; }} .number {{ text-align: right; }}
.figures {{ display: flex; gap: 1rem; flex-wrap: wrap; }}
.figures div {{ background: {SHADE}; padding: .6rem 1rem; flex: 1; min-width: 9rem; }}
.figures b {{ display: block; font-size: 1.5rem; }}
.advice {{ border-left: 4px solid {ACCENT}; padding-left: .8rem; margin: 1rem 0; }}
svg text {{ font: 12px system-ui, sans-serif; fill: {FAINT}; }}
@media print {{ tr, .advice {{ break-inside: avoid; }} thead {{ display: table-header-group; }} }}
"""
WIDTH, LABEL, BAR, CHART = 900, 220, 22, 180


def html_of(document: ReportDocument) -> str:
    """Return a report as HTML; everything in it is escaped."""
    made_at = document.made_at.astimezone(ZoneInfo(document.zone))
    title = escape(f"{document.title}, {document.period}")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(document.title)}</h1>"
        f'<p>{escape(document.period)}</p><p class="faint">{escape(document.scope)}</p>'
        + "".join(map(_part, document.parts))
        + f'<p class="faint">OpsConductor, made {made_at:%Y-%m-%d %H:%M} {escape(document.zone)}</p>'
        "</body></html>\n"
    )


def _part(part: ReportPart) -> str:
    shown = [f"<section><h2>{escape(part.title)}</h2>"]
    if part.figures:
        cells = (
            f"<div>{escape(each.label)}<b>{escape(each.value)}</b>"
            f'<span class="faint">{escape(each.hint)}</span></div>'
            for each in part.figures
        )
        shown.append(f'<div class="figures">{"".join(cells)}</div>')
    if part.note:
        shown.append(f'<p class="faint">{escape(part.note)}</p>')
    if part.bars:
        shown.append(svg_of(part.bars))
    if part.rows:
        shown.append(_table(part))
    shown += [
        f'<div class="advice"><b>{escape(each.title)}</b><p class="faint">{escape(each.why)}</p>'
        f"<p>{escape(each.remedy)}</p></div>"
        for each in part.recommended
    ]
    return "".join([*shown, "</section>"])


def _table(part: ReportPart) -> str:
    classes = [' class="number"' if each.is_number else "" for each in part.columns]
    heads = "".join(
        f"<th{css}>{escape(each.title)}</th>" for css, each in zip(classes, part.columns, strict=True)
    )
    rows = (
        "".join(f"<td{css}>{escape(cell)}</td>" for css, cell in zip(classes, row, strict=True))
        for row in part.rows
    )
    body = "".join(f"<tr>{cells}</tr>" for cells in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def svg_of(bars: Bars) -> str:
    """Return a chart as SVG."""
    return _over_time(bars) if bars.is_over_time else _horizontal(bars)


def _horizontal(bars: Bars) -> str:
    most = max((sum(each) for each in bars.values), default=0) or 1
    room = WIDTH - LABEL - 70
    shown = []
    for number, (name, values) in enumerate(zip(bars.names, bars.values, strict=True)):
        top, width = number * BAR, room * sum(values) / most
        shown.append(
            f'<text x="{LABEL - 8}" y="{top + 15}" text-anchor="end">{escape(name[:32])}</text>'
            f'<rect x="{LABEL}" y="{top + 4}" width="{width:.1f}" height="14" fill="{colour_of(name)}"/>'
            f'<text x="{LABEL + width + 6:.1f}" y="{top + 15}">{sum(values):,.0f}</text>'
        )
    return f'<svg viewBox="0 0 {WIDTH} {len(bars.names) * BAR + 4}" role="img">{"".join(shown)}</svg>'


def _over_time(bars: Bars) -> str:
    most = max((sum(each) for each in bars.values), default=0) or 1
    step, shown = WIDTH / len(bars.names), []
    for number, (name, values) in enumerate(zip(bars.names, bars.values, strict=True)):
        left, base = number * step, float(CHART)
        for part, value in zip(bars.parts, values, strict=True):
            height = (CHART - 20) * value / most
            base -= height
            shown.append(
                f'<rect x="{left + step * 0.14:.1f}" y="{base:.1f}" width="{step * 0.72:.1f}" '
                f'height="{height:.1f}" fill="{colour_of(part)}"/>'
            )
        middle = f"{left + step / 2:.1f}"
        day = name.partition(", ")[2].partition(" ")[0]
        shown.append(
            f'<text x="{middle}" y="{base - 4:.1f}" text-anchor="middle">{sum(values):,.0f}</text>'
            f'<text x="{middle}" y="{CHART + 15}" text-anchor="middle">{escape(day)}</text>'
        )
    for number, part in enumerate(bars.parts):
        shown.append(
            f'<rect x="{number * 100}" y="{CHART + 28}" width="11" height="11" fill="{colour_of(part)}"/>'
            f'<text x="{number * 100 + 16}" y="{CHART + 38}">{escape(part)}</text>'
        )
    return f'<svg viewBox="0 0 {WIDTH} {CHART + 46}" role="img">{"".join(shown)}</svg>'
