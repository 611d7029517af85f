"""Files of others brought into a plan: a proposal first, then all of it or nothing, with one step back."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import settings
from revops_xl.tables.book.plan import INPUT_TABLES
from revops_xl.tables.imports import memory
from revops_xl.tables.imports.changes import changes_of
from revops_xl.tables.imports.draft import Asked, Known
from revops_xl.tables.imports.header_row import NO_ROW, as_table
from revops_xl.tables.imports.memory import PROPOSED, kept_of
from revops_xl.tables.imports.proposal import Proposal
from revops_xl.tables.imports.propose import DECLARED, propose, target_of
from revops_xl.tables.imports.values import plain_list, values_of
from revops_xl.tables.quotas import hierarchy, levels
from revops_xl.tables.schema.cell_values import is_blank
from revops_xl.tables.schema.raw import RawBook, RawTable
from revops_xl.usecases.import_writing import Import, remembered, write
from revops_xl.usecases.run import Progress
from revops_xl.workbook.file.save import save
from revops_xl.workbook.incoming.files import grids_of
from revops_xl.workbook.plan_file import PlanFile

#: Sheets that are named of those that are passed over.
_PASSED = 6
STAGES = ("reading the plan", "reading files", "comparing", "writing")


@dataclass(frozen=True)
class Imported:
    """What an import does, or did.

    Attributes:
        path: The plan.
        imports: Each table that is filled.
        done: Whether it was written; else it is a proposal.
        before: Where the plan as it was is kept; None: nothing was written.
        made: Whether the plan was made anew.
    """

    path: Path
    imports: tuple[Import, ...]
    done: bool
    before: Path | None = None
    made: bool = False


@dataclass(frozen=True)
class ImportOptions:
    """What the user says of the files.

    Attributes:
        table: The table that they fill; "": found for each.
        sheet: The sheet of workbooks; "": all that tell.
        columns: Columns of ours by theirs; "" leaves one out.
        only: Values that columns must have for a row to be taken, by header.
        top: Name of a node above those without a manager.
        remove_gone: Rows that the file does not have go.
    """

    table: str = ""
    sheet: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    top: str = ""
    remove_gone: bool = False


def import_files(
    plan_path: str | Path, files: Iterable[str | Path], options: ImportOptions | None = None, *, apply: bool = False,
    preview: bool = False, out_path: str | Path | None = None, progress: Progress = lambda _: None,
) -> Imported:  # fmt: skip
    r"""Bring files into a plan.

    Args:
        plan_path: The plan; where there is none, a fresh one is made.
        files: CSV, TSV, .xlsx or Parquet.
        options: What is said of them.
        apply: Write it; else nothing changes.
        preview: Write the proposal into the plan's table Imports, for people to correct.
        out_path: Where the plan is saved; None: into the plan itself.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: With every problem of every file; nothing is written.

    Example:
        >>> import tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "people.csv").write_text("Region,Manager,Rep,2026\nNA,Mia,Ann,200\nNA,Mia,Bob,100\n")
        >>> found = import_files(folder / "plan.xlsx", [folder / "people.csv"])
        >>> [(each.header, each.column) for each in found.imports[0].proposal.columns]
        [('Region', 'Region'), ('Manager', 'Manager'), ('Rep', 'Rep'), ('2026', '2026_Attainment')]
    """
    from revops_xl.workbook.building.templates import new_plan  # noqa: PLC0415

    options = options or ImportOptions()
    path = Path(plan_path)
    with ExitStack() as opened:
        made = not path.exists()
        source = path
        if made:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="revops-xl-"))
            source = Path(folder) / path.name
            new_plan(source)
        file = PlanFile.of(source, path if out_path is None else out_path)
        progress(STAGES[0])
        book = file.read({table.name for table in INPUT_TABLES} | {memory.TABLE.name})
        progress(STAGES[1])
        paths = [Path(each) for each in files]
        imports = _proposals(book, paths, options)
        seen = {code for each in imports for proposal in each.files for code in proposal.foreign}
        if made and len(seen) == 1:  # a fresh plan is in the one currency that its files speak of
            imports = _proposals(book, paths, options, *seen)
        problems = [problem for each in imports for problem in each.proposal.problems]
        if problems:
            raise PlanError(problems)
        if not (apply or preview):
            return Imported(path, tuple(imports), done=False, made=made)
        progress(STAGES[3])
        when = dt.datetime.now(dt.UTC)
        if preview and not apply:
            table = remembered(book, imports, PROPOSED, when, [str(Path(each).absolute()) for each in paths])
            file.write([table])
            return Imported(path, tuple(imports), done=False, made=made)
        before = None
        if not made:
            before = before_of(path)
            _keep(path, before)
        write(file, book, imports, when, remove_gone=options.remove_gone)
        return Imported(path, tuple(imports), done=True, before=before, made=made)


def proposed(plan_path: str | Path) -> list[Path]:
    """Files of which the plan holds a proposal that waits to be done, as far as they are still there."""
    path = Path(plan_path)
    raw = PlanFile(path, path).read([memory.TABLE.name]).tables.get(memory.TABLE.name)
    return [each for each in map(Path, memory.waiting(raw)) if each.is_file()]


def pressed(plan_path: str | Path, files: Iterable[str | Path], out_path: str | Path | None = None) -> Imported:
    """What a button does: the first time a proposal in the plan, the second time what it says.

    Args:
        plan_path: The plan.
        files: What the user has picked; empty: the files that are proposed.
        out_path: Where the plan is saved; None: into the plan itself.

    Raises:
        PlanError: With every problem; also if nothing is picked and nothing proposed.
    """
    picked = [Path(each) for each in files]
    waiting = proposed(plan_path)
    chosen = picked or waiting
    if not chosen:
        raise PlanError([Problem(Path(plan_path).name, "", "no file was picked", "Pick a CSV, .xlsx or Parquet file.")])
    again = bool(waiting) and {each.resolve() for each in chosen} == {each.resolve() for each in waiting}
    return import_files(plan_path, chosen, apply=again, preview=not again, out_path=out_path)


def before_of(path: Path) -> Path:
    """Where the plan as it was before the last import is kept."""
    return path.with_name(f"{path.stem}.before-import{path.suffix}")


def _keep(path: Path, before: Path) -> None:
    content = path.read_bytes()
    save(before, lambda target: _put(target, content))


def _put(target: BinaryIO, content: bytes) -> None:
    target.write(content)


def undo(plan_path: str | Path) -> Path:
    """Take the last import back: the plan is again what it was before it.

    What it is now is kept as NAME.undone.xlsx.

    Returns:
        Where that is.

    Raises:
        PlanError: Nothing was imported, or a file cannot be saved.
    """
    path = Path(plan_path)
    before = before_of(path)
    if not before.is_file():
        message = "no import to take back"
        raise PlanError([Problem(path.name, "", message, f"{before.name} is not there.")])
    file = PlanFile.of(path)
    undone = path.with_name(f"{path.stem}.undone{path.suffix}")
    _keep(path, undone)
    content = before.read_bytes()
    save(path, lambda target: _put(target, content), unchanged=file.before)
    before.unlink()
    return undone


def _proposals(book: RawBook, files: Sequence[Path], options: ImportOptions, currency: str = "") -> list[Import]:
    """What becomes of every file; all problems of all files at once."""
    problems: list[Problem] = []
    known = _known(book)
    if currency:
        known = replace(known, locale=replace(known.locale, currency=currency))
    kept = kept_of(book.tables.get(memory.TABLE.name))
    tables: list[tuple[str, RawTable, tuple[str, ...]]] = []
    for path in files:
        try:
            tables += _tables(path, options, known, kept)
        except PlanError as error:
            problems += error.problems
    tables.sort(key=lambda each: each[0] != hierarchy.TABLE.name)  # history needs people
    found: list[Proposal] = []
    for target, raw, told in tables:
        asked, why = _asked(target, raw, kept.get(target), options, problems)
        if asked is None:
            continue
        told = (*told, *why)  # noqa: PLW2901
        try:
            proposal = propose(raw, told, asked, known)
        except PlanError as error:
            problems += error.problems
            continue
        found.append(proposal)
        if proposal.levels and not known.levels and not proposal.problems:
            own = [name for name in proposal.values if name not in hierarchy.TABLE.headers]
            known = Known(proposal.levels, (*own, *hierarchy.TABLE.headers), known.locale, calendar=known.calendar)
    problems += [problem for proposal in found for problem in proposal.problems]
    if problems:
        raise PlanError(problems)
    if currency:
        reason = f"the plan is in {currency}, as every amount that says its currency"
        found = [
            replace(each, told=(*each.told, reason), settings={**each.settings, "Currency": currency}) for each in found
        ]
    return _compared(book, found)


def _asked(
    target: str, raw: RawTable, said: memory.Kept | None, options: ImportOptions, problems: list[Problem]
) -> tuple[Asked | None, tuple[str, ...]]:
    """What is asked of a file, with what was said of the last one of its kind; None, and a problem, where that no longer fits."""
    columns: Mapping[str, str] = {}
    told: tuple[str, ...] = ()
    if said is not None and memory.is_another(said, raw.headers):
        told = (f"another file than {said.file}: its columns are found anew",)
    elif said is not None:
        gone, fresh = memory.fits(said, raw.headers)
        lost = [header for header in gone if said.columns[header] not in options.columns.values()]
        if lost:
            problems.append(_no_longer(raw, said, lost, fresh))
            return None, told
        columns = {header: column for header, column in said.columns.items() if header in raw.headers}
        told = (f"new since {said.file}: {', '.join(fresh)}",) if fresh else told
    return Asked(target, options.columns, options.only, options.top, columns), told


def _no_longer(raw: RawTable, said: memory.Kept, gone: Sequence[str], fresh: Sequence[str]) -> Problem:
    lost = ", ".join(f'"{header}" ({said.columns[header]})' for header in gone)
    came = f"; new are {', '.join(fresh)}" if fresh else ""
    message = f"the file is not as {said.file} was: {lost} went{came}"
    column = said.columns[gone[0]]
    return Problem(raw.sheet, raw.header_cell(), message, f'Say what takes its place: --map "ITS NAME={column}".')


def _tables(
    path: Path, options: ImportOptions, known: Known, kept: Mapping[str, memory.Kept]
) -> list[tuple[str, RawTable, tuple[str, ...]]]:
    """The sheets of a file that fill a table; of a workbook those that tell."""
    grids = grids_of(path, options.sheet)
    found: list[tuple[str, RawTable, tuple[str, ...]]] = []
    problems: list[Problem] = []
    passed: list[str] = []
    for grid in grids:
        try:
            raw, told = as_table(grid, known.headers)
        except PlanError as error:
            problems += error.problems
            if not error.problems[0].message.startswith(NO_ROW):
                passed.append(f"{grid.sheet} ({error.problems[0].message})")
            continue
        target = options.table or target_of(raw, known) or memory.nearest(kept, raw.headers)
        if target:
            found.append((target, raw, told))
        elif len(grids) == 1:
            found.append(("", raw, told))
        else:
            passed.append(grid.sheet)
    if not found:
        if not problems:
            names = ", ".join(grid.sheet for grid in grids)
            message = f"no sheet of it tells which table of the plan it is ({names})"
            problems.append(Problem(path.name, "", message, "Say it: --sheet NAME --into TABLE."))
        raise PlanError(problems)
    if passed:
        target, raw, told = found[0]
        listed = ", ".join(passed[:_PASSED]) + (f" and {len(passed) - _PASSED} more" if len(passed) > _PASSED else "")
        found[0] = target, raw, (*told, f"sheets passed over: {listed}")
    return found


def _known(book: RawBook) -> Known:
    locale = settings.number_locale(book.tables.get(settings.TABLE.name), [])
    calendar = settings.calendar(book.tables.get(settings.TABLE.name), locale, [])
    people, listed = book.tables.get(hierarchy.TABLE.name), book.tables.get(levels.LEVELS.name)
    if people is None:
        return Known((), (), locale, calendar=calendar)
    names: tuple[str, ...] = ()
    if len(people) and listed is not None and "Level" in listed.headers:
        names = tuple(str(cell).strip() for cell in listed.column("Level") if not is_blank(cell))
    named = tuple(name for name in names if name in people.headers)
    tops = {str(cell).strip() for cell in people.column(named[0])} if named else set()
    return Known(
        named, people.headers if len(people) else (), locale, next(iter(tops)) if len(tops) == 1 else "", calendar
    )


def _compared(book: RawBook, proposals: Sequence[Proposal]) -> list[Import]:
    """Each proposal with what it changes; a second file of one table sees the rows of the first."""
    done: dict[str, Import] = {}
    for proposal in proposals:
        raw = book.tables.get(proposal.table)
        before = done.get(proposal.table)
        whole = proposal if before is None else _after(before.proposal, proposal)
        files = (proposal,) if before is None else (*before.files, proposal)
        done[proposal.table] = Import(whole, changes_of(whole, raw, _values(raw, whole, book)), files)
    return list(done.values())


def _after(first: Proposal, second: Proposal) -> Proposal:
    """Two files of one table as one: rows of the second join those of the first, or come behind them."""
    keys = second.keys
    ours = {name: plain_list(column) for name, column in first.values.items()}
    theirs = {name: plain_list(column) for name, column in second.values.items()}
    count, more = len(first), len(second)
    place: dict[tuple[str, ...], int] = {tuple(str(ours[key][i]) for key in keys): i for i in range(count)}
    names = list(dict.fromkeys([*ours, *theirs]))
    rows = {name: list(ours.get(name, [None] * count)) for name in names}
    unknown = []
    for i in range(more):
        key = tuple(str(theirs[name][i]) for name in keys)
        at = place.get(key)
        if at is None:
            if second.only_known:
                unknown.append(", ".join(key))
                continue
            at = place[key] = len(next(iter(rows.values())))
            for cells in rows.values():
                cells.append(None)
        for name, cells in theirs.items():
            rows[name][at] = cells[i]
    told = (*first.told, *second.told)
    if unknown:
        told = (*told, f"{len(unknown)} rows left out, of people who are not in the plan: {', '.join(unknown[:5])}")
    return replace(
        first, source=f"{first.source}; {second.source}", columns=(*first.columns, *second.columns), told=told,
        values=rows, settings={**first.settings, **second.settings},
    )  # fmt: skip


def _values(raw: RawTable | None, proposal: Proposal, book: RawBook) -> dict[str, Any]:
    """The plan's own rows as values of the same kinds."""
    if raw is None or not len(raw):
        return {}
    locale = settings.number_locale(book.tables.get(settings.TABLE.name), [])
    table = DECLARED[proposal.table]
    headers = [name for name in proposal.values if name in raw.headers and name != "Period"]
    found = values_of(raw, table, headers, locale, [], [])
    if "Period" in raw.headers and "Period" in proposal.values:
        found["Period"] = list(raw.column("Period"))
    return found
