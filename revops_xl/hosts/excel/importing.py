"""The button Import: files of other programs into the plan that is open, a proposal first."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import xlwings as xw

from revops_xl.errors import PlanError, Problem
from revops_xl.hosts.excel.book import OpenBook
from revops_xl.hosts.excel.quiet import listed, said
from revops_xl.tables.imports.memory import TABLE
from revops_xl.usecases import import_files as use

#: Folder in the user's documents where files are looked for when they cannot be picked.
FILES = "RevOps imports"
_KINDS = "Exports (*.csv;*.tsv;*.txt;*.xlsx;*.parquet),*.csv;*.tsv;*.txt;*.xlsx;*.parquet"


def import_files(book: xw.Book) -> str:
    """Propose what becomes of the files that are picked; pressed again, do it.

    The plan is saved and closed meanwhile, because tables get columns that an open workbook would not take.
    """
    path = Path(book.fullname)
    if not path.is_file():
        fix = "Save it in a folder of this computer first, as .xlsx."
        raise PlanError([Problem(book.name, "", "the workbook is not a file of this computer", fix)])
    book.save()
    files = use.proposed(path) or _picked(book)
    if not files:
        return said("Nothing was picked.")
    app = book.app
    book.close()
    try:
        made = use.pressed(path, files)
    finally:
        again = app.books.open(str(path))
    opened = OpenBook(again)
    for each in made.imports:
        if made.done:
            opened.go_to(each.proposal.table)
    lines = [
        line
        for each in made.imports
        for line in (f"{each.proposal.source} → {each.proposal.table}", *each.changes.lines, "")
    ]
    if made.done:
        return said(f"Done; one step back: revops-xl import {path.name} --undo\n\n{listed(lines)}")
    sheet = opened.places[TABLE.name].sheet
    sheet.visible = True
    opened.go_to(TABLE.name)
    return said(
        f"A proposal, on the sheet {sheet.name}: correct the column Column there. Press Import again to do it.\n\n{listed(lines)}"
    )


def _picked(book: xw.Book) -> list[Path]:
    """Files that the user picks; elsewhere than on Windows those in a folder of the documents."""
    if sys.platform == "win32":
        found = book.app.api.GetOpenFilename(_KINDS, 1, "Files to bring in", None, True)
        return [Path(path) for path in found] if isinstance(found, tuple | list) else []
    folder = Path(platformdirs.user_documents_dir()) / FILES
    return sorted(each for each in folder.iterdir() if each.is_file()) if folder.is_dir() else []
