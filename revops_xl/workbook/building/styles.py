"""How the plan workbook looks: one palette, one set of number formats."""

from __future__ import annotations

from typing import Any

from revops_xl.tables.schema.declare import NUMERIC, Column, Kind

FONT = "Calibri"
#: Blank rows that an input table starts with.
BLANK_ROWS = 10
#: Ink for words, one blue for data, three colours for verdicts, yellow for inputs; nothing else.
INK, MUTED, BLUE = "#1B2733", "#566270", "#0B3D91"
INPUT_FILL, HEADER_FILL, INPUT_HEADER_FILL, TOTAL_FILL = "#FFF9DB", "#1F4E79", "#7A5C00", "#E8EEF5"
#: What is or is decided; what is expected; what was before; a mark over bars.
DATA, FORECAST, PRIOR = "#1F4E79", "#CFE0EF", "#8592A0"
#: Ink and ground of each level of a verdict.
FINE, WATCH, ACT, NONE = ("#0B6B4F", "#DFF1EA"), ("#8A5300", "#FDEBCB"), ("#A8201A", "#FADCD9"), ("#566270", "#EDF0F3")
LINE, EDGE, PANEL = "#D5DBE1", "#B9A24A", "#F4F6F8"
TAB = {"input": "#E0B100", "result": "#1F4E79", "other": "#8A949E"}
FOOT = "&L&8&F · &A&R&8Page &P of &N"
LINK = {"font_color": "#0B5CAD", "underline": 1}

#: Deepest level that the outline of Quotas indents.
INDENT_DEPTHS = 12

NUMBER_FORMATS: dict[Kind, str] = {
    Kind.MONEY: "#,##0.00;[Red]-#,##0.00",
    Kind.NUMBER: "#,##0.##",
    Kind.FACTOR: '0.00##"×"',
    Kind.PERCENT: "0.0%",
    Kind.INTEGER: "#,##0",
    # Spreadsheets show a boolean as it is; LibreOffice takes it for a number and needs to be told.
    Kind.BOOLEAN: '"TRUE";"TRUE";"FALSE"',
    Kind.DATE: "yyyy-mm-dd",
    Kind.TIME: "yyyy-mm-dd hh:mm",
    Kind.NODE: "@",
    Kind.COLUMNS: "@",
}


def cell_format(column: Column, *, is_input: bool) -> dict[str, Any]:
    """Format of a body cell."""
    number = column.number_format or NUMBER_FORMATS.get(column.kind, "General")
    look: dict[str, Any] = {
        "font_name": FONT,
        "font_size": 10,
        "font_color": BLUE if is_input else INK,
        "bottom": 1,
        "bottom_color": LINE,
        "num_format": number,
        "valign": "vcenter",
        "locked": not is_input,
    }
    if is_input:
        look |= {"bg_color": INPUT_FILL}
    if column.kind in NUMERIC and not is_input:
        look |= {"align": "right"}  # also where a result says "no quota"; in inputs a number typed as text should show
    if column.wrap:
        look |= {"text_wrap": True}
    if column.kind not in NUMERIC:
        look |= {"align": "left", "indent": 1}
    return look


def header_format(*, is_input: bool, numeric: bool) -> dict[str, Any]:
    """Format of a header cell."""
    return {
        "font_name": FONT,
        "font_size": 10,
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": INPUT_HEADER_FILL if is_input else HEADER_FILL,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "right" if numeric else "left",
        "indent": 0 if numeric else 1,
    }


TITLE = {"font_name": FONT, "font_size": 20, "bold": True, "font_color": INK}
SUBTITLE = {"font_name": FONT, "font_size": 10, "font_color": MUTED}
CAPTION = {"font_name": FONT, "font_size": 10, "italic": True, "font_color": MUTED, "valign": "vcenter"}
BODY = {"font_name": FONT, "font_size": 11, "font_color": INK}
BOLD = {"font_name": FONT, "font_size": 11, "font_color": INK, "bold": True}
