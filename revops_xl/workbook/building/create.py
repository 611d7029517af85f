"""Building the plan workbooks from the declarations: the template, and the sample."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from revops_xl.model.parts import Profile
from revops_xl.tables.book import catalog, profiles, setting_list, settings
from revops_xl.tables.book.reading import page
from revops_xl.tables.book.reading import sheets as reading
from revops_xl.tables.forecast import cohorts, deals
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.sample import company as sample
from revops_xl.tables.sample import deals as sample_deals
from revops_xl.tables.sample import planning as sample_planning
from revops_xl.tables.schema.declare import NUMERIC, Column, Kind, Sheet, Table
from revops_xl.tables.schema.look import Drawing
from revops_xl.tables.schema.result_sheet import ResultSheet
from revops_xl.workbook.building import chart_look, decorate, pages, styles
from revops_xl.workbook.building.canvas import HEADER_ROW, Canvas, Placed
from revops_xl.workbook.writing.hidden_rows import with_hidden

#: Sheets of what the sample does not use.
_UNSEEN = frozenset({*profiles.PROFILES[Profile.CURRENCIES][1], "Imports"})
#: Columns that stay free beside a table to which users add their own.
FREE = 14
#: A fixed date, so that the same declarations give the same file.
CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001

FEATURE_HELP = "What is known about the deal while it is open: numbers, texts, TRUE/FALSE or dates."
TEMPLATE_LEVELS = (("Company", None), ("Region", None), ("Manager", None), ("IC", None))
TEMPLATE_METRICS = ("Q1_Attainment", "Q2_Attainment", "Q3_Attainment", "Q4_Attainment", "Pipeline")


@dataclass(frozen=True)
class Host:
    """What a workbook that takes up the plan's sheets asks of them.

    Attributes:
        names: New names of sheets whose name it has already.
        counts_from_1904: How it counts days.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    counts_from_1904: bool = False

    def name(self, sheet: str) -> str:
        """Name of a plan's sheet there."""
        return self.names.get(sheet, sheet)


def template_bytes(into: Host | None = None, *, parts: Collection[str] = ()) -> bytes:
    """An empty plan workbook, ready to fill, with the sheets of some parts."""
    headers = [*(level for level, _ in TEMPLATE_LEVELS), *TEMPLATE_METRICS, *hierarchy.TABLE.headers]
    rows = {"Settings": settings.template_rows({}), "Levels": TEMPLATE_LEVELS, "Scenarios": cohorts.STANDARD_ROWS}
    sheets = profiles.sheets_of(parts)
    return build("Revenue plan", headers, len(TEMPLATE_LEVELS), rows, into=into, sheets=sheets, first=reading.START)


def sample_bytes(into: Host | None = None) -> bytes:
    """A plan workbook with a believable company in it."""
    people = sample.hierarchy_rows()
    history, current = sample.commit_rows(people)
    rows: dict[str, Sequence[Sequence[Any]]] = {
        "Settings": settings.template_rows(sample.SETTINGS),
        "Hierarchy": people,
        "Levels": sample.LEVEL_ROWS,
        "NodeHedges": sample.NODE_HEDGE_ROWS,
        "Metrics": sample.METRIC_ROWS,
        "Thresholds": sample.THRESHOLD_ROWS,
        "Overrides": sample.override_rows(people),
        "CommitHistory": history,
        "Commits": current,
        "Deals": sample.deal_rows(people),
        "Telemetry": sample.telemetry_rows(),
        "Cohorts": sample_deals.COHORT_ROWS,
        "Scenarios": cohorts.STANDARD_ROWS,
        "Bookings": sample.booking_rows(people),
        "Territories": sample.territory_rows(people),
        "Tiers": sample_planning.TIER_ROWS,
        "RampCurves": sample_planning.CURVE_ROWS,
    }
    return build(
        "Alder Systems FY 2027: sample plan",
        sample.HEADERS,
        len(sample.LEVELS),
        rows,
        into=into,
        features=sample_deals.FEATURES,
        sheets=[sheet for sheet in catalog.SHEETS if sheet.name not in _UNSEEN],
    )


def build(
    title: str,
    headers: Sequence[str],
    level_count: int,
    rows: Mapping[str, Sequence[Sequence[Any]]],
    *,
    into: Host | None = None,
    features: Sequence[str] = (),
    sheets: Sequence[Sheet] | None = None,
    names: Collection[str] | None = None,
    first: str = reading.SUMMARY,
) -> bytes:
    """A plan workbook.

    Args:
        title: Title in the document's properties.
        headers: Columns of Hierarchy: levels first, then metrics and columns of any kind.
        level_count: How many of them are levels.
        rows: Rows of input tables by table name; a table without gets blank rows.
        into: The workbook that will take up the sheets; None: they stay a workbook of their own.
        features: Columns of Deals beside the declared ones.
        sheets: Which sheets, with which tables; None: all.
        names: Which settings get their defined name; None: all.
        first: The sheet on which the workbook opens, if it is there.
    """
    buffer, host = io.BytesIO(), into or Host()
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": host.counts_from_1904, **options})
    book.set_properties(
        {"title": title, "author": "", "company": "", "created": CREATED, "comments": "Made by revops-xl"}
    )
    book.set_calc_mode("auto")
    placed: dict[str, Placed] = {}
    listed = sheets or catalog.SHEETS
    canvases = [Canvas(book, sheet, host.name(sheet.name), _tab_color(sheet), catalog.PART_OF) for sheet in listed]
    for canvas in canvases:
        _fill(canvas, headers, level_count, rows, features, host, placed)
    for canvas in canvases:
        decorate.decorate(canvas, placed, [each.declared.name for each in canvases])
        if decorate.is_page(canvas.declared.name):
            canvas.set_columns()
        if profiles.hidden(canvas.declared.name) and len(canvases) > 1:
            canvas.sheet.hide()
    _fold_settings(canvases, placed, [sheet.name for sheet in listed])
    for setting in setting_list.SETTINGS:
        if names is None or setting.defined_name in names:
            book.define_name(setting.defined_name, setting.formula)
    opens = next((canvas for canvas in canvases if canvas.declared.name == first), canvases[0])
    opens.sheet.activate()
    book.close()
    return _before_the_first_run(buffer.getvalue(), [canvas.declared.name for canvas in canvases])


def _before_the_first_run(content: bytes, names: Sequence[str]) -> bytes:
    """A workbook whose page does not show charts of nothing."""
    if reading.SUMMARY not in names:
        return content
    part = f"xl/worksheets/sheet{names.index(reading.SUMMARY) + 1}.xml"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            inner = source.read(entry)
            target.writestr(
                entry, with_hidden(inner, page.SHOWN_LATER, hidden=True) if entry.filename == part else inner
            )
    return out.getvalue()


def _fill(
    canvas: Canvas,
    headers: Sequence[str],
    level_count: int,
    rows: Mapping[str, Sequence[Sequence[Any]]],
    features: Sequence[str],
    host: Host,
    placed: dict[str, Placed],
) -> None:
    """Place the tables of a sheet beside each other; the figures of a chart stand below it."""
    sheet = canvas.declared
    left = pages.BEHIND if decorate.is_page(sheet.name) else 0
    if not decorate.is_page(sheet.name):
        canvas.title()
    drawn = {look.table for look in sheet.look if isinstance(look, Drawing)} if isinstance(sheet, ResultSheet) else {}
    for table in sheet.tables:
        columns = _columns(table, headers, level_count, features)
        content = _help(host) if table is catalog.HELP else rows.get(table.name, ())
        below = table.name in drawn and table.name in chart_look.ABOVE
        row = HEADER_ROW + chart_look.ROWS if below else HEADER_ROW
        placed[table.name] = _place(canvas, table, columns, content, (row, left))
        left = placed[table.name].right + (FREE if table.free_columns else 2)
    if not decorate.is_page(sheet.name):
        canvas.finish(rows=HEADER_ROW, one_page=False)


def _fold_settings(canvases: Sequence[Canvas], placed: Mapping[str, Placed], names: Collection[str]) -> None:
    """The settings of parts that a plan has not stand under a line, folded away."""
    settings_at = placed.get(settings.TABLE.name)
    if settings_at is None:
        return
    canvas = next(each for each in canvases if each.name == settings_at.sheet)
    have = {profiles.part_of_sheet(name) for name in names}
    unused = [profiles.part_of_setting(setting) not in have for setting in setting_list.SETTINGS]
    if not any(unused):
        return
    for i, (folded, after) in enumerate(zip([*unused, False], [False, *unused], strict=True)):
        options = {"level": 1, "hidden": True} if folded else {"collapsed": True} if after else {}
        if options:
            canvas.sheet.set_row(settings_at.first_body + i, None, None, options)
    canvas.sheet.outline_settings(True, True, True, False)
    text = "Settings of parts that this plan has not are folded away: + at the left shows them."
    canvas.write(1, 2, text, styles.SUBTITLE)


def _help(host: Host) -> list[tuple[Any, ...]]:
    return [(host.name(str(sheet)), *rest) for sheet, *rest in catalog.help_rows()]


def _tab_color(sheet: Sheet) -> str:
    kinds = {table.result for table in sheet.tables}
    if decorate.is_page(sheet.name):
        return styles.TAB["result"]
    if profiles.hidden(sheet.name):
        return styles.TAB["other"]
    return styles.TAB["result" if kinds == {True} else "input"]


def _columns(table: Table, headers: Sequence[str], level_count: int, features: Sequence[str]) -> list[Column]:
    """Columns of a table on its sheet; Hierarchy and Deals have those of the plan."""
    if table is deals.DEALS:
        return [*table.columns, *(Column(name, Kind.ANY, FEATURE_HELP, width=13) for name in features)]
    if table is not hierarchy.TABLE:
        return list(table.columns)
    own = {column.name: column for column in table.columns}
    columns = []
    for i, header in enumerate(headers):
        if header in own:
            columns.append(own[header])
        elif i < level_count:
            text = f"Level {i + 1}: blank only where a branch skips it."
            columns.append(Column(header, Kind.NODE, text, required=True, width=17))
        else:
            text = "A metric or pipeline column: numbers or TRUE/FALSE; blank means not known."
            columns.append(Column(header, Kind.NUMBER, text, width=13))
    return columns


def _place(
    canvas: Canvas, table: Table, columns: Sequence[Column], rows: Sequence[Sequence[Any]], at: tuple[int, int]
) -> Placed:
    is_input = not table.result and table is not catalog.HELP
    blank = 1 if table.result else styles.BLANK_ROWS
    placed = canvas.add_table(
        table, columns, rows, blank, at, inputs=[each.name for each in columns if is_input or each.entry]
    )
    for i, column in enumerate(columns):
        if is_input or column.entry:
            rule = _validation(column)
            if rule is not None and table is not settings.TABLE:
                canvas.validate(placed, i, rule)
    if table is settings.TABLE:
        _setting_cells(canvas, placed, rows)
    return placed


def _validation(column: Column) -> dict[str, Any] | None:
    """What a spreadsheet should accept in a column, with the help as input message."""
    message = {"input_title": column.name[:32], "input_message": column.help[:255], "ignore_blank": True}
    if column.choices:
        return {"validate": "list", "source": list(column.choices), **message}
    if column.kind is Kind.BOOLEAN:
        return {"validate": "list", "source": ["TRUE", "FALSE"], **message}
    if column.kind in NUMERIC and (column.minimum is not None or column.above is not None):
        low = column.above if column.above is not None else column.minimum
        rule: dict[str, Any] = {"validate": "integer" if column.kind is Kind.INTEGER else "decimal", **message}
        rule["error_message"] = f"{column.name}: {column.help}"[:255]
        if column.maximum is not None:
            return rule | {"criteria": "between", "minimum": low, "maximum": column.maximum}
        return rule | {"criteria": ">" if column.above is not None else ">=", "value": low}
    return {"validate": "any", **message}


def _setting_cells(canvas: Canvas, placed: Placed, rows: Sequence[Sequence[Any]]) -> None:
    """Each value has a kind of its own, so each cell gets its own format and validation."""
    texts = {"font_color": styles.INK, "bg_color": "#FFFFFF"}
    for i, (setting, row) in enumerate(zip(setting_list.SETTINGS, rows, strict=True)):
        number = placed.first_body + i
        name_format = styles.cell_format(Column("", Kind.TEXT, ""), is_input=False) | {"bold": True}
        canvas.write(number, placed.left, setting.name, name_format)
        look = styles.cell_format(setting.column, is_input=True) | {"align": "left", "indent": 1}
        canvas.write(number, placed.left + 1, row[1], look)
        for offset in (2, 3):
            column = settings.TABLE.columns[offset]
            canvas.write(number, placed.left + offset, row[offset], styles.cell_format(column, is_input=False) | texts)
        rule = _validation(setting.column)
        if rule is not None:
            canvas.sheet.data_validation(number, placed.left + 1, number, placed.left + 1, rule)
