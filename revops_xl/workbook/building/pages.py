"""The pages for readers: Summary and Start, whose cells show what stands in result tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from revops_xl.model.verdicts import Level
from revops_xl.tables.book.reading import charts, page, sheets
from revops_xl.tables.book.reading.cells import leads, shows
from revops_xl.tables.book.reading.decisions import COUNT as DECISIONS
from revops_xl.tables.book.reading.marks import MARKS
from revops_xl.tables.book.reading.steps import STEPS
from revops_xl.tables.book.reading.tiles import COUNT as TILES
from revops_xl.tables.schema.result import Formula
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import Canvas, Placed
from revops_xl.workbook.writing.alt_texts import naming

#: Columns of the page, in pixels: six tiles with gaps, the last one in two; to the right of it the tables behind.
_SUMMARY = (12, 204, 10, 204, 10, 204, 10, 204, 10, 204, 10, 124, 80, 12)
BEHIND = len(_SUMMARY) + 1
#: Heights of the rows above the charts, and of those beside them.
_HEIGHTS, _ROW, _TOP, _BAND = page.HEIGHTS, page.ROW, len(page.HEIGHTS), page.BAND
#: Size of a chart, below its title and unit.
_SIZE = (418, 11 * page.ROW)
_START = (12, 40, 310, 124, 390, 230, 12)
_VERDICTS = {Level.FINE: styles.FINE, Level.WATCH: styles.WATCH, Level.ACT: styles.ACT, Level.NONE: styles.NONE}
_BEFORE = "Not run yet: fill in Settings, Hierarchy and Levels, then run the plan."


def summary(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """The sentence, six tiles, four charts, five decisions, on one screen and one printed page."""
    paper = _Page(canvas, _SUMMARY)
    for row, height in enumerate(_HEIGHTS):
        canvas.sheet.set_row_pixels(row, height)
    for row in range(_TOP, _TOP + 2 * _BAND):
        canvas.sheet.set_row_pixels(row, _ROW)
    paper.show(0, 1, "title", "Text", {"font_size": 20, "bold": True}, "Summary")
    paper.show(1, 1, "title", "Beside", {"font_color": styles.MUTED})
    paper.show(0, 12, "title", "Verdict", {"bold": True, "align": "right"})
    paper.show(1, 12, "title", "Shown", {"font_color": styles.MUTED, "align": "right"})
    paper.verdicts(0, 12, 0, 12, fill=False)
    paper.show(3, 1, "headline", "Text", {"font_size": 16, "bold": True}, _BEFORE)
    paper.show(4, 1, "supports", "Text", {"font_size": 12})
    paper.show(5, 1, "against", "Text", {"font_size": 12})
    for i in range(TILES):
        _tile(paper, i)
    paper.verdicts(7, 1, 10, 12, fill=False, anchor=10)
    _decisions(paper)
    _charts(canvas, paper, placed)
    foot = _TOP + 2 * _BAND + 1
    paper.show(foot, 1, "foot", "Text", {"font_size": 9, "font_color": styles.MUTED})
    canvas.write(1, BEHIND, "Figures behind this page: a run writes them.", styles.SUBTITLE)
    paper.print_on(foot, len(_SUMMARY) - 1, zoom=90)


def _tile(paper: _Page, i: int) -> None:
    place, column = f"tile {i + 1}", 1 + 2 * i
    panel = {"bg_color": styles.PANEL, "indent": 1, "align": "left"}
    looks: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (7, "Text", {"font_color": styles.MUTED, "font_size": 11, "top": 5, "top_color": styles.MUTED}),
        (8, "Shown", {"font_size": 24, "bold": True}),
        (9, "Beside", {"font_color": styles.MUTED}),
        (10, "Verdict", {"bold": True}),
    )
    for row, what, look in looks:
        paper.show(row, column, place, what, panel | look)
        if i == TILES - 1:
            paper.blank(row, column + 1, {key: value for key, value in (panel | look).items() if key in {"bg_color", "top", "top_color"}})  # fmt: skip


def _decisions(paper: _Page) -> None:
    paper.show(_TOP, 9, "decisions", "Text", {"font_size": 12, "bold": True})
    ruled = {"top": 1, "top_color": styles.LINE}
    for i in range(DECISIONS):
        place, row = f"decision {i + 1}", _TOP + 1 + 5 * i
        bold = {"font_size": 11, "bold": True}
        paper.show(row, 9, place, "Text", ruled | bold)
        for column in (10, 11):
            paper.blank(row, column, ruled)
        paper.show(row, 12, place, "Shown", ruled | bold | {"align": "right"})
        paper.show(row + 1, 9, place, "Beside", {"font_color": styles.MUTED, "indent": 1})
        paper.show(row + 2, 9, place, "Verdict", {"font_color": styles.MUTED, "indent": 1})
        paper.link(row + 3, 9, place, {"indent": 1})


def _charts(canvas: Canvas, paper: _Page, placed: Mapping[str, Placed]) -> None:
    """Each below its title, which says the message, and the unit of its axis."""
    drawn = (
        (charts.PATH.name, _path, "Columns: range of the sum of revenue from quarter to quarter; line: what is expected; dashes: the target. Without a forecast: reps by growth asked."),
        (charts.REGIONS.name, _regions, "Columns: what each of the largest teams reached before, its part of the target, and what it is expected to reach."),
        (charts.HEDGES.name, _hedges, "Columns, one on the other: what the hedges of each level put on top of the target, and together."),
        (charts.MOVES.name, _moves, "Bars: how far each assumption moves the share of reps expected at quota; without history the teams asked for the most."),
    )  # fmt: skip
    for i, (table, draw, text) in enumerate(drawn):
        row, column = _TOP + _BAND * (i // 2), 1 + 4 * (i % 2)
        paper.show(row, column, f"chart {i + 1}", "Text", {"font_size": 12, "bold": True, "indent": 1})
        paper.show(row + 1, column, f"chart {i + 1}", "Beside", {"font_size": 9, "font_color": styles.MUTED, "indent": 1})  # fmt: skip
        if table in placed:
            chart = draw(canvas, placed[table])
            chart.set_legend({"none": True})
            chart.set_chartarea({"border": {"none": True}, "fill": {"color": "#FFFFFF"}})
            chart.set_size({"width": _SIZE[0], "height": _SIZE[1]})
            chart.show_hidden_data()
            canvas.sheet.insert_chart(
                row + 2, column, chart, {"description": naming(text, table), "object_position": 1}
            )


_SMALL = {"size": 9, "color": styles.MUTED}
_AMOUNT = "[>=1000]#,##0;[>=100]0;0.0"
_GRID = {"visible": True, "line": {"color": "#E8ECF0", "width": 0.75}}
_AXIS = {"num_font": _SMALL, "line": {"none": True}, "major_tick_mark": "none", "minor_tick_mark": "none"}


def _axes(chart: Any, number_format: str, **options: Any) -> None:
    chart.set_x_axis({**_AXIS, "num_font": {"size": 9, "color": styles.INK}, "line": {"color": styles.LINE}, "label_position": "low"})  # fmt: skip
    chart.set_y_axis({**_AXIS, "num_format": number_format, "major_gridlines": _GRID, **options})


def _label(number_format: str, position: str = "", color: str = styles.INK) -> dict[str, Any]:
    where = {"position": position} if position else {}
    return {"value": True, "num_format": number_format, "font": {"size": 9, "color": color, "bold": True}, **where}


def _path(canvas: Canvas, data: Placed) -> Any:
    chart = canvas.book.add_chart({"type": "column", "subtype": "stacked"})
    steps = data.body_of("Step")
    for name, fill, border in (
        ("Lower end", {"none": True}, {"none": True}),
        ("Range", {"color": styles.FORECAST}, {"color": styles.DATA}),
        ("Reps", {"color": styles.DATA}, {"none": True}),
    ):
        series = {"name": name, "categories": steps, "values": data.body_of(name), "fill": fill, "border": border, "gap": 70}  # fmt: skip
        chart.add_series(series | ({"data_labels": _label("#,##0", "inside_end", "#FFFFFF")} if name == "Reps" else {}))
    lines = canvas.book.add_chart({"type": "line"})
    expected = {"type": "circle", "size": 6, "fill": {"color": styles.DATA}, "border": {"color": "#FFFFFF"}}
    lines.add_series({"name": "Expected", "categories": steps, "values": data.body_of("Expected so far"), "line": {"color": styles.DATA, "width": 2}, "marker": expected, "data_labels": _label(_AMOUNT, "above")})  # fmt: skip
    lines.add_series({"name": "Target", "categories": steps, "values": data.body_of("Target line"), "line": {"color": styles.INK, "width": 1.5, "dash_type": "dash"}})  # fmt: skip
    chart.combine(lines)
    _axes(chart, "General", min=0)
    return chart


def _regions(canvas: Canvas, data: Placed) -> Any:
    chart = canvas.book.add_chart({"type": "column"})
    for name, fill, border in (
        ("Before", styles.PRIOR, styles.PRIOR),
        ("Target", styles.DATA, styles.DATA),
        ("Expected", styles.FORECAST, styles.DATA),
    ):
        chart.add_series({"name": name, "categories": data.body_of("Team"), "values": data.body_of(name), "fill": {"color": fill}, "border": {"color": border}, "gap": 60, "overlap": -5})  # fmt: skip
    _axes(chart, "General", min=0)
    return chart


def _hedges(canvas: Canvas, data: Placed) -> Any:
    chart = canvas.book.add_chart({"type": "column", "subtype": "stacked"})
    levels = data.body_of("Hedges of")
    chart.add_series({"name": "Below", "categories": levels, "values": data.body_of("Below"), "fill": {"none": True}, "border": {"none": True}, "gap": 40})  # fmt: skip
    chart.add_series({"name": "Adds", "categories": levels, "values": data.body_of("Adds"), "fill": {"color": styles.DATA}, "gap": 40, "data_labels": _label(_AMOUNT, "inside_end", "#FFFFFF")})  # fmt: skip
    _axes(chart, "General", min=0)
    return chart


def _moves(canvas: Canvas, data: Placed) -> Any:
    chart = canvas.book.add_chart({"type": "bar"})
    for name, fill in (("Lower case", styles.DATA), ("Higher case", styles.FORECAST)):
        chart.add_series({"name": name, "categories": data.body_of("What"), "values": data.body_of(name), "fill": {"color": fill}, "border": {"color": styles.DATA}, "gap": 40, "overlap": 100})  # fmt: skip
    chart.set_y_axis({**_AXIS, "reverse": True, "num_font": {"size": 9, "color": styles.INK}, "label_position": "low"})
    chart.set_x_axis({**_AXIS, "num_format": "General", "major_gridlines": _GRID})
    return chart


def start(canvas: Canvas, names: Sequence[str]) -> None:
    """What to look at first, and the steps with their state, each a link."""
    paper = _Page(canvas, _START)
    canvas.sheet.set_row_pixels(0, 34)
    canvas.write(0, 1, "Start", paper.look({"font_size": 20, "bold": True}))
    canvas.write(1, 1, "Where the plan stands, and what to do next", paper.look({"font_color": styles.MUTED}))
    paper.show(0, 5, "title", "Verdict", {"bold": True, "align": "right"}, f"{MARKS[Level.WATCH]} Not run yet")
    paper.show(1, 5, "title", "Shown", {"font_color": styles.MUTED, "align": "right"})
    paper.verdicts(0, 5, 0, 5, fill=False)
    canvas.sheet.set_row_pixels(3, 26)
    first = "Next: fill in Settings (the Target), Hierarchy and Levels; the yellow tabs are yours. Then run the plan."
    paper.show(3, 1, "next", "Text", {"font_size": 12, "bold": True}, first)
    row = paper.heading(5, ("To look at first", "", "", "What to do", "Where"))
    ruled = {"bottom": 1, "bottom_color": styles.LINE}
    for i in range(page.LOOK_AT):
        place = f"look {i + 1}"
        canvas.sheet.set_row_pixels(row, 22)
        paper.show(row, 1, place, "Verdict", ruled | {"align": "center"})
        paper.show(row, 2, place, "Text", ruled | {"bold": True}, "" if i else "Nothing yet: a run lists it here")
        paper.show(row, 3, place, "Shown", ruled | {"align": "right", "indent": 1})
        paper.show(row, 4, place, "Beside", ruled)
        paper.link(row, 5, place, ruled)
        row += 1
    paper.verdicts(row - page.LOOK_AT, 1, row - 1, 1)
    paper.link(row, 2, "more", {})
    row = paper.heading(row + 2, ("Steps", "", "State", "What is there", "Go to"))
    group = ""
    for number, step in enumerate(STEPS, start=1):
        if step.group != group:
            group = step.group
            canvas.write(row, 1, group, paper.look({"bold": True, "font_color": styles.MUTED}))
            row += 1
        place = f"step {number}"
        canvas.sheet.set_row_pixels(row, 22)
        canvas.write(row, 1, number, paper.look(ruled | {"font_color": styles.MUTED, "align": "center"}))
        canvas.write(row, 2, step.name, paper.look(ruled | {"bold": True}))
        paper.show(row, 3, place, "Verdict", ruled | {"indent": 1}, step.state)
        paper.show(row, 4, place, "Beside", ruled, step.what)
        paper.link(row, 5, place, ruled, (step.sheet, f"{step.sheet} →") if step.sheet in names else None)
        paper.verdicts(row, 3, row, 3)
        row += 1
    row += 1
    edge = {"border": 1, "border_color": styles.EDGE}
    canvas.write(row, 2, "Blue on yellow: yours to fill in", paper.look({"font_color": styles.BLUE, "bg_color": styles.INPUT_FILL, **edge}))  # fmt: skip
    canvas.write(row, 3, "Black: result", paper.look({"border": 1, "border_color": styles.LINE}))
    more = "Hidden sheets (Cascade, Run log, Help): right-click a tab, Unhide"
    canvas.write(row, 4, more, paper.look({"font_color": styles.MUTED}))
    if sheets.SUMMARY in names:
        canvas.sheet.write_url(row, 5, f"internal:'{sheets.SUMMARY}'!A1", canvas.format(paper.look(styles.LINK)), f"{sheets.SUMMARY} →")  # fmt: skip
    paper.print_on(row, len(_START) - 1, zoom=100)


class _Page:
    """A sheet that is laid out in pixels, whose cells show places of the table PageTexts."""

    def __init__(self, canvas: Canvas, widths: Sequence[int]) -> None:
        self.canvas = canvas
        for column, width in enumerate(widths):
            canvas.set_pixels(column, width)
        canvas.sheet.hide_row_col_headers()

    def look(self, look: Mapping[str, Any]) -> dict[str, Any]:
        """A format with what all cells of a page have in common."""
        return {"font_name": styles.FONT, "font_size": 10, "font_color": styles.INK, "valign": "vcenter", **look}

    def show(self, row: int, column: int, place: str, what: str, look: Mapping[str, Any], fallback: str = "") -> None:
        """A cell that shows a text of a place; before the first run the fallback."""
        formula = shows(page.TABLE.name, what, page.row_of(place), fallback)
        self.canvas.write(row, column, Formula(formula, fallback), self.look(look))

    def link(
        self, row: int, column: int, place: str, look: Mapping[str, Any], fallback: tuple[str, str] | None = None
    ) -> None:
        """A cell that leads where a place says."""
        formula = leads(page.TABLE.name, page.row_of(place), fallback)
        label = fallback[1] if fallback is not None else ""
        self.canvas.write(row, column, Formula(formula, label), self.look({**styles.LINK, **look}))

    def blank(self, row: int, column: int, look: Mapping[str, Any]) -> None:
        """An empty cell."""
        self.canvas.write(row, column, None, self.look(look))

    def heading(self, row: int, texts: Sequence[str]) -> int:
        """A line of headings; the row below it."""
        self.canvas.sheet.set_row_pixels(row, 24)
        for i, text in enumerate(texts):
            strong = {"bold": True, "font_size": 12} if i == 0 else {"font_color": styles.MUTED}
            self.canvas.write(row, 1 + i, text, self.look({"bottom": 2, "bottom_color": styles.INK, **strong}))
        return row + 1

    def verdicts(
        self, top: int, left: int, bottom: int, right: int, *, fill: bool = True, anchor: int | None = None
    ) -> None:
        """Colour cells by the mark that they, or the cell of their column in another row, begin with."""
        for level, (ink, ground) in _VERDICTS.items():
            cell = xl_rowcol_to_cell(top if anchor is None else anchor, left, row_abs=anchor is not None)
            look: dict[str, Any] = {"font_color": ink} | ({"bg_color": ground} if fill else {})
            rule = {"type": "formula", "criteria": f'=LEFT({cell},1)="{MARKS[level]}"', "format": self.canvas.format(look)}  # fmt: skip
            if anchor is None:
                self.canvas.sheet.conditional_format(top, left, bottom, right, rule)
            else:
                self.canvas.sheet.conditional_format(bottom, left, bottom, right, rule)
        if anchor is not None:  # a figure of before is grey
            cell = xl_rowcol_to_cell(anchor, left, row_abs=True)
            grey = {"type": "formula", "criteria": f'=LEFT({cell},13)="{MARKS[Level.NONE]} of the run "', "format": self.canvas.format({"font_color": styles.MUTED})}  # fmt: skip
            self.canvas.sheet.conditional_format(top, left, bottom - 1, right, grey)

    def print_on(self, bottom: int, right: int, *, zoom: int) -> None:
        """One landscape page."""
        sheet = self.canvas.sheet
        sheet.set_zoom(zoom)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.print_area(0, 0, bottom, right)
        sheet.fit_to_pages(1, 1)
        sheet.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.55)
        sheet.center_horizontally()
        sheet.set_footer(styles.FOOT)
