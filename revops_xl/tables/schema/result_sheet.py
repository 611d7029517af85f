"""A result sheet, declared once: what is on it, which part of a run writes it, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from revops_xl.model.outcome import Outcome
from revops_xl.model.parts import Part
from revops_xl.tables.schema.declare import Sheet
from revops_xl.tables.schema.look import Look
from revops_xl.tables.schema.result import ResultTable


def _nothing(_: Outcome) -> Sequence[ResultTable]:
    return ()


@dataclass(frozen=True)
class ResultSheet(Sheet):
    """A sheet that a run fills.

    The template, the writer, the export, `--only`, the schema and the help are made from these declarations, which the
    catalogue lists. Several may name one sheet: the tables behind a chart stand beside those that it shows.

    Attributes:
        part: Which part writes it; None: other commands do, or every run after all parts.
        render: Its tables for an outcome, in the order of `tables`; without rows where there is nothing to show.
        look: Colours, outlines and charts, in the order in which they are drawn.
        exported: Whether `export` writes its tables, each under its name.
        kept: Of an earlier version: written where a workbook has its tables, and never added.
    """

    part: Part | None = None
    render: Callable[[Outcome], Sequence[ResultTable]] = _nothing
    look: tuple[Look, ...] = ()
    exported: bool = True
    kept: bool = False
