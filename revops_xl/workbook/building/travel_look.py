"""Colours of the sheets around packets, and how the wide sheet Cascade is held."""

from __future__ import annotations

from collections.abc import Mapping

from revops_xl.tables.packets import returns
from revops_xl.workbook.building import styles
from revops_xl.workbook.building.canvas import HEADER_ROW, Canvas, Placed
from revops_xl.workbook.building.color_rules import SHADES, by_formula, indent, words_of


def cascade(canvas: Canvas, _: Mapping[str, Placed]) -> None:
    """The node stays in sight, on the screen and on paper."""
    canvas.sheet.freeze_panes(HEADER_ROW + 1, 1)
    canvas.sheet.repeat_columns(0, 0)


def returned(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """What became of each file."""
    colors = {
        returns.TAKEN: styles.GOOD,
        returns.MISSING: styles.NOTE,
        returns.DUPLICATE: styles.NOTE,
        returns.OLDER: styles.WARN,
        returns.ALTERED: styles.WARN,
        returns.CONFLICT: styles.WARN,
        returns.UNCLEAR: styles.WARN,
        returns.DECIDED: styles.GOOD,
        returns.REFUSED: styles.BAD,
    }
    words_of(canvas, placed["Returns"], "Status", colors)
    words_of(
        canvas, placed["ReturnDetails"], "Finding", {"altered": styles.WARN, "removed": styles.BAD, "twice": styles.BAD}
    )


def requests(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """What waits for a decision."""
    table = placed["Requests"]
    colors = {returns.OPEN: styles.WARN, returns.IN_FORCE: styles.GOOD, returns.REJECTED: styles.NOTE}
    words_of(canvas, table, "State", colors | {returns.REPLACED: styles.NOTE})
    by_formula(canvas, table, [("Conflict", "Conflict")], '{Conflict}<>""', {"bg_color": styles.BAD})
    canvas.sheet.freeze_panes(HEADER_ROW + 1, table.column("Now"))


def roll_up(canvas: Canvas, placed: Mapping[str, Placed]) -> None:
    """An outline as in Quotas."""
    table = placed["RollUp"]
    for depth in range(styles.INDENT_DEPTHS + 1):
        look = {"num_format": indent(depth)} | SHADES.get(depth, {})
        look |= {"bold": True} if depth in SHADES else {}
        by_formula(canvas, table, [("Node", "Node")], f'({{Depth}}={depth})*({{Node}}<>"")', look)
    for depth, shade in SHADES.items():
        rest = [("Level", "Level"), ("Parent", "Returned")]
        by_formula(canvas, table, rest, f'({{Depth}}={depth})*({{Node}}<>"")', {"bold": True, **shade})
    canvas.sheet.freeze_panes(HEADER_ROW + 1, table.column("Parent"))
