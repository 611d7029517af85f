"""The shipped workbooks: an empty plan and the sample."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file.save import FileState, save

TEMPLATE, SAMPLE = "revenue_plan.xlsx", "revenue_plan_sample.xlsx"


def template_path(name: str) -> Path:
    """Where a shipped workbook lies: in the installed package, or in a checkout beside it."""
    package = Path(str(files("revops_xl")))
    for folder in (package / "workbook_templates", package.parent / "workbook_templates"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"the shipped workbook {name} is missing: install revops-xl again")


def new_plan(path: Path, *, sample: bool = False, parts: Collection[str] = ()) -> None:
    """Save a fresh plan workbook.

    Args:
        path: Where to save.
        sample: With the sample company, which has every part.
        parts: Whose sheets it has beside those of the quota plan.

    Raises:
        PlanError: There is a file already, or it cannot be saved.
    """
    if path.suffix.lower() != ".xlsx":
        raise PlanError([Problem(path.name, "", "a plan is an .xlsx workbook", f"Name it {path.stem}.xlsx.")])
    if path.exists():
        raise PlanError([Problem(path.name, "", "there is a file of this name already", "Choose another name.")])
    before = FileState.of(path)
    if parts and not sample:
        from revops_xl.workbook.building import create  # noqa: PLC0415  (XlsxWriter, when it is needed)

        content = create.template_bytes(parts=parts)
    else:
        content = template_path(SAMPLE if sample else TEMPLATE).read_bytes()

    def write(file: BinaryIO) -> None:
        file.write(content)

    save(path, write, unchanged=(before,))


def add_to_book(
    book: Path, target: Path, *, sample: bool = False, parts: Collection[str] = (), backup: bool = False
) -> dict[str, str]:
    """Add the sheets of a fresh plan to a workbook that is there.

    Args:
        book: The user's workbook.
        target: Where to save; may be the book itself.
        sample: With the sample company, which has every part.
        parts: Whose sheets it gets beside those of the quota plan.
        backup: Keep the workbook as it was before, as NAME.backup.xlsx.

    Returns:
        Sheets that got another name there, because the workbook has one of that name.

    Raises:
        PlanError: The workbook is refused, or it cannot be saved.
    """
    from revops_xl.workbook.building import add_sheets, create  # noqa: PLC0415  (XlsxWriter, when it is needed)

    if target.suffix.lower() != book.suffix.lower():
        message = f"the workbook is {book.suffix}, so it is saved as {book.suffix}"
        raise PlanError([Problem(target.name, "", message, f"Name it {target.stem}{book.suffix}.")])
    if target != book and target.exists():
        raise PlanError([Problem(target.name, "", "there is a file of this name already", "Choose another name.")])
    make = create.sample_bytes if sample else partial(create.template_bytes, parts=parts)
    return add_sheets.add_plan(book, target, make, backup=backup)


def build_templates(folder: Path) -> list[Path]:
    """Write both workbooks into a folder."""
    from revops_xl.workbook.building import create  # noqa: PLC0415  (XlsxWriter, when it is needed)

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in ((TEMPLATE, create.template_bytes()), (SAMPLE, create.sample_bytes())):
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written
