"""Rows as CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

#: Control characters end a file, or a line, for some readers.
_UNREADABLE = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\r\n"}
#: A text that starts so would be run as a formula by a spreadsheet that opens the CSV.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def guarded(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front.

    Example:
        >>> guarded("=1+1"), guarded("EMEA"), guarded(-5)
        ("'=1+1", 'EMEA', -5)
    """
    if not isinstance(value, str):
        return value
    shown = value.translate(_UNREADABLE)
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown


def unguarded(text: str) -> str:
    """A text as it was before `guarded`.

    Example:
        >>> unguarded("'=1+1"), unguarded("'90s")
        ('=1+1', "'90s")
    """
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA_STARTS) else text


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows of cells as a CSV file in UTF-8 with a mark that Excel knows."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(
        ["" if cell is None else str(cell).upper() if isinstance(cell, bool) else guarded(cell) for cell in row]
        for row in rows
    )
    return text.getvalue().encode("utf-8-sig")
