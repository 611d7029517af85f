"""A copy of a plan that prints the sheets somebody reads, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed
from revops_xl.workbook.writing.hidden_rows import with_hidden

_MAIN = f"{{{xml.MAIN}}}"
#: LibreOffice needs so long at most for a plan, in seconds.
_LONGEST = 300
_AREA = "_xlnm.Print_Area"


def pack(
    source: Path,
    file: BinaryIO,
    sheets: Collection[str],
    rows: Mapping[str, Collection[int]],
    tables: Collection[str],
) -> None:
    """Write a copy in which only some sheets are in view, and of those only some tables are printed.

    Args:
        source: The plan.
        file: Where to write.
        sheets: Those that are printed.
        rows: Rows (from 1) of a sheet that are not.
        tables: Tables that make the printed area of their sheet; a sheet without any is printed as it is.
    """
    with Package(source) as package:
        refuse_sealed(package)
        root = xml.parse(package.read(package.workbook_part))
        listed = list(root.iterfind(f"{_MAIN}sheets/{_MAIN}sheet"))
        for sheet in listed:
            if sheet.get("name") in sheets:
                sheet.attrib.pop("state", None)
            else:
                sheet.set("state", "hidden")
        first = next(i for i, sheet in enumerate(listed) if sheet.get("name") in sheets)
        for view in root.iterfind(f"{_MAIN}bookViews/{_MAIN}workbookView"):
            view.set("activeTab", str(first))
            view.attrib.pop("firstSheet", None)
        _print_areas(root, [sheet.get("name") for sheet in listed], sheets, _areas(package, sheets, tables))
        changed = {package.workbook_part: xml.serialised(root)}
        for name in sheets:
            part = package.sheets[name]
            content = package.read(part)
            changed[part] = with_hidden(content, set(rows.get(name, ())), hidden=True) if rows.get(name) else content
        copy_package(package, file, changed)


def _areas(package: Package, sheets: Collection[str], tables: Collection[str]) -> dict[str, str]:
    """Printed area of each sheet: its tables, from the top of the sheet."""
    found: dict[str, list[str]] = {}
    for name in tables:
        table = package.tables.get(name)
        if table is not None and table.sheet in sheets:
            area = Area(1, table.area.left, table.area.bottom, table.area.right)
            quoted_name = table.sheet.replace("'", "''")
            found.setdefault(table.sheet, []).append(f"'{quoted_name}'!{area.absolute()}")
    return {sheet: ",".join(areas) for sheet, areas in found.items()}


def _print_areas(root: Any, names: list[str], sheets: Collection[str], areas: Mapping[str, str]) -> None:
    """Sheets out of view have no printed area; the others their tables."""
    defined = root.find(f"{_MAIN}definedNames")
    if defined is None:
        return
    for name in list(defined):
        place = name.get("localSheetId")
        if name.get("name") == _AREA and place is not None:
            sheet = names[int(place)]
            if sheet not in sheets or sheet in areas:
                defined.remove(name)
    for sheet, text in areas.items():
        fresh = etree.SubElement(defined, f"{_MAIN}definedName", name=_AREA, localSheetId=str(names.index(sheet)))
        fresh.text = text


def office() -> str:
    """The LibreOffice of this machine; "" if there is none."""
    usual = {
        "win32": [
            Path(os.environ.get("PROGRAMFILES", r"C:\Program Files")) / "LibreOffice" / "program" / "soffice.exe"
        ],
        "darwin": [Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")],
    }.get(sys.platform, [])
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((str(path) for path in usual if path.is_file()), "")


def as_pdf(make: Callable[[BinaryIO], None], name: str) -> bytes:
    """A workbook as PDF.

    Args:
        make: Writes the workbook.
        name: Its name, without suffix, which stands at the foot of each page.

    Raises:
        PlanError: There is no LibreOffice, or it does not print.
    """
    program = office()
    if not program:
        fix = "Install it, or name an .xlsx: it prints the same pages from Excel."
        raise PlanError([Problem(f"{name}.pdf", "", "a PDF is printed by LibreOffice, which is not found", fix)])
    with tempfile.TemporaryDirectory(prefix="revops-xl-") as folder:
        book, profile = Path(folder) / f"{name}.xlsx", Path(folder) / "profile"
        with book.open("wb") as file:
            make(file)
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "pdf", "--outdir", folder, str(book)]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603  (the program is found, not given)
                command, capture_output=True, text=True, timeout=_LONGEST, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PlanError([Problem(f"{name}.pdf", "", f"LibreOffice does not print: {error}")]) from error
        made = book.with_suffix(".pdf")
        if not made.is_file():
            text = (done.stderr or done.stdout).strip()[:200]
            raise PlanError([Problem(f"{name}.pdf", "", f"LibreOffice does not print: {text or 'no reason given'}")])
        return made.read_bytes()
