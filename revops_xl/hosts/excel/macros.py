"""The ribbon's buttons: the same flow as on the command line, over the workbook that is open in Excel."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import xlwings as xw

from revops_xl import acceptance, flow
from revops_xl.engine.weights import suggested_weights
from revops_xl.errors import PlanError, Problem
from revops_xl.evaluation import evaluate, remarks
from revops_xl.explanation import explanation
from revops_xl.functions.registry import FUNCTIONS
from revops_xl.hosts.excel.book import ExcelRefusedError, OpenBook
from revops_xl.hosts.excel.install import versions
from revops_xl.hosts.excel.texts import as_written
from revops_xl.outputs import LogEntry, user, with_log
from revops_xl.tables import checks
from revops_xl.tables.plan import INPUT_TABLES
from revops_xl.tables.result import ResultTable
from revops_xl.version import __version__
from revops_xl.workbook.templates import TEMPLATE, new_plan

TITLE = "RevOps"
#: Problems and checks named in a message; all stand on the sheet Checks.
SHOWN = 8
_STAGES = {"reading": "reading the tables", "checking": "checking the inputs", "computing": "computing", "writing": "writing the results"}  # fmt: skip
_INPUTS = [table.name for table in INPUT_TABLES]


def press(button: str) -> str:
    """What a button does; whatever goes wrong is said, and the workbook is as it was.

    Args:
        button: Its id in the ribbon.

    Returns:
        "info" or "critical", a bar, and what is to be said once Excel is free again; "" for nothing.
    """
    book = _active_book()
    try:
        act, needs_book = BUTTONS[button]
        if needs_book and (book is None or book.name.lower().endswith(".xlam")):
            return "critical|Open a plan workbook first, or press New plan."
        return act(book)
    except PlanError as error:
        return f"critical|{_listed([str(problem) for problem in error.problems])}"
    except Exception as error:  # noqa: BLE001  (the last line of defence: Excel would show a traceback)
        with tempfile.NamedTemporaryFile("w", prefix="revops-xl-", suffix=".log", delete=False, encoding="utf-8") as log:  # fmt: skip
            traceback.print_exc(file=log)
        told = f"Unexpected error: {type(error).__name__}: {error}"
        return f"critical|{told}\n\nThis is a bug in revops-xl. Please report it with the file {log.name}"


def press_and_say(button: str) -> None:
    """The same where Excel does not wait for an answer: on a Mac."""
    mode, _, text = press(button).partition("|")
    app = xw.apps.active
    if text and app is not None:
        app.alert(text, title=TITLE, mode=mode)


def _active_book() -> xw.Book | None:
    """The workbook in front of the user."""
    if sys.platform == "win32":
        with contextlib.suppress(Exception):  # the add-in names it; without one there is none
            return xw.Book.caller()
    try:
        return xw.books.active if xw.apps.active is not None else None
    except Exception:  # noqa: BLE001  (no workbook is open: each platform says so in its own way)
        return None


def _said(text: str, *, bad: bool = False) -> str:
    return f"{'critical' if bad else 'info'}|{text}"


def _listed(lines: list[str]) -> str:
    more = [f"… and {len(lines) - SHOWN} more on the sheet Checks"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:SHOWN], *more])


@contextmanager
def _quiet(book: xw.Book) -> Iterator[Callable[[str], None]]:
    """Calculation, screen, events and selection as they are now, afterwards; progress in the status bar meanwhile."""
    app = book.app
    before = app.calculation, app.screen_updating, app.enable_events
    sheet, selected = book.sheets.active, _selection(book)
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


def _selection(book: xw.Book) -> xw.Range | None:
    """The selected cells; None where something else is selected, or nothing."""
    with contextlib.suppress(Exception):  # each kind of nothing has an error of its own
        return book.app.selection
    return None


def _refused(book: OpenBook, error: PlanError) -> str:
    """All problems on the sheet Checks, the first one selected, and a message."""
    rows = [("Input refused", "Failed", None, None, p.where, f"{p.message}. {p.fix}".strip()) for p in error.problems]
    with (
        contextlib.suppress(Exception),
        _quiet(book.book),
    ):  # without the table, or on a protected sheet, the message has to do
        book.write([ResultTable.of_rows(checks.TABLE, rows)])
    with contextlib.suppress(Exception):  # a protected or hidden sheet cannot be gone to
        book.select(next((p for p in error.problems if p.cell), error.problems[0]))
    count = len(error.problems)
    head = f"{count} problem{'s' * (count != 1)} in the inputs; the results are as they were. All stand on the sheet Checks.\n"  # fmt: skip
    return _said(head + "\n" + _listed([str(problem) for problem in error.problems]), bad=True)


def check(book: xw.Book) -> str:
    """List the problems of the inputs; the results stay."""
    opened = OpenBook(book)
    try:
        with _quiet(book) as progress:
            progress("reading")
            made = flow.produce(opened.read([*_INPUTS, *flow.also_read(())]), progress=progress)
    except ExcelRefusedError:
        raise
    except PlanError as error:
        return _refused(opened, error)
    found = remarks(next(table for table in made.tables if table.table is checks.TABLE))
    lines = [f"{each['status']}: {each['check']} ({each['where']})" for each in found]
    return _said("Nothing is refused." + ("\n\n" + _listed(lines) if lines else " No check deserves a look."))


def run(book: xw.Book, only: tuple[str, ...] = (), go_to: str = "") -> str:
    """Compute everything the inputs allow, or one part, and write it."""
    opened = OpenBook(book)
    try:
        with _quiet(book) as progress:
            progress("reading")
            raw = opened.read([*_INPUTS, flow.LOG, *flow.also_read(only)])
            made = flow.produce(raw, only=only, progress=progress)
            what = " ".join(["ribbon", *(f"--only {part}" for part in only)])
            tables, failed = with_log(made.outcome, made.tables, raw.tables.get(flow.LOG), LogEntry(None, None, what))
            progress("writing")
            opened.write(tables)
    except ExcelRefusedError:
        raise
    except PlanError as error:
        return _refused(opened, error)
    if go_to:
        opened.go_to(go_to)
    found = remarks(next(table for table in tables if table.table is checks.TABLE))
    lines = [f"{each['status']}: {each['check']} ({each['where']})" for each in found]
    result = made.outcome.quotas
    head = f"{len(result.base):,} quotas; target {result.inputs.target:,.2f} handed down."
    return _said("\n\n".join([head, *([_listed(lines)] if lines else ["All checks are fine."])]), bad=bool(failed))


def accept(book: xw.Book, *, withdraw: bool = False) -> str:
    """Put the proposed redistribution of all teams in force, or take back what is."""
    opened = OpenBook(book)
    try:
        with _quiet(book) as progress:
            progress("reading")
            raw = opened.read([*_INPUTS, flow.LOG])
            moment, who = dt.datetime.now(dt.UTC), user()
            taken = acceptance.take_over(raw, withdraw=withdraw, moment=moment, who=who, progress=progress)
            entry = LogEntry(moment, who, f"ribbon {acceptance.command((), withdraw=withdraw)}")
            tables, failed = with_log(taken.outcome, taken.tables, raw.tables.get(flow.LOG), entry)
            progress("writing")
            opened.write(tables)
    except ExcelRefusedError:
        raise
    except PlanError as error:
        return _refused(opened, error)
    opened.go_to("AcceptedAdjustments")
    counts = {"new": taken.added, "changed": taken.changed, "taken back": taken.withdrawn}
    said = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "nothing to change"
    return _said(f"Adjustments: {said}; {len(taken.outcome.plan.inputs.adjustments):,} in force.", bad=bool(failed))


def withdraw(book: xw.Book) -> str:
    """Take accepted adjustments back."""
    return accept(book, withdraw=True)


def explain(book: xw.Book) -> str:
    """Why the selected node or deal has its number, in a new workbook."""
    selected = _selection(book)
    value = selected.sheet.range((selected.row, selected.column)).value if selected is not None else None
    name = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "").strip()
    if not name:
        raise PlanError([Problem("selection", "", "the selected cell is blank", "Select a cell with the name of a node, or the ID of a deal.")])  # fmt: skip
    opened = OpenBook(book)
    with _quiet(book) as progress:
        progress("reading")
        raw = opened.read(_INPUTS)
        progress("computing")
        found = explanation(evaluate(flow.parsed(raw)), name)
    rows: list[tuple[object, ...]] = [("Explanation of", found.node), ("Level", found.level), ("Quota", found.quota), ("Base quota", found.base), ()]  # fmt: skip
    for step in found.steps:
        rows += [(step.title,), *(("", line) for line in step.lines), ()]
    return _show(book, "Explanation", rows)


def suggest_weights(book: xw.Book) -> str:
    """Which weights the data suggest, in a new workbook."""
    opened = OpenBook(book)
    with _quiet(book) as progress:
        progress("reading")
        plan = flow.parsed(opened.read(_INPUTS))
    rows: list[tuple[object, ...]] = [("Metric", "Direction", "Declared weight", "Suggested weight", "Correlation", "Why")]  # fmt: skip
    rows += [
        (w.metric, w.direction, w.declared, w.suggested, w.correlation, w.reason)
        for w in suggested_weights(plan.inputs)
    ]
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
    return _said(f"A fresh plan: {path}\n\nFill in Settings, Hierarchy and Levels, then press Run all.")


def show_help(book: xw.Book | None) -> str:
    """The worksheet functions, in a new workbook."""
    rows: list[tuple[object, ...]] = [("Function", "Arguments", "Gives", "What it is for")]
    rows += [(f.name, f.signature, f.gives, f.help) for f in FUNCTIONS]
    rows += [(), ("Argument", "of", "Takes", "What it means")]
    rows += [(p.name, f.name, str(p.takes), p.help) for f in FUNCTIONS for p in f.parameters]
    return _show(book, "RevOps help", rows)


def about(_: xw.Book | None) -> str:
    """Version, Python, and whether add-in and package belong together."""
    return _said(
        "\n".join([f"revops-xl {__version__}", f"Python {sys.version.split()[0]}: {sys.executable}", *versions()])
    )


def _show(book: xw.Book | None, title: str, rows: list[tuple[object, ...]]) -> str:
    """Rows in a new workbook, so that the user's stays as it is."""
    app = book.app if book is not None else xw.apps.active
    if app is None:
        return _said("Open any workbook first.", bad=True)
    shown = app.books.add()
    sheet = shown.sheets[0]
    sheet.name = title
    width = max(map(len, rows))
    cells = [tuple(as_written(cell) for cell in (*row, *[None] * (width - len(row)))) for row in rows]
    sheet.range((1, 1), (len(cells), width)).formula = cells
    sheet.autofit("columns")
    sheet.activate()
    return ""


def _step(part: str, table: str) -> Callable[[xw.Book], str]:
    return lambda book: run(book, (part,), table)


#: What each button does, and whether it needs a plan.
BUTTONS: dict[str, tuple[Callable[..., str], bool]] = {
    "rvxNewPlan": (fresh_plan, False),
    "rvxCheck": (check, True),
    "rvxRunAll": (run, True),
    "rvxCascade": (_step("quotas", "Quotas"), True),
    "rvxHedgeAudit": (_step("quotas", "HedgeAudit"), True),
    "rvxCommitReview": (_step("commits", "CommitReview"), True),
    "rvxPipeline": (_step("pipeline", "PipelineHealth"), True),
    "rvxRedistribute": (_step("pipeline", "QuotaAdjustments"), True),
    "rvxAccept": (accept, True),
    "rvxWithdraw": (withdraw, True),
    "rvxForecast": (_step("forecast", "Forecast"), True),
    "rvxPlanning": (_step("planning", "PlanHealth"), True),
    "rvxExplain": (explain, True),
    "rvxSuggestWeights": (suggest_weights, True),
    "rvxHelp": (show_help, False),
    "rvxAbout": (about, False),
}
