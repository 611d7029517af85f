"""The shipped workbooks: an empty plan and the sample."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.save import save

TEMPLATE, SAMPLE = "revenue_plan.xlsx", "revenue_plan_sample.xlsx"


def template_path(name: str) -> Path:
    """Where a shipped workbook lies: in the installed package, or in a checkout beside it."""
    package = Path(str(files("revops_xl")))
    for folder in (package / "workbook_templates", package.parent / "workbook_templates"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"the shipped workbook {name} is missing: install revops-xl again")


def new_plan(path: Path, *, sample: bool = False) -> None:
    """Save a fresh plan workbook.

    Raises:
        PlanError: There is a file already, or it cannot be saved.
    """
    if path.suffix.lower() != ".xlsx":
        raise PlanError([Problem(path.name, "", "a plan is an .xlsx workbook", f"Name it {path.stem}.xlsx.")])
    if path.exists():
        raise PlanError([Problem(path.name, "", "there is a file of this name already", "Choose another name.")])
    content = template_path(SAMPLE if sample else TEMPLATE).read_bytes()

    def write(file: BinaryIO) -> None:
        file.write(content)

    save(path, write)
