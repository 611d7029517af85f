"""Buttons that compute the plan and write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import xlwings as xw

from revops_xl.hosts.excel.book import OpenBook
from revops_xl.hosts.excel.quiet import INPUTS, listed, problems_shown, quiet, said
from revops_xl.tables.book import checks
from revops_xl.usecases import accept as acceptance
from revops_xl.usecases import run as flow
from revops_xl.usecases.evaluate import remarks
from revops_xl.usecases.outputs import LogEntry, user, with_log


@problems_shown
def check(book: xw.Book) -> str:
    """List the problems of the inputs; the results stay."""
    opened = OpenBook(book)
    with quiet(book) as progress:
        progress("reading")
        made = flow.produce(opened.read([*INPUTS, *flow.also_read(())]), progress=progress)
    found = remarks(next(table for table in made.tables if table.table is checks.TABLE))
    lines = [f"{each['status']}: {each['check']} ({each['where']})" for each in found]
    return said("Nothing is refused." + ("\n\n" + listed(lines) if lines else " No check deserves a look."))


@problems_shown
def run(book: xw.Book, only: tuple[str, ...] = (), go_to: str = "") -> str:
    """Compute everything the inputs allow, or one part, and write it."""
    opened = OpenBook(book)
    with quiet(book) as progress:
        progress("reading")
        raw = opened.read([*INPUTS, flow.LOG, *flow.also_read(only)])
        made = flow.produce(raw, only=only, progress=progress)
        what = " ".join(["ribbon", *(f"--only {part}" for part in only)])
        tables, failed = with_log(made.outcome, made.tables, raw.tables.get(flow.LOG), LogEntry(None, None, what))
        progress("writing")
        opened.write(tables)
    if go_to:
        opened.go_to(go_to)
    found = remarks(next(table for table in tables if table.table is checks.TABLE))
    lines = [f"{each['status']}: {each['check']} ({each['where']})" for each in found]
    result = made.outcome.quotas
    head = f"{len(result.base):,} quotas; target {result.inputs.target:,.2f} handed down."
    return said("\n\n".join([head, *([listed(lines)] if lines else ["All checks are fine."])]), bad=bool(failed))


@problems_shown
def accept(book: xw.Book, *, withdraw: bool = False) -> str:
    """Put the proposed redistribution of all teams in force, or take back what is."""
    opened = OpenBook(book)
    with quiet(book) as progress:
        progress("reading")
        raw = opened.read([*INPUTS, flow.LOG])
        moment, who = dt.datetime.now(dt.UTC), user()
        taken = acceptance.take_over(raw, withdraw=withdraw, moment=moment, who=who, progress=progress)
        entry = LogEntry(moment, who, f"ribbon {acceptance.command((), withdraw=withdraw)}")
        tables, failed = with_log(taken.outcome, taken.tables, raw.tables.get(flow.LOG), entry)
        progress("writing")
        opened.write(tables)
    opened.go_to("AcceptedAdjustments")
    counts = {"new": taken.added, "changed": taken.changed, "taken back": taken.withdrawn}
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "nothing to change"
    return said(f"Adjustments: {told}; {len(taken.outcome.plan.inputs.adjustments):,} in force.", bad=bool(failed))


def withdraw(book: xw.Book) -> str:
    """Take accepted adjustments back."""
    return accept(book, withdraw=True)


def step(part: str, table: str) -> Callable[[xw.Book], str]:
    """A button that writes one part of the plan and goes to a table of it."""
    return lambda book: run(book, (part,), table)
