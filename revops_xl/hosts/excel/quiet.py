"""What the buttons have in common: what they say, and Excel left as it was."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import xlwings as xw

from revops_xl.errors import PlanError
from revops_xl.hosts.excel.book import ExcelRefusedError, OpenBook
from revops_xl.tables.book import checks
from revops_xl.tables.book.plan import INPUT_TABLES
from revops_xl.tables.schema.check import FAILED, Check
from revops_xl.tables.schema.result import ResultTable

#: Problems and checks named in a message; all stand on the sheet Checks.
SHOWN = 8
INPUTS = [table.name for table in INPUT_TABLES]
_STAGES = {"reading": "reading the tables", "checking": "checking the inputs", "bookings": "reading past bookings", "quotas": "handing the target down", "deals": "valuing the deals", "commits": "reviewing commits and pipeline", "outlook": "judging what can be reached", "results": "laying out the results", "writing": "writing the results"}  # fmt: skip


def said(text: str, *, bad: bool = False) -> str:
    """What a button answers: an icon, a bar, a text."""
    return f"{'critical' if bad else 'info'}|{text}"


def listed(lines: list[str]) -> str:
    """The first lines, and how many more there are."""
    more = [f"… and {len(lines) - SHOWN} more on the sheet Checks"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:SHOWN], *more])


@contextmanager
def quiet(book: xw.Book) -> Iterator[Callable[[str], None]]:
    """Calculation, screen, events and selection as they are now, afterwards; progress in the status bar meanwhile."""
    app = book.app
    before = app.calculation, app.screen_updating, app.enable_events
    sheet, selected = book.sheets.active, selection(book)
    if app.calculation == "manual":
        app.calculate()  # what is shown may be older than what it is made from

    def progress(stage: str) -> None:
        app.status_bar = f"RevOps: {_STAGES.get(stage, stage)} …"

    try:
        app.screen_updating = False
        app.enable_events = False
        app.calculation = "manual"
        yield progress
    finally:
        for name, value in zip(("calculation", "screen_updating", "enable_events"), before, strict=True):
            with contextlib.suppress(Exception):  # each is put back, whatever becomes of the others
                setattr(app, name, value)
        with contextlib.suppress(Exception):
            app.status_bar = False
        with contextlib.suppress(Exception):
            sheet.activate()
            if selected is not None:
                selected.select()


def selection(book: xw.Book) -> xw.Range | None:
    """The selected cells; None where something else is selected, or nothing."""
    with contextlib.suppress(Exception):  # each kind of nothing has an error of its own
        return book.app.selection
    return None


def refused(book: OpenBook, error: PlanError) -> str:
    """All problems on the sheet Checks, the first one selected, and a message."""
    rows = [
        Check("Input refused", FAILED, where=p.where, advice=f"{p.message}. {p.fix}".strip()).row
        for p in error.problems
    ]
    with (
        contextlib.suppress(Exception),
        quiet(book.book),
    ):  # without the table, or on a protected sheet, the message has to do
        book.write([ResultTable.of_rows(checks.TABLE, rows)])
    with contextlib.suppress(Exception):  # a protected or hidden sheet cannot be gone to
        book.select(next((p for p in error.problems if p.cell), error.problems[0]))
    count = len(error.problems)
    head = f"{count} problem{'s' * (count != 1)} in the inputs; the results are as they were. All stand on the sheet Checks.\n"  # fmt: skip
    return said(head + "\n" + listed([str(problem) for problem in error.problems]), bad=True)


Button = TypeVar("Button", bound=Callable[..., str])


def problems_shown(button: Button) -> Button:
    """A button over a plan whose refusal goes to the sheet Checks; what Excel itself refuses is only said."""

    @wraps(button)
    def pressed(book: xw.Book, *args: Any, **options: Any) -> str:
        try:
            return button(book, *args, **options)
        except ExcelRefusedError:
            raise
        except PlanError as error:
            return refused(OpenBook(book), error)

    return pressed  # type: ignore[return-value]
