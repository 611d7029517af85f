"""A copy of a workbook that is ready to be sent."""

from __future__ import annotations

from pathlib import Path

from revops_xl.functions.native import native, uses_ours
from revops_xl.workbook.travelling import freeze as package
from revops_xl.workbook.travelling.freeze_cells import Change


def freeze(book: str | Path, out_path: str | Path, *, show_hidden: bool = False) -> list[Change]:
    """Save a copy without the add-in's functions, links, paths, names of people and hidden sheets.

    A formula with a REVOPS function becomes a native formula where one says the same, else the value that it shows.

    Args:
        book: The workbook; it stays as it is.
        out_path: Where the copy goes.
        show_hidden: Show hidden sheets instead of taking them out.

    Returns:
        Everything that was changed, and what deserves a look before it is sent.

    Raises:
        PlanError: The workbook is refused, a value is not known, or the copy cannot be saved; nothing was written.
    """
    return package.freeze(Path(book), Path(out_path), native, uses_ours, show_hidden=show_hidden)
