"""What the menu in LibreOffice does: the same flow as on the command line, over the saved file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from revops_xl.errors import PlanError
from revops_xl.tables.imports import memory
from revops_xl.usecases import import_files as importing
from revops_xl.usecases import run as flow
from revops_xl.usecases.deal_history import beside
from revops_xl.workbook.file.save import FileState, save

SHOWN = 10
Said = dict[str, Any]


def act(name: str, arguments: list[str]) -> Said:
    """Do it; problems are said, with the cell to go to."""
    try:
        return ACTIONS[name](*arguments)
    except PlanError as error:
        first = next((problem for problem in error.problems if problem.cell), error.problems[0])
        count = len(error.problems)
        head = f"{count} problem{'s' * (count != 1)}; nothing was written.\n"
        cell = first.cell.partition(",")[0]
        return {"text": head + "\n" + _listed(list(map(str, error.problems))), "bad": True, "sheet": first.sheet, "cell": cell}  # fmt: skip
    except OSError as error:
        return {"text": f"{error.filename or 'the file'} cannot be used: {error.strerror or error}", "bad": True}


def _listed(lines: list[str]) -> str:
    more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join([*lines[:SHOWN], *more])


def _check(path: str) -> Said:
    deserving = flow.check(Path(path))
    lines = [f"{each['status']}: {each['check']} ({each['where']})" for each in deserving]
    return {"text": "Nothing is refused.\n\n" + _listed(lines) if lines else "No problems.", "bad": False}


def _run(path: str) -> Said:
    """Compute the plan into a file of its own; `finish` puts it in its place when the document is closed."""
    source = Path(path)
    made = Path(tempfile.mkdtemp(prefix="revops-xl-")) / source.name
    results = flow.run(source, made, what="run in LibreOffice")
    deserving = [f"Check failed: {name}" for name in results.failed]
    text = "\n".join([f"{len(results.plan.base):,} quotas written.", *results.lines, *deserving])
    return {"text": text, "bad": bool(results.failed), "path": str(results.path)}


def _import(path: str, *files: str) -> Said:
    """Propose what becomes of files, or do what is proposed, into a file of its own, as `_run` does."""
    source = Path(path)
    made = Path(tempfile.mkdtemp(prefix="revops-xl-")) / source.name
    done = importing.pressed(source, files, made)
    lines = [
        line
        for each in done.imports
        for line in (f"{each.proposal.source} → {each.proposal.table}", *each.changes.lines, "")
    ]
    head = (
        "Done."
        if done.done
        else "A proposal, on the sheet Imports: correct the column Column there. Import again to do it."
    )
    found: Said = {"text": f"{head}\n\n{_listed(lines)}", "bad": False, "path": str(made)}
    return found if done.done else found | {"show": memory.SHEET.name}


def _proposed(path: str) -> Said:
    """The files of which the plan holds a proposal."""
    return {"text": "", "bad": False, "files": [str(each) for each in importing.proposed(path)]}


def _finish(made: str, path: str) -> Said:
    """Let the computed file take the place of the plan, as safely as every other save."""
    source, target = Path(made), Path(path)
    content = source.read_bytes()

    def write(file: BinaryIO) -> None:
        file.write(content)

    save(target, write, unchanged=(FileState.of(target),))
    if beside(source).is_file():
        shutil.move(beside(source), beside(target))
    source.unlink()
    source.parent.rmdir()
    return {"text": "", "bad": False}


def _explain(path: str, node: str) -> Said:
    found = flow.explain_node(Path(path), node.strip())
    rows = [["Explanation of", found.node], ["Level", found.level]]
    amounts = (("Quota", found.quota), ("Base quota", found.base))
    rows += [[name, f"{amount:,.2f}"] for name, amount in amounts if amount is not None]
    for step in found.steps:
        rows += [[], [step.title], *(["", line] for line in step.lines)]
    return {"text": "", "bad": False, "rows": rows}


ACTIONS: dict[str, Callable[..., Said]] = {
    "check": _check,
    "run": _run,
    "finish": _finish,
    "explain": _explain,
    "import": _import,
    "proposed": _proposed,
}
