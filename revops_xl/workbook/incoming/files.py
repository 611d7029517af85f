"""Which reader a file needs: its first bytes say it, not its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.imports.grid import Grid

_TEXT_NAMES = {".csv", ".tsv", ".txt", ".tab", ".psv"}


def grids_of(path: Path, sheet: str = "") -> Sequence[Grid]:
    """The sheets of a file.

    Args:
        path: CSV, TSV or other text with separators, .xlsx, or Parquet.
        sheet: Only this sheet of a workbook; "": all.

    Raises:
        PlanError: There is none such, or it cannot be read.
    """
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "there is no such file"
        raise PlanError([Problem(path.name or str(path), "", what, f"Looked for {path.absolute()}.")])
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise PlanError([Problem(path.name, "", "the file is empty")])
    if start.startswith(b"PAR1"):
        from revops_xl.workbook.incoming.parquet_file import parquet_grid  # noqa: PLC0415

        return [parquet_grid(path)]
    if start.startswith((b"PK", b"\xd0\xcf\x11\xe0")) or path.suffix.lower() not in _TEXT_NAMES:
        from revops_xl.workbook.incoming.sheets import sheet_grids  # noqa: PLC0415

        found = sheet_grids(path, sheet)
        if not found:
            fix = f'It has no sheet "{sheet}".' if sheet else ""
            raise PlanError([Problem(path.name, "", "nothing stands in the workbook", fix)])
        return found
    if start.startswith((b"%PDF", b"{\\rtf", b"<")):
        message = "is called a text file with columns, but is a PDF, a web page or another kind of document"
        raise PlanError([Problem(path.name, "", message, "Export it again as CSV or .xlsx.")])
    from revops_xl.workbook.incoming.text_file import text_grid  # noqa: PLC0415

    return [text_grid(path)]
