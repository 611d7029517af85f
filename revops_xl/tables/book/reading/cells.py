"""Cells of the pages for readers: formulas that show a text of a result table, and what they show."""

from __future__ import annotations

import re
from collections.abc import Callable

from revops_xl.tables.schema.check import quoted

#: What such a cell shows, by table, column and row (from 1); None where the table is not known.
Lookup = Callable[[str, str, int], str | None]
_SHOWN = re.compile(r"T\(INDEX\((\w+)\[([^\]]+)\],(\d+)\)\)")
_PIECE = r'"(?:[^"]|"")*"'
_TEXT = rf"{_PIECE}(?:&{_PIECE})*"
_FALLBACK = re.compile(rf'=""?",({_TEXT}|HYPERLINK\({_TEXT},({_TEXT})\)),')
_BEFORE = re.compile(rf"({_TEXT})&IFERROR\(")
#: What every such formula holds.
MARK = b"T(INDEX("


def shows(table: str, column: str, row: int, fallback: str = "") -> str:
    """A formula that shows a text of a table, or before the first run another."""
    cell = f"T(INDEX({table}[{column}],{row}))"
    return f'IF(IFERROR({cell},"")="",{quoted(fallback)},{cell})'


def leads(table: str, row: int, fallback: tuple[str, str] | None = None) -> str:
    """A formula for a link: its address and its label stand in the table.

    Args:
        table: With the columns Link and Label.
        row: Its row there, from 1.
        fallback: Sheet and label before the first run; None: nothing.
    """
    address, label = f"T(INDEX({table}[Link],{row}))", f"T(INDEX({table}[Label],{row}))"
    other = '""' if fallback is None else f"HYPERLINK({quoted(address_of(fallback[0]))},{quoted(fallback[1])})"
    return f'IF(IFERROR({address},"")="",{other},HYPERLINK({address},{label}))'


def follows(caption: str, row: int) -> str:
    """A formula for a caption that says when its table is of before."""
    return adds(caption, "Freshness", "Note", row)


def adds(text: str, table: str, column: str, row: int) -> str:
    """A formula that adds a text of a table to another."""
    return f'{quoted(text)}&IFERROR(T(INDEX({table}[{column}],{row})),"")'


def address_of(sheet: str, cell: str = "A1") -> str:
    """A link inside the workbook.

    Example:
        >>> address_of("Plan health")
        "#'Plan health'!A1"
    """
    quote = "''"
    return f"#'{sheet.replace(chr(39), quote)}'!{cell}"


def shown(formula: str, look_up: Lookup) -> str | None:
    """What such a formula shows; None if it is none of them.

    Example:
        >>> shown(shows("PageTexts", "Text", 2, "nothing"), lambda table, column, row: f"{table} {column} {row}")
        'PageTexts Text 2'
        >>> shown(shows("PageTexts", "Text", 2, 'say "no"'), lambda table, column, row: "")
        'say "no"'
        >>> shown(leads("PageTexts", 3, ("Plan health", "Plan health →")), lambda table, column, row: "")
        'Plan health →'
        >>> shown(follows("Quotas", 1), lambda table, column, row: " · of before")
        'Quotas · of before'
    """
    found = _SHOWN.findall(formula)
    if not found:
        return None
    table, column, row = found[-1]
    text = look_up(table, column, int(row))
    if text is None:
        return None
    before = _BEFORE.match(formula)
    if before is not None:
        return _plain(before[1]) + text
    if text:
        return text
    other = _FALLBACK.search(formula)
    return _plain(other[2] or other[1]) if other is not None else ""


def _plain(text: str) -> str:
    """A text of a formula."""
    pieces = re.findall(_PIECE, text)
    return "".join(piece[1:-1].replace('""', '"') for piece in pieces)
