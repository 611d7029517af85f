"""The tables of inputs with accepted requests in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from revops_xl.errors import PlanError, Problem
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.commits import commits
from revops_xl.tables.packets.decisions import adjustment_edits, commit_edits, moves, override_edits
from revops_xl.tables.packets.returns import COMMIT, Request
from revops_xl.tables.quotas import adjustments, overrides
from revops_xl.tables.schema.declare import Table
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.tables.schema.result import ResultTable
from revops_xl.tables.schema.table_edit import Edit, as_written, edited


def not_fitting(error: PlanError, applied: Sequence[Request], raw: RawTable | None) -> list[Problem]:
    """Why what was accepted does not fit, at the cells where it was accepted."""
    keys = [str(key) for key in raw.column("Request")] if raw is not None else []
    cells = [raw.cell(keys.index(each.key), "Decision") for each in applied if raw is not None and each.key in keys]
    sheet = raw.sheet if raw is not None else "Requests"
    return [
        Problem(
            sheet,
            ", ".join(cells),
            f"what was accepted does not fit: {problem.message}",
            "Reject some of it, or change the plan.",
        )
        for problem in error.problems
    ]


def with_decisions(book: RawBook, plan: QuotaPlan, applied: Sequence[Request]) -> tuple[RawBook, list[ResultTable]]:
    """The plan with accepted requests in its inputs, and the tables of inputs as they are written."""
    commit = [each for each in applied if each.kind == COMMIT]
    numbers = [each for each in applied if each.kind != COMMIT]
    moved = moves(plan, numbers)
    fixed = [each for each in numbers if each.key not in {request.key for _, request in moved}]
    edits: dict[str, list[Edit]] = {}
    if moved:
        edits[adjustments.TABLE.name] = adjustment_edits(_raw(book, adjustments.TABLE), plan, moved)
    if fixed:
        edits[overrides.TABLE.name] = override_edits(_raw(book, overrides.TABLE), plan, fixed)
    if commit:
        edits[commits.COMMITS.name] = commit_edits(_raw(book, commits.COMMITS), plan.inputs.tree, commit)
    declared = {table.name: table for table in (adjustments.TABLE, overrides.TABLE, commits.COMMITS)}
    written = [as_written(_raw(book, declared[name]), declared[name], made) for name, made in edits.items()]
    return _edited(book, edits), written


def _raw(book: RawBook, declared: Table) -> RawTable:
    raw = book.tables.get(declared.name)
    if raw is None:
        message = f"the workbook has no table {declared.name} for what was accepted"
        raise PlanError([Problem(book.name, "", message, "Start from `revops-xl new`, and copy your rows in.")])
    return raw


def _edited(book: RawBook, edits: Mapping[str, Sequence[Edit]]) -> RawBook:
    return replace(
        book, tables={**book.tables, **{name: edited(book.tables[name], made) for name, made in edits.items()}}
    )
