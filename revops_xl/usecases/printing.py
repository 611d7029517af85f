"""The plan on paper: a pack of pages for those who read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import catalog
from revops_xl.tables.book.audiences import PACKS
from revops_xl.tables.schema.check import NOTE, OK
from revops_xl.tables.schema.raw import RawBook
from revops_xl.workbook.file.save import FileState, refuse_busy, save
from revops_xl.workbook.plan_file import PlanFile
from revops_xl.workbook.travelling.print_pack import as_pdf, pack

#: Tables that are printed of sheets which hold more.
PRINTED = ("Forecast", "PlanHealth", "Recommendations", "PipelineHealth", "CommitReview")
#: Rows of Quotas that are printed person by person; of longer ones only the teams are.
MOST_ROWS = 90


@dataclass(frozen=True)
class Printed:
    """What was printed.

    Attributes:
        path: The file.
        sheets: In order.
        left_out: What of them is not on paper, in words.
    """

    path: Path
    sheets: tuple[str, ...]
    left_out: tuple[str, ...]


def print_pack(plan_path: Path, out_path: Path | None = None, *, audience: str = "cfo") -> Printed:
    """Print a pack as PDF, or save a workbook that prints it.

    Args:
        plan_path: The plan, which was run; it stays as it is.
        out_path: A .pdf, which LibreOffice makes, or an .xlsx; None: NAME.pdf beside the plan.
        audience: "cfo", "board" or "manager": which sheets.

    Raises:
        PlanError: The plan is refused or was not run, LibreOffice is missing, or the file cannot be saved.
    """
    target = out_path or plan_path.with_suffix(".pdf")
    if target.suffix.lower() not in {".pdf", ".xlsx"}:
        raise PlanError([Problem(target.name, "", "a pack is a .pdf or an .xlsx", f"Name it {target.stem}.pdf.")])
    if target.resolve() == plan_path.resolve():
        raise PlanError([Problem(target.name, "", "is the plan itself; the pack needs a name of its own")])
    file = PlanFile.of(plan_path)
    refuse_busy(target)
    before = (FileState.of(plan_path), FileState.of(target))
    book = file.read(["Quotas", "Checks", "PageTexts"])
    sheets = _sheets(book, PACKS[audience])
    rows, left_out = _not_printed(book)
    with file.with_tables() as (whole, _):
        make = partial(_write, whole, sheets, rows)
        if target.suffix.lower() == ".pdf":
            content = as_pdf(make, plan_path.stem)
            save(target, lambda out: _put(out, content), unchanged=before, verify=False)
        else:
            save(target, make, unchanged=before)
    return Printed(target, tuple(sheets), tuple(left_out))


def _write(source: Path, sheets: Collection[str], rows: Mapping[str, Collection[int]], file: BinaryIO) -> None:
    pack(source, file, sheets, rows, PRINTED)


def _put(file: BinaryIO, content: bytes) -> None:
    file.write(content)


def _sheets(book: RawBook, wanted: Collection[str]) -> list[str]:
    """The sheets of a pack that the plan has and a run has filled, in order."""
    quotas = book.tables.get("Quotas")
    if quotas is None or not len(quotas):
        raise PlanError([Problem(book.name, "", "the plan was not run yet", f"First: revops-xl run {book.name}")])
    first = {sheet.name: sheet.tables[0].name for sheet in catalog.SHEETS if sheet.tables}
    homes = [book.known_tables[first[name]].sheet for name in wanted if first[name] in book.known_tables]
    return list(dict.fromkeys(homes))


def _not_printed(book: RawBook) -> tuple[dict[str, Collection[int]], list[str]]:
    """Rows that are not on paper, by sheet, and what they are."""
    rows: dict[str, Collection[int]] = {}
    said = []
    quotas, checks = book.tables["Quotas"], book.tables.get("Checks")
    if len(quotas) > MOST_ROWS and "IC" in quotas.headers:
        people = [int(row) for row, ic in zip(quotas.rows, quotas.column("IC"), strict=True) if ic is True or ic == 1]
        rows[quotas.sheet] = people
        said.append(f"{len(people):,} reps on {quotas.sheet}: teams only")
    if checks is not None and "Status" in checks.headers:
        calm = [
            int(row) for row, status in zip(checks.rows, checks.column("Status"), strict=True) if status in {OK, NOTE}
        ]
        if len(calm) < len(checks):
            rows[checks.sheet] = calm
            said.append(f"{len(calm)} checks that hold or are notes")
    return rows, said
