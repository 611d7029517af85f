"""The raw tables of a workbook with what it takes to type them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from revops_xl.errors import Problem
from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.tables.evidence.currencies import is_currency_of, is_named, named, names_a_currency
from revops_xl.tables.schema.declare import Kind, Table
from revops_xl.tables.schema.number_text import NumberLocale
from revops_xl.tables.schema.proper_rows import proper_rows
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.tables.schema.typed import TypedTable


@dataclass
class BookTables:
    """The raw tables with what it takes to type them.

    Attributes:
        book: The tables.
        locale: How numbers are written that are text.
        problems: What is wrong.
        notes: What is read otherwise than it is written, and what is left out.
        warnings: What may be meant otherwise.
        plan_month: Month in which the plan starts; None: not known.
        calendar: The firm's.
        convert: Puts amounts of other currencies into the plan's; None: there are no rates.
    """

    book: RawBook
    locale: NumberLocale
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    plan_month: int | None = None
    calendar: Calendar = CALENDAR_YEAR
    convert: Callable[[RawTable, Table], RawTable] | None = None

    def typed(self, table: Table) -> TypedTable | None:
        """A table that is there, has its columns and has rows; None otherwise."""
        raw = self.book.tables.get(table.name)
        if raw is None:
            return None
        raw = proper_rows(raw, table, self.locale, self.problems, self.notes, self.warnings)
        if self.convert is not None:
            raw = self.convert(raw, table)
        typed = TypedTable(raw, table, self.locale, self.problems, self.notes)
        typed.plan_month, typed.calendar = self.plan_month, self.calendar
        complete = typed.check_headers()
        if self.convert is None:
            _refuse_other_currencies(typed)
        if not complete:
            typed.check_types()  # what is there is checked, so that all problems show at once
        return typed if complete and len(raw) else None

    def check_types(self, table: Table) -> None:
        """Check the cells of a table that is there."""
        typed = self.typed(table)
        if typed is not None:
            typed.check_types()

    def needed(self, table: Table, sheet: str) -> TypedTable | None:
        """A table that a plan cannot do without; None, and a problem, when it is missing or has no rows."""
        typed = self.typed(table)
        raw = self.book.tables.get(table.name)
        if raw is None:
            message = f"the workbook has no table {table.name}"
            self.problems.append(Problem(sheet, "", message, "Start from `revops-xl new`, and copy your rows in."))
        elif not len(raw):
            self.problems.append(Problem(raw.sheet, raw.header_cell(), f"table {table.name} has no rows", table.help))
        return typed


def _refuse_other_currencies(typed: TypedTable) -> None:
    """Rows whose currency stands in a column of its own, and is not that of the plan."""
    money = any(column.kind is Kind.MONEY and typed.has(column.name) for column in typed.table.columns)
    plan = typed.locale.currency
    for header in typed.raw.headers:
        if header in typed.table.headers or not (money or typed.table.free_columns) or not names_a_currency(header):
            continue
        rows: dict[str, list[int]] = {}
        texts = [str(cell or "").strip() for cell in typed.cells(header)]
        if 2 * sum(map(is_named, texts)) <= sum(map(bool, texts)):
            continue  # a column of something else, whatever it is called
        for row, text in enumerate(texts):
            if text and not is_currency_of(text, plan):
                rows.setdefault(named(text), []).append(row)
        for code, those in rows.items():
            message = f"amounts of these rows are in {code}; the plan is in {plan}"
            fix = f"Enter {code} on the sheet Rates (revops-xl parts PLAN --add currencies): amounts of different currencies are never added. If they are in {plan} already, delete the column."
            typed.refuse(those, header, message, fix)
