"""Buttons for plans that travel: packets out, packets back, a copy to send."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import xlwings as xw

from revops_xl.errors import PlanError, Problem
from revops_xl.hosts.excel.actions import BUTTON
from revops_xl.hosts.excel.book import OpenBook
from revops_xl.hosts.excel.quiet import listed, problems_shown, quiet, said
from revops_xl.model.wording import counted
from revops_xl.tables.packets import ledger as packet_ledger
from revops_xl.tables.packets.returns import ODD
from revops_xl.usecases import collect as collecting
from revops_xl.usecases.freeze import freeze as make_copy
from revops_xl.usecases.packets import make_packets_of

#: Folder in the user's documents where returned files are looked for when they cannot be picked.
RETURNED = "RevOps returned packets"


@problems_shown
def packets(book: xw.Book) -> str:
    """Run the plan and make a packet for each manager, in a new folder of the documents."""
    opened = OpenBook(book)
    folder = _fresh(Path(book.name).stem + " packets")
    with quiet(book) as progress:
        made = make_packets_of(opened, folder, BUTTON, progress=progress)
    opened.go_to(packet_ledger.TABLE.name)
    lines = [f"{counted(len(made.packets), 'packet')}, each with a draft of an e-mail: {folder}"]
    if made.unaddressed:
        lines.append(f"Without an address: {', '.join(made.unaddressed[:5])}{' …' * (len(made.unaddressed) > 5)}")
    if made.without:
        lines.append(f"In no packet: {', '.join(made.without[:5])}{' …' * (len(made.without) > 5)}")
    return said("\n\n".join([*lines, "Save the workbook: it knows now what was sent."]), bad=bool(made.failed))


def _fresh(name: str) -> Path:
    """A folder in the documents that does not exist yet."""
    documents = Path(platformdirs.user_documents_dir())
    documents.mkdir(parents=True, exist_ok=True)
    folder, number = documents / name, 1
    while folder.exists():
        number += 1
        folder = documents / f"{name} {number}"
    return folder


@problems_shown
def collect(book: xw.Book) -> str:
    """Read returned packets into the plan, and put in force what was accepted."""
    opened = OpenBook(book)
    paths = _picked(book)
    with quiet(book) as progress:
        made = collecting.collect_into(opened, paths, BUTTON, progress=progress)
    opened.go_to("Requests" if made.requests else "Returns")
    counts: dict[str, int] = {}
    for each in made.returns:
        counts[each.status] = counts.get(each.status, 0) + 1
    waiting = sum(each.state == "open" for each in made.requests)
    lines = [", ".join(f"{count:,} {status}" for status, count in counts.items()) or "nothing was sent yet"]
    lines += [f"{len(made.applied):,} came into force."] if made.applied else []
    lines += (
        [f"{counted(waiting, 'request')} to decide on the sheet Requests; then press Collect again."] if waiting else []
    )
    odd = [f"{each.file}: {each.what}" for each in made.returns if each.status in ODD]
    return said("\n\n".join([*lines, *([listed(odd)] if odd else [])]), bad=bool(made.failed or odd))


def _picked(book: xw.Book) -> list[Path]:
    """Files that the user picks; none if the dialogue is left. Elsewhere than on Windows a folder of the documents."""
    if sys.platform == "win32":
        found = book.app.api.GetOpenFilename("Excel workbooks (*.xlsx),*.xlsx", 1, "Returned packets", None, True)
        return [Path(path) for path in found] if isinstance(found, tuple | list) else []
    folder = Path(platformdirs.user_documents_dir()) / RETURNED
    return collecting.files_in([folder], set()) if folder.is_dir() and any(folder.iterdir()) else []


def freeze(book: xw.Book) -> str:
    """Save a copy beside the workbook that is ready to be sent; what is not saved yet is not in it."""
    path = Path(book.fullname)
    if not path.is_file():
        raise PlanError([Problem(book.name, "", "the workbook was never saved", "Save it as .xlsx first.")])
    number, target = 1, path.with_name(f"{path.stem} to send.xlsx")
    while target.exists():
        number += 1
        target = path.with_name(f"{path.stem} to send {number}.xlsx")
    changes = make_copy(path, target)
    lines = [f"{each.what}: {each.where}" for each in changes]
    return said(
        f"Saved: {target}\n\nIt is a copy of the file as it was last saved.\n\n{listed(lines) or 'Nothing had to be changed.'}"
    )
