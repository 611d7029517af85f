"""Buttons that show something in a workbook of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import xlwings as xw

from revops_xl.errors import PlanError, Problem
from revops_xl.functions.registry import FUNCTIONS
from revops_xl.hosts.excel.book import OpenBook
from revops_xl.hosts.excel.install import versions
from revops_xl.hosts.excel.quiet import quiet, said, selection
from revops_xl.hosts.excel.texts import as_written
from revops_xl.usecases import run as flow
from revops_xl.version import __version__
from revops_xl.workbook.building.templates import TEMPLATE, new_plan


def explain(book: xw.Book) -> str:
    """Why the selected node or deal has its number, in a new workbook."""
    selected = selection(book)
    value = selected.sheet.range((selected.row, selected.column)).value if selected is not None else None
    name = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "").strip()
    if not name:
        raise PlanError([Problem("selection", "", "the selected cell is blank", "Select a cell with the name of a node, or the ID of a deal.")])  # fmt: skip
    with quiet(book) as progress:
        found = flow.explain_of(OpenBook(book), name, progress)
    rows: list[tuple[object, ...]] = [("Explanation of", found.node), ("Level", found.level), ("Quota", found.quota), ("Base quota", found.base), ()]  # fmt: skip
    for step in found.steps:
        rows += [(step.title,), *(("", line) for line in step.lines), ()]
    return _show(book, "Explanation", rows)


def suggest_weights(book: xw.Book) -> str:
    """Which weights the data suggest, in a new workbook."""
    with quiet(book) as progress:
        progress("reading")
        suggested = flow.weights_of(OpenBook(book))
    rows: list[tuple[object, ...]] = [("Metric", "Direction", "Declared weight", "Suggested weight", "Correlation", "Why")]  # fmt: skip
    rows += [(w.metric, w.direction, w.declared, w.suggested, w.correlation, w.reason) for w in suggested]
    return _show(book, "Suggested weights", rows)


def fresh_plan(book: xw.Book | None) -> str:
    """Save a fresh plan in the documents folder and open it."""
    folder = Path(platformdirs.user_documents_dir())
    folder.mkdir(parents=True, exist_ok=True)
    stem, number = Path(TEMPLATE).stem, 1
    path = folder / TEMPLATE
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.xlsx"
    new_plan(path)
    app = book.app if book is not None else xw.apps.active
    if app is not None:
        app.books.open(str(path))
    else:
        xw.Book(str(path))
    return said(f"A fresh plan: {path}\n\nFill in Settings, Hierarchy and Levels, then press Run all.")


def show_help(book: xw.Book | None) -> str:
    """The worksheet functions, in a new workbook."""
    rows: list[tuple[object, ...]] = [("Function", "Arguments", "Gives", "What it is for")]
    rows += [(f.name, f.signature, f.gives, f.help) for f in FUNCTIONS]
    rows += [(), ("Argument", "of", "Takes", "What it means")]
    rows += [(p.name, f.name, str(p.takes), p.help) for f in FUNCTIONS for p in f.parameters]
    return _show(book, "RevOps help", rows)


def about(_: xw.Book | None) -> str:
    """Version, Python, and whether add-in and package belong together."""
    return said(
        "\n".join([f"revops-xl {__version__}", f"Python {sys.version.split()[0]}: {sys.executable}", *versions()])
    )


def _show(book: xw.Book | None, title: str, rows: list[tuple[object, ...]]) -> str:
    """Rows in a new workbook, so that the user's stays as it is."""
    app = book.app if book is not None else xw.apps.active
    if app is None:
        return said("Open any workbook first.", bad=True)
    shown = app.books.add()
    sheet = shown.sheets[0]
    sheet.name = title
    width = max(map(len, rows))
    cells = [tuple(as_written(cell) for cell in (*row, *[None] * (width - len(row)))) for row in rows]
    sheet.range((1, 1), (len(cells), width)).formula = cells
    sheet.autofit("columns")
    sheet.activate()
    return ""
