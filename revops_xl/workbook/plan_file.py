"""A plan in a file: the port through which use cases read and write it."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from revops_xl.errors import PlanError, Problem
from revops_xl.model.plan import Remark
from revops_xl.tables.book.catalog import INPUT_SHEETS, TABLES
from revops_xl.tables.book.fitting import fit_of
from revops_xl.tables.schema.raw import RawBook
from revops_xl.tables.schema.result import ResultTable
from revops_xl.workbook.file.intake import admit, damage_told
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.save import FileState, refuse_busy
from revops_xl.workbook.reading.lost_tables import LostTables, lost_tables
from revops_xl.workbook.reading.read import known_tables, read_book
from revops_xl.workbook.writing.write import check_tables, nameless, write_tables

#: Lost tables that Checks names.
_SHOWN = 4
_INPUTS = frozenset(table.name for sheet in INPUT_SHEETS for table in sheet.tables)


@dataclass(frozen=True)
class PlanFile:
    """A plan workbook, and the workbook with its results.

    Attributes:
        source: The plan workbook.
        target: Where it is saved; may be the source.
        before: State of both files when they were looked at first.
        backup: Keep the file that is replaced, as NAME.backup.xlsx.
        outside: The file came from somebody else: it may carry nothing that can run.
    """

    source: Path
    target: Path
    before: tuple[FileState, ...] = ()
    backup: bool = False
    outside: bool = False

    @classmethod
    def of(cls, plan_path: str | Path, out_path: str | Path | None = None, *, backup: bool = False) -> PlanFile:
        """Look at both files.

        Raises:
            PlanError: The plan is none, or the results cannot be saved there.
        """
        source = Path(plan_path)
        target = Path(out_path) if out_path is not None else source
        admit(source)  # what the file is comes before what the results are called
        kind = source.suffix.lower()
        if kind not in {".xlsx", ".xlsm"}:
            message = "is a workbook, but not called so"
            raise PlanError([Problem(source.name, "", message, f"Name it {source.stem}.xlsx.")])
        if target.suffix.lower() != kind:
            message = f"the plan is {kind}, so the results are saved as {kind}"
            raise PlanError([Problem(target.name, "", message, f"Name it {target.stem.rstrip('.')}{kind}.")])
        refuse_busy(target)
        return cls(source, target, (FileState.of(source), FileState.of(target)), backup)

    @property
    def name(self) -> str:
        """Name of the workbook, for messages."""
        return self.source.name

    @property
    def home(self) -> Path:
        """Where the results lie."""
        return self.target

    def read(self, names: Collection[str]) -> RawBook:
        """The named tables.

        Raises:
            PlanError: The file is refused, or a table cannot be read.
        """
        with _with_tables(self.source) as (source, lost):
            book = replace(read_book(source, names, outside=self.outside), path=None if self.outside else self.source)
            return replace(book, remarks=(*book.remarks, *_told(lost))) if lost else book

    @contextmanager
    def with_tables(self) -> Iterator[tuple[Path, LostTables]]:
        """The workbook, or a copy of it in which lost tables are tables again, for as long as it is needed."""
        with _with_tables(self.source) as found:
            yield found

    def write(self, tables: Sequence[ResultTable]) -> None:
        """Save the workbook with new rows in these tables; those that it lacks are added.

        Raises:
            PlanError: A table cannot take its rows, or the file cannot be saved.
        """
        with _with_tables(self.source) as (whole, _), _completed(whole, tables) as source:
            write_tables(source, self.target, tables, unchanged=self.before, backup=self.backup)

    def try_to_write(self, tables: Sequence[ResultTable]) -> None:
        """Do everything that `write` does, but save: so that a check finds what would refuse a run."""
        with _with_tables(self.source) as (whole, _), _completed(whole, tables) as source:
            check_tables(source, tables)


@contextmanager
def _with_tables(source: Path) -> Iterator[tuple[Path, LostTables]]:
    """The workbook, or where another program has dropped its tables, a copy that has them again."""
    if not source.is_file():
        yield source, LostTables()
        return
    admit(source)
    with damage_told(source), Package(source) as package:
        lost = lost_tables(source, package)
    if not lost:
        yield source, lost
        return
    from revops_xl.workbook.building.restore import restore  # noqa: PLC0415  (seldom needed)

    with tempfile.TemporaryDirectory(prefix="revops-xl-") as folder:
        copy = Path(folder) / source.name
        with damage_told(source), copy.open("wb") as file:
            restore(source, lost, file)
        yield copy, lost


def _told(lost: LostTables) -> list[Remark]:
    """What was found again, for Checks."""
    remarks = []
    if lost.dropped:
        inputs = [f"{name} ({sheet}!{area})" for name, (sheet, area) in lost.dropped.items() if name in _INPUTS]
        where = ", ".join(inputs[:_SHOWN]) + (f" and {len(inputs) - _SHOWN} more" if len(inputs) > _SHOWN else "")
        advice = "Another program has dropped the tables: the cells were read by their headers. A run, or `revops-xl upgrade`, puts the tables back."
        remarks.append(Remark("Tables that were lost", len(lost.dropped), where, advice, warns=True))
    if lost.renamed:
        where = ", ".join(f"{theirs} is {ours}" for ours, theirs in lost.renamed.items())
        advice = "Another program has renamed the tables. A run, or `revops-xl upgrade`, gives them their names again."
        remarks.append(Remark("Tables that were renamed", len(lost.renamed), where, advice, warns=True))
    return remarks


@contextmanager
def _completed(source: Path, tables: Sequence[ResultTable]) -> Iterator[Path]:
    """The workbook, or where it lacks tables, columns or names, a copy that has them, for as long as it is needed."""
    with damage_told(source), Package(source) as package:
        fit = fit_of(tables, known_tables(package))
        wanted = [name for name in fit.tables if name in TABLES]
        names = nameless(package, tables)
    if not (wanted or fit.columns or names):
        yield source
        return
    from revops_xl.workbook.building.complete import Lacking, complete  # noqa: PLC0415  (XlsxWriter, when it is needed)

    with tempfile.TemporaryDirectory(prefix="revops-xl-") as folder:
        copy = Path(folder) / source.name
        with damage_told(source), copy.open("wb") as file:
            complete(source, Lacking(wanted, fit.columns, (), names), file)
        yield copy
