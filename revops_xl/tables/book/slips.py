"""Slips that are seen only when a table is held against the settings, or against what stands around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from revops_xl.errors import Problem
from revops_xl.model.inputs import NewHires
from revops_xl.model.settings import PlanSettings
from revops_xl.tables.book import setting_list
from revops_xl.tables.quotas import hierarchy
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import RawBook


def refuse_rows_below(book: RawBook, declared: Sequence[Table], problems: list[Problem]) -> None:
    """A row typed below a table that did not grow would be left out: say so."""
    for table in declared:
        raw = book.tables.get(table.name)
        if raw is not None and raw.below:
            message = f"this row stands right below table {table.name} and is not part of it, so it would not be read"
            fix = "Drag the corner of the table over it, or leave a blank row in between."
            problems.append(Problem(raw.sheet, raw.below, message, fix))


def columns_beside(book: RawBook, declared: Sequence[Table]) -> list[Problem]:
    """A column typed beside a table that did not grow: it may be a note, so it is listed."""
    return [
        Problem(
            raw.sheet,
            raw.beside,
            f"this column stands right beside table {table.name} and is not part of it",
            "Drag the corner of the table over it if it should be.",
        )
        for table in declared
        if (raw := book.tables.get(table.name)) is not None and raw.beside
    ]


def no_cohort_column(book: RawBook, wanted: str) -> Problem:
    """The cohort column of the settings is none of Deals."""
    raw = book.tables["Settings"]
    row = [str(text).strip().lower() for text in raw.column("Setting")].index("cohort column")
    message = f'Cohort column: Deals has no column "{wanted}"'
    return Problem(raw.sheet, raw.cell(row, "Value"), message, "Correct it, or clear the setting.")


def refuse_unmatched(patterns: Sequence[str], book: RawBook, problems: list[Problem]) -> None:
    """A pipeline column that is not there is a slip."""
    raw = book.tables.get("Settings")
    if raw is None:
        return
    for pattern in patterns:
        row = [str(text).strip().lower() for text in raw.column("Setting")].index("pipeline columns")
        message = f'Pipeline columns: no column of Hierarchy matches "{pattern}"'
        problems.append(Problem(raw.sheet, raw.cell(row, "Value"), message, "Correct it, or clear the setting."))


def check_new_hires(
    plan_settings: PlanSettings, data: hierarchy.Hierarchy, book: RawBook, problems: list[Problem]
) -> None:
    """Flag and rule answer one question, so only one of them may be given."""
    raw = book.tables["Settings"]
    if plan_settings.new_hires is NewHires.FLAG and not data.has_flags:
        names = [str(text).strip().lower() for text in raw.column("Setting")]
        cell = raw.cell(names.index("new hires"), "Value")
        problems.append(
            Problem(
                raw.sheet,
                cell,
                'New hires is "flag", but Hierarchy has no column "New hire"',
                "Add it, or choose a rule.",
            )
        )
    flagged = np.flatnonzero(data.new_hire).tolist()
    if plan_settings.new_hires is not NewHires.FLAG and flagged:
        rule = next(text for text, rule in setting_list.NEW_HIRE_RULES.items() if rule is plan_settings.new_hires)
        data.typed.problem(
            flagged[0],
            "New hire",
            f'{len(flagged)} ICs are flagged as new, but the setting New hires is "{rule}"',
            'Set it to "flag", or clear the flags: they answer the same question.',
        )
