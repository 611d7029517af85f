"""Two plans compared: what changed, node by node, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from revops_xl.engine.quotas.quota_changes import quota_changes
from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book import differences
from revops_xl.tables.schema.result import ResultTable
from revops_xl.usecases.evaluate import evaluate
from revops_xl.usecases.run import LOG, Progress, parsed, read
from revops_xl.workbook.building.report_book import report_bytes
from revops_xl.workbook.file.save import FileState, save
from revops_xl.workbook.plan_file import PlanFile

STAGES = ("reading", "computing", "comparing")


@dataclass(frozen=True)
class Differences:
    """What changed between two plans.

    Attributes:
        nodes: Table QuotaDifferences.
        inputs: Table InputDifferences.
        runs: Table RunsSince.
    """

    nodes: ResultTable
    inputs: ResultTable
    runs: ResultTable

    @property
    def tables(self) -> dict[str, ResultTable]:
        """By name."""
        return {each.table.name: each for each in (self.nodes, self.inputs, self.runs)}


def compare(
    first: str | Path, second: str | Path, out_path: str | Path | None = None, *, progress: Progress = lambda _: None
) -> Differences:
    """Compare two plans; both are computed from their inputs, whatever their result sheets say.

    Args:
        first: The plan before.
        second: The plan after.
        out_path: Save the differences there as a workbook of their own; None: nowhere.
        progress: Called with the name of each stage as it begins.

    Raises:
        PlanError: A plan is refused, or the workbook cannot be saved.
    """
    progress("reading")
    books = [read(PlanFile(Path(path), Path(path))) for path in (first, second)]
    progress("computing")
    old, new = (evaluate(parsed(book)) for book in books)
    progress("comparing")
    trees = old.quotas.inputs.tree, new.quotas.inputs.tree
    levels = trees[1].levels
    changes = quota_changes(old.quotas, new.quotas, *differences.in_common(*trees))
    found = Differences(
        differences.node_differences(old.quotas, new.quotas, changes),
        differences.input_differences(books[0], books[1], levels),
        differences.runs_since(books[0].tables.get(LOG), books[1].tables.get(LOG)),
    )
    if out_path is not None:
        _save(found, Path(out_path), {Path(first).resolve(), Path(second).resolve()})
    return found


def _save(found: Differences, target: Path, plans: set[Path]) -> None:
    if target.suffix.lower() != ".xlsx" or target.resolve() in plans:
        message = "the differences are saved as an .xlsx workbook of their own"
        raise PlanError([Problem(target.name, "", message, f"Name it {target.stem}-differences.xlsx.")])
    content = report_bytes("Differences of two plans", differences.SHEETS, found.tables)

    def write(file: BinaryIO) -> None:
        file.write(content)

    save(target, write, unchanged=(FileState.of(target),))
