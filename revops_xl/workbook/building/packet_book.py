"""A packet as a workbook: built new from its content, locked but for the entries, alive without an add-in."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import xlsxwriter

from revops_xl.tables.packets import form
from revops_xl.tables.packets.content import Packet, Row, context, deadline, headline, subtitle, title
from revops_xl.tables.packets.rows import MARKS, rows_of, verdict
from revops_xl.tables.schema.declare import Column, Kind, Sheet, Table
from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import HEADER_ROW, Canvas, Placed
from revops_xl.workbook.building.chart_look import MARK, chart_of, money_axis
from revops_xl.workbook.building.color_rules import words_of

#: A fixed date, so that the same content gives the same file.
CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001
#: Members that a chart has room for.
MOST_BARS = 30
#: Row of the first sheet on which the steps begin, and on which the chart stands.
_STEPS, _CHART = 2, 10
_KEY_COLUMNS = ("Key", "Team key")


def packet_bytes(packet: Packet) -> bytes:
    """The workbook of a packet; the same content gives the same bytes."""
    buffer = io.BytesIO()
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **options})
    book.set_properties({"title": "Quota packet", "author": "", "company": "", "created": CREATED})
    book.set_calc_mode("auto")
    canvases = {sheet.name: Canvas(book, sheet, sheet.name, _tab(sheet)) for sheet in form.SHEETS}
    rows = rows_of(packet)
    placed: dict[str, Placed] = {}
    head = _head(canvases[form.YOUR_TEAM], packet, rows[form.CHECKS.name])
    places = {form.ANSWER.name: (head, 0), form.TEAM.name: (head + 3, 0)}
    for sheet in form.SHEETS:
        if sheet.name not in {form.YOUR_TEAM, form.READ_ME.name}:
            canvases[sheet.name].title()
        for table in sheet.tables:
            at = places.get(table.name, (HEADER_ROW, 0))
            placed[table.name] = _place(canvases[sheet.name], table, rows[table.name], at)
    _validate(canvases, placed, packet)
    _read_me(canvases[form.READ_ME.name], packet, placed)
    _seal(canvases[form.SEALED.name], packet)
    _colour(canvases["Checks"], placed[form.CHECKS.name])
    for name, canvas in canvases.items():
        canvas.finish(rows=HEADER_ROW, one_page=name == form.READ_ME.name)
        canvas.sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})
    team = placed[form.TEAM.name]
    first = canvases[form.YOUR_TEAM].sheet
    first.freeze_panes(team.header + 1, 1)
    first.print_area(0, 0, team.last_body, team.column("Comment"))
    first.fit_to_pages(1, 0)
    first.repeat_rows(team.header)
    canvases[form.SEALED.name].sheet.print_area(0, 0, HEADER_ROW - 1, 1)
    canvases[form.READ_ME.name].sheet.set_portrait()
    book.get_worksheet_by_name(form.YOUR_TEAM).activate()
    book.close()
    return buffer.getvalue()


def _tab(sheet: Sheet) -> str:
    entered = any(form.INPUTS[table] for table in sheet.tables)
    return styles.TAB["input" if entered else "other"]


def _head(canvas: Canvas, packet: Packet, checks: list[Row]) -> int:
    """What stands above the tables of the first sheet; the row on which they begin."""
    sheet = canvas.sheet
    canvas.write(0, 0, title(packet), styles.TITLE)
    canvas.write(1, 0, subtitle(packet), styles.SUBTITLE)
    sheet.set_row_pixels(0, 34)
    lines: list[tuple[Any, dict[str, Any]]] = [(headline(packet), {"font_size": 16, "bold": True})]
    lines += [
        (text, {"font_size": 12})
        for text in (context(packet), deadline(packet), *packet.earlier, *packet.beside)
        if text
    ]
    lines.append((verdict(checks), {"font_size": 12, "bold": True}))
    for row, (text, look) in enumerate(lines, start=3):
        canvas.write(row, 0, text, {"font_name": styles.FONT, "font_color": styles.INK, "valign": "vcenter", **look})
        sheet.set_row_pixels(row, 24)
    told = 2 + len(lines)
    for mark, ink in zip(MARKS, (styles.FINE[0], styles.WATCH[0], styles.ACT[0]), strict=True):
        rule = {"type": "formula", "criteria": f'=LEFT($A${told + 1},1)="{mark}"', "format": canvas.format({"font_color": ink})}  # fmt: skip
        sheet.conditional_format(told, 0, told, 0, rule)
    return told + 2


def _place(canvas: Canvas, table: Table, rows: list[Row], at: tuple[int, int]) -> Placed:
    """A table with its rows; entries are unlocked, but for those of rows that are settled elsewhere."""
    cells = [[row.get(name) for name in table.headers] for row in rows]
    placed = canvas.add_table(table, table.columns, cells, 1, at, inputs=form.INPUTS[table])
    for name in _KEY_COLUMNS:
        if name in table.headers:
            look = styles.cell_format(table.column(name), is_input=False) | {"font_color": styles.MUTED, "font_size": 8}
            for number, row in enumerate(rows):
                canvas.write(placed.first_body + number, placed.column(name), row.get(name), look)
    return placed


def _validate(canvases: dict[str, Canvas], placed: dict[str, Placed], packet: Packet) -> None:
    """What can be entered where."""
    team, asks, commit = (placed[table.name] for table in (form.TEAM, form.ASKS, form.COMMIT))
    entered = (
        (form.ANSWER, form.YOUR_TEAM),
        (form.TEAM, form.YOUR_TEAM),
        (form.ASKS, "Requests"),
        (form.COMMIT, "Commit"),
    )
    for table, sheet in entered:
        for name in form.INPUTS[table]:
            column = table.column(name)
            rule = _rule(column, packet.unit or "0.01", placed[table.name])
            if column.choices:
                rule = {"validate": "list", "source": list(column.choices), **_message(column)}
            if name == "For":
                rule = {"validate": "list", "source": _names(team), **_message(column)}
            canvases[sheet].validate(
                placed[table.name], placed[table.name].column(name) - placed[table.name].left, rule
            )
    locked = [number for number, row in enumerate(packet.team) if not row["Open"]]
    look = styles.cell_format(form.TEAM.column("Proposed quota"), is_input=False) | {"bg_color": styles.NONE[1]}
    for number in locked:
        canvases[form.YOUR_TEAM].write(team.first_body + number, team.column("Proposed quota"), None, look)
    for sheet, place in (("Requests", asks), ("Commit", commit)):
        canvases[sheet].sheet.set_selection(place.first_body, 1, place.first_body, 1)


def _names(team: Placed) -> str:
    """The names of the team, as a range: a list typed into the rule could not hold commas."""
    column = xlsxwriter.utility.xl_col_to_name(team.column("Name"))
    return f"='{form.YOUR_TEAM}'!${column}${team.first_body + 1}:${column}${team.last_body + 1}"


def _message(column: Column) -> dict[str, Any]:
    return {"input_title": column.name[:32], "input_message": column.help[:255], "ignore_blank": True}


def _rule(column: Column, unit_text: str, place: Placed) -> dict[str, Any]:
    message = _message(column) | {"error_title": column.name[:32]}
    if column.name in {"Proposed quota", "Asked quota"}:
        cell = f"{column_letters(place.column(column.name))}{place.first_body + 1}"
        size, parts = Decimal(unit_text).as_integer_ratio()
        whole = f"{cell}*{parts}/{size}"
        error = f"{column.name} is a number of 0 or more, a whole multiple of {unit_text}."
        criteria = f"=AND(ISNUMBER({cell}),{cell}>=0,ABS({whole}-ROUND({whole},0))<0.000001)"
        return {"validate": "custom", "value": criteria, "error_message": error, **message}
    if column.kind is Kind.MONEY:
        error = f"{column.name} is a number of 0 or more."
        return {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": error, **message}
    error = f"At most {form.LONGEST_TEXT} characters."
    return {"validate": "length", "criteria": "<=", "value": form.LONGEST_TEXT, "error_message": error, **message}


def _read_me(canvas: Canvas, packet: Packet, placed: dict[str, Placed]) -> None:
    """The page that says how to answer, and the chart."""
    canvas.write(0, 0, form.READ_ME.name, styles.TITLE)
    for offset, (number, text) in enumerate(form.HOW_TO):
        canvas.write(_STEPS + offset, 0, number or None, styles.BOLD | {"valign": "top"})
        canvas.write(_STEPS + offset, 1, text, styles.BODY | {"text_wrap": True, "valign": "top"})
        canvas.sheet.set_row(_STEPS + offset, 32)
    canvas.set_width(0, 4)
    canvas.set_width(1, 92)
    members = [number for number, row in enumerate(packet.team) if number][:MOST_BARS]
    if members:
        _bars(canvas, placed[form.TEAM.name], members[0], members[-1])


def _bars(canvas: Canvas, team: Placed, first: int, last: int) -> None:
    """Quota as handed down beside the new one."""
    chart = chart_of(canvas, "bar", "Quotas as handed down, and new")

    def cells(name: str) -> list[Any]:
        column = team.column(name)
        return [team.sheet, team.first_body + first, column, team.first_body + last, column]

    heads = [[team.sheet, team.header, team.column(name)] for name in ("Quota", "New quota")]
    for name, head, color in zip(("Quota", "New quota"), heads, (styles.HEADER_FILL, MARK), strict=True):
        chart.add_series(
            {"name": head, "categories": cells("Name"), "values": cells(name), "fill": {"color": color}, "gap": 60}
        )
    chart.set_x_axis(money_axis())
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 700, "height": max(260, 34 * (last - first + 1) + 110)})
    alt = "Bars: each member's quota as handed down, and with your proposals."
    canvas.sheet.insert_chart(_CHART, 0, chart, {"description": alt, "object_position": 2})


def _seal(canvas: Canvas, packet: Packet) -> None:
    """What was sent, as text: it comes back with the file and says what was changed."""
    canvas.write(HEADER_ROW - 1, 0, form.SEAL_HELP, styles.CAPTION)
    sealed = packet.sealed
    pieces = [sealed[start : start + form.SEAL_PIECE] for start in range(0, len(sealed), form.SEAL_PIECE)]
    look = {"font_name": styles.FONT, "font_size": 6, "font_color": styles.MUTED, "text_wrap": True, "valign": "top"}
    for number, piece in enumerate(pieces, start=1):
        mark = f"{form.SEAL} {packet.id} {number}/{len(pieces)}"
        canvas.write(HEADER_ROW + number - 1, 0, mark, look)
        canvas.write(HEADER_ROW + number - 1, 1, piece, look)
        canvas.sheet.set_row(HEADER_ROW + number - 1, 60)
    canvas.set_width(0, 28)
    canvas.set_width(1, 100)


def _colour(canvas: Canvas, checks: Placed) -> None:
    """Green where a team adds up, red where it does not."""
    words_of(canvas, checks, "Status", {form.ADDS_UP: styles.FINE, form.TOO_MUCH: styles.ACT, form.MISSING: styles.ACT})
