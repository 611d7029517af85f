"""The ribbon's buttons: which does what, and what is said when one fails."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import traceback
from collections.abc import Callable

import xlwings as xw

from revops_xl.errors import PlanError
from revops_xl.hosts.excel import actions, importing, parts_menu, shown, travel
from revops_xl.hosts.excel.quiet import listed
from revops_xl.model.parts import MACHINERY, Profile

TITLE = "RevOps"


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
        return f"critical|{listed([str(problem) for problem in error.problems])}"
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


#: What each button does, and whether it needs a plan.
BUTTONS: dict[str, tuple[Callable[..., str], bool]] = {
    "rvxNewPlan": (shown.fresh_plan, False),
    "rvxCheck": (actions.check, True),
    "rvxRunAll": (actions.run, True),
    "rvxPartWeekly": (parts_menu.switch(Profile.WEEKLY), True),
    "rvxPartForecast": (parts_menu.switch(Profile.FORECAST), True),
    "rvxPartPlanning": (parts_menu.switch(Profile.PLANNING), True),
    "rvxPartPackets": (parts_menu.switch(Profile.PACKETS), True),
    "rvxPartCurrencies": (parts_menu.switch(Profile.CURRENCIES), True),
    "rvxPartMachinery": (parts_menu.switch(MACHINERY), True),
    "rvxCascade": (actions.step("quotas", "Quotas"), True),
    "rvxHedgeAudit": (actions.step("quotas", "HedgeAudit"), True),
    "rvxCommitReview": (actions.step("commits", "CommitReview"), True),
    "rvxPipeline": (actions.step("pipeline", "PipelineHealth"), True),
    "rvxRedistribute": (actions.step("pipeline", "QuotaAdjustments"), True),
    "rvxAccept": (actions.accept, True),
    "rvxWithdraw": (actions.withdraw, True),
    "rvxForecast": (actions.step("forecast", "Forecast"), True),
    "rvxPlanning": (actions.step("planning", "PlanHealth"), True),
    "rvxImport": (importing.import_files, True),
    "rvxPackets": (travel.packets, True),
    "rvxCollect": (travel.collect, True),
    "rvxFreeze": (travel.freeze, True),
    "rvxExplain": (shown.explain, True),
    "rvxSuggestWeights": (shown.suggest_weights, True),
    "rvxHelp": (shown.show_help, False),
    "rvxAbout": (shown.about, False),
}
