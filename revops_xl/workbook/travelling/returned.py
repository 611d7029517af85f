"""Reading what comes back: files that anybody could have made, read in a limited process."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.schema.raw import CellError, NotCalculated
from revops_xl.workbook.file import intake, sandbox
from revops_xl.workbook.file.contents import Carried, ContentKind
from revops_xl.workbook.file.limits import FileLimits
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.reading.read import read_sheets

#: What no program puts into a packet by itself.
_STRANGE = (
    ContentKind.LINKS,
    ContentKind.CONNECTIONS,
    ContentKind.QUERIES,
    ContentKind.POWER_QUERY,
    ContentKind.DATA_MODEL,
    ContentKind.REMOTE_PICTURES,
)
#: Files read by one process: each costs its start.
_AT_ONCE = 25
#: A packet of a thousand people has fewer filled cells.
_MOST_CELLS = 200_000

Sheets = dict[str, list[list[Any]]]


def read_returned(paths: Sequence[Path]) -> Iterator[Sheets | PlanError]:
    """The cells of each file, sheet by sheet from A1 on, or why it is refused; in the order of the paths.

    Errors and formulas that were never calculated come as CellError and NotCalculated, dates as ISO text.
    """
    for start in range(0, len(paths), _AT_ONCE):
        batch = paths[start : start + _AT_ONCE]
        try:
            answers = _ask(batch, f"{len(batch)} files")
        except PlanError:  # one of them is too much for the process: each gets its own
            for path in batch:
                try:
                    answers = _ask([path], path.name)
                except PlanError as error:
                    yield error
                else:
                    yield _understood(answers[0])
        else:
            yield from map(_understood, answers)


def _ask(paths: Sequence[Path], name: str) -> list[dict[str, Any]]:
    limits = FileLimits.from_environment()
    found: list[dict[str, Any]] = sandbox.call(
        "revops_xl.workbook.travelling.returned:read_here", {"paths": [str(path) for path in paths]}, name, limits
    )
    return found


def _understood(answer: dict[str, Any]) -> Sheets | PlanError:
    if "problems" in answer:
        return PlanError(Problem(**problem) for problem in answer["problems"])
    return {name: [[_cell(value) for value in row] for row in rows] for name, rows in answer["sheets"].items()}


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return CellError(value[1]) if value[0] == "error" else NotCalculated(value[1])
    return value


def read_here(paths: Sequence[str]) -> list[dict[str, Any]]:
    """What `read_returned` does in the other process: one answer a file."""
    answers: list[dict[str, Any]] = []
    for path in paths:
        try:
            answers.append({"sheets": _sheets(Path(path))})
        except PlanError as error:
            fields = ("sheet", "cell", "message", "fix")
            answers.append({"problems": [{name: getattr(each, name) for name in fields} for each in error.problems]})
    return answers


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    carried = intake.admit(path, outside=True)
    _refuse_strange(path, carried)
    found: dict[str, list[list[Any]]] = {}
    filled = 0
    with intake.damage_told(path), Package(path) as package:
        for name, rows, _ in read_sheets(path, package, list(package.sheets), trusted=False):
            found[name] = [[_plain(cell) for cell in row] for row in rows]
            filled += sum(cell != "" for row in rows for cell in row)
            if filled > _MOST_CELLS:
                message = f"the file has more than {_MOST_CELLS:,} filled cells, more than a packet"
                raise PlanError([Problem(path.name, "", message, "Ask for it again.")])
    return found


def _refuse_strange(path: Path, carried: Sequence[Carried]) -> None:
    strange = [f"{each.kind.value}: {each.detail}" for each in carried if each.kind in _STRANGE]
    if strange:
        message = f"has {'; '.join(strange[:5])}, which no packet has"
        raise PlanError([Problem(path.name, "", message, "Ask for a copy without.")])


def _plain(cell: Any) -> Any:
    """A cell as JSON holds it."""
    if isinstance(cell, CellError):
        return ["error", cell.text]
    if isinstance(cell, NotCalculated):
        return ["formula", cell.formula]
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return cell.total_seconds() / 86_400
    return cell


def fingerprint(path: Path) -> str:
    """What tells a file from every other."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
