"""Buttons that compute the plan and write it: the use cases of the command line, over the workbook that is open."""

from __future__ import annotations

from collections.abc import Callable

import xlwings as xw

from revops_xl.hosts.excel.book import OpenBook
from revops_xl.hosts.excel.quiet import listed, problems_shown, quiet, said
from revops_xl.tables.book import checks
from revops_xl.usecases import run as flow
from revops_xl.usecases.accept import accept_in
from revops_xl.usecases.evaluate import remarks
from revops_xl.usecases.outputs import LogEntry

BUTTON = LogEntry(None, None, "ribbon")


@problems_shown
def check(book: xw.Book) -> str:
    """List the problems of the inputs; the results stay."""
    with quiet(book) as progress:
        deserving = flow.check_of(OpenBook(book), progress)
    lines = [f"{each['status']}: {each['check']} ({each['where']})" for each in deserving]
    return said("Nothing is refused." + ("\n\n" + listed(lines) if lines else " No check deserves a look."))


@problems_shown
def run(book: xw.Book, only: tuple[str, ...] = (), go_to: str = "") -> str:
    """Compute everything the inputs allow, or one part, and write it."""
    opened = OpenBook(book)
    with quiet(book) as progress:
        results = flow.run_of(opened, BUTTON, only=only, progress=progress)
    if go_to:
        opened.go_to(go_to)
    deserving = remarks(results.tables[checks.TABLE.name])
    lines = [f"{each['status']}: {each['check']} ({each['where']})" for each in deserving]
    head = f"{len(results.plan.base):,} quotas; target {results.plan.inputs.target:,.2f} handed down."
    parts = [head, *([listed(lines)] if lines else ["All checks are fine."])]
    return said("\n\n".join(parts), bad=bool(results.failed))


@problems_shown
def accept(book: xw.Book, *, withdraw: bool = False) -> str:
    """Put the proposed redistribution of all teams in force, or take back what is."""
    opened = OpenBook(book)
    with quiet(book) as progress:
        accepted = accept_in(opened, BUTTON, withdraw=withdraw, progress=progress)
    opened.go_to("AcceptedAdjustments")
    counts = {"new": accepted.added, "changed": accepted.changed, "taken back": accepted.withdrawn}
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "nothing to change"
    return said(f"Adjustments: {told}; {accepted.in_force:,} in force.", bad=bool(accepted.failed))


def withdraw(book: xw.Book) -> str:
    """Take accepted adjustments back."""
    return accept(book, withdraw=True)


def step(part: str, table: str) -> Callable[[xw.Book], str]:
    """A button that writes one part of the plan and goes to a table of it."""
    return lambda book: run(book, (part,), table)
