"""A copy of a workbook that is ready to be sent: it works by itself, and says nothing of whoever made it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from revops_xl.errors import PlanError, Problem
from revops_xl.tables.book.audiences import BEHIND
from revops_xl.workbook.file import intake, xml
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.package_copy import copy_package, refuse_sealed, without_calculation_chain
from revops_xl.workbook.file.save import FileState, refuse_busy, save
from revops_xl.workbook.travelling.freeze_cells import Change, Gone, frozen_sheet
from revops_xl.workbook.travelling.freeze_parts import without_links, without_people

_MAIN = f"{{{xml.MAIN}}}"
_RELATION_ID = xml.RELATION_ID
#: Where people keep their files: a name is in it.
_HOME = re.compile(
    rb"\b[A-Za-z]:\\+[^\\\"<>&]{1,60}|file:///[^\"<>&]{1,60}|/(?:Users|home)/[^/\"<>&]{1,60}|\\\\[\w.-]+\\[\w$.-]+"
)


def freeze(
    source: Path,
    target: Path,
    translate: Callable[[str], str | None],
    is_ours: Callable[[str], bool],
    *,
    show_hidden: bool = False,
    kept: Callable[[Package], Collection[str]] | None = None,
    first: str = "",
) -> list[Change]:
    """Save the copy.

    Args:
        source: The workbook; it stays as it is.
        target: Where the copy goes; another file.
        translate: A formula without our functions; None where there is none that says the same.
        is_ours: Whether a formula calls one of our functions.
        show_hidden: Show hidden sheets instead of taking them out.
        kept: The sheets that the copy has, of a package; None: all but those that are hidden.
        first: Sheet on which the copy opens; "": the one that was in front.

    Returns:
        Everything that differs from the source, and what deserves a look before it is sent.

    Raises:
        PlanError: The workbook is refused, a value is not known, or the copy cannot be saved.
    """
    _refuse_kinds(source, target)
    before = FileState.of(source), FileState.of(target)
    intake.admit(source)
    refuse_busy(target)
    with intake.damage_told(source):
        package = Package(source)
    with package:
        with intake.damage_told(source):
            refuse_sealed(package)
            stay = None if kept is None else set(kept(package))
            work = _Work(package, Gone(translate, is_ours), show_hidden=show_hidden, kept=stay, first=first)
            work.do()

        def write(file: BinaryIO) -> None:
            with intake.damage_told(source):
                copy_package(package, file, work.changed, work.dropped)
            package.close()

        save(target, write, unchanged=before)
    return work.changes


def _refuse_kinds(source: Path, target: Path) -> None:
    problems = []
    if source.suffix.lower() == ".xlsm":
        problems.append(
            Problem(source.name, "", "has macros, which a copy to send does not", "Save it as .xlsx first.")
        )
    if target.suffix.lower() != ".xlsx":
        problems.append(Problem(target.name, "", "a frozen copy is an .xlsx workbook", f"Name it {target.stem}.xlsx."))
    if target.resolve() == source.resolve():
        problems.append(Problem(target.name, "", "is the workbook itself; the copy needs a name of its own"))
    if not problems and target.exists():
        problems.append(Problem(target.name, "", "there is a file of this name already", "Choose another name."))
    if problems:
        raise PlanError(problems)


class _Work:
    """What is done to one package."""

    def __init__(
        self, package: Package, gone: Gone, *, show_hidden: bool, kept: Collection[str] | None = None, first: str = ""
    ) -> None:
        self.package, self.show_hidden = package, show_hidden
        self.first = first if first in package.sheets else ""
        self.changed: dict[str, bytes] = {}
        self.dropped: set[str] = set()
        self.changes: list[Change] = []
        self.problems: list[Problem] = []
        states = {
            sheet.get("name") or "": sheet.get("state")
            for sheet in xml.parse(package.read(package.workbook_part)).iterfind(f"{_MAIN}sheets/{_MAIN}sheet")
        }
        hidden = {name for name, state in states.items() if state in {"hidden", "veryHidden"}}
        behind = package.tables.get(BEHIND)
        #: Quotas follow target and hedges by it, so it stays where it works, out of sight.
        self.behind = behind.sheet if behind is not None and behind.sheet in hidden and not show_hidden else ""
        hidden = set() if show_hidden else hidden - {self.behind}
        left_out = set() if kept is None else set(states) - set(kept)
        if kept is not None and left_out == set(states):
            message = "has none of the sheets of this copy"
            raise PlanError([Problem(package.path.name, "", message, "Run the plan first.")])
        if hidden and hidden == set(states):
            message = "every sheet is hidden, so nothing would be left"
            raise PlanError([Problem(package.path.name, "", message, "Show one, or freeze with --show-hidden.")])
        self.left_out = left_out
        tables = {table.name for table in package.tables.values() if table.sheet in hidden | left_out}
        self.gone = Gone(gone.translate, gone.is_ours, hidden | left_out, tables, set())

    def do(self) -> None:
        """All of it; PlanError with everything that stands in the way."""
        self._workbook()
        self._sheets()
        self._orphans()  # charts of a sheet that is taken out go with it
        self._readers_of_hidden_sheets()
        if self.problems:
            raise PlanError(self.problems)
        without_links(self.package, self.changed, self.dropped, self.changes)
        without_people(self.package, self.changed, self.dropped, self.changes, sheets_gone=bool(self.gone.sheets))
        self._orphans()
        self._texts()
        self.dropped |= without_calculation_chain(self.package, self.changed)
        self._content_types()
        self._look()

    def _read(self, part: str) -> bytes:
        return self.changed.get(part) or self.package.read(part)

    # --- the workbook's own part -----------------------------------------------------------------------------------

    def _workbook(self) -> None:
        part = self.package.workbook_part
        root = xml.parse(self.package.read(part))
        sheets = root.find(f"{_MAIN}sheets")
        places: dict[int, int] = {}
        relations = self.package.relations(part)
        for number, sheet in enumerate(list(sheets)):
            name, state = sheet.get("name") or "", sheet.get("state")
            if name in self.gone.sheets:
                sheets.remove(sheet)
                self.dropped.add(relations[sheet.get(_RELATION_ID)][1])
                what = "sheet left out" if name in self.left_out else "hidden sheet taken out"
                self.changes.append(Change(what, name, ""))
                continue
            places[number] = len(places)
            if state in {"hidden", "veryHidden"} and name != self.behind:
                del sheet.attrib["state"]
                self.changes.append(Change("hidden sheet shown", name, ""))
        self._names(root, places)
        for view in root.iter(f"{_MAIN}workbookView"):
            for key in ("activeTab", "firstSheet"):
                if view.get(key) is not None:
                    view.set(key, str(places.get(int(view.get(key)), 0)))
            if self.first:
                front = [sheet.get("name") for sheet in sheets].index(self.first)
                view.set("activeTab", str(front))
                view.attrib.pop("firstSheet", None)
        for tag in ("externalReferences", "fileSharing", "customWorkbookViews"):
            for element in root.findall(f"{_MAIN}{tag}"):
                root.remove(element)
        for element in [each for each in root.iter() if isinstance(each.tag, str) and each.tag.endswith("}absPath")]:
            self.changes.append(Change("path taken out", "workbook", element.get("url") or ""))
            _remove_with_wrapper(element)
        self.changed[part] = xml.serialised(root)

    def _names(self, root: Any, places: dict[int, int]) -> None:
        """Defined names without those that lead out of the copy, or that nobody sees."""
        found = root.find(f"{_MAIN}definedNames")
        if found is None:
            return
        again = True
        while again:  # a name may stand for another one
            again = False
            for name in list(found):
                text, called, local = name.text or "", name.get("name") or "", name.get("localSheetId")
                unseen = name.get("hidden") in {"1", "true"} and not called.startswith("_xlnm.")
                if (
                    (local is not None and int(local) not in places)
                    or unseen
                    or "#REF!" in text
                    or self.gone.touches(text)
                ):
                    found.remove(name)
                    if local is None or int(local) in places:
                        self.gone.names.add(called)
                    self.changes.append(Change("name taken out", called, text[:200]))
                    again = True
        for name in found:
            if name.get("localSheetId") is not None:
                name.set("localSheetId", str(places[int(name.get("localSheetId"))]))
        if not len(found):
            root.remove(found)

    # --- sheets ----------------------------------------------------------------------------------------------------

    def _sheets(self) -> None:
        for name, part in self.package.sheets.items():
            if name in self.gone.sheets:
                continue
            content = self.package.read(part)
            new = frozen_sheet(name, content, self.gone, self.changes, self.problems)
            if self.first:
                new = _in_front(new, chosen=name == self.first)
            if new != content:
                self.changed[part] = new
        for table in self.package.tables.values():
            if table.sheet not in self.gone.sheets:
                self._table(table.part, table.name)

    def _table(self, part: str, name: str) -> None:
        """A column that is filled by a formula which the copy does not have is not filled any more."""
        root = xml.parse(self.package.read(part))
        tags = (f"{_MAIN}calculatedColumnFormula", f"{_MAIN}totalsRowFormula")
        lost = [each for each in root.iter(*tags) if self.gone.touches(each.text or "")]
        fetched = [each for each in root.iter() if each.get("queryTableFieldId") or each.get("tableType")]
        for element in fetched:
            for key in ("queryTableFieldId", "tableType"):
                element.attrib.pop(key, None)
        for element in lost:
            element.getparent().remove(element)
            self.changes.append(Change("formula of a column taken out", name, element.text or ""))
        if lost or fetched:
            self.changed[part] = xml.serialised(root)

    def _readers_of_hidden_sheets(self) -> None:
        """Charts, sparklines and pivots that read a sheet which is taken out."""
        if not self.gone.sheets:
            return
        fix = "Show the sheet, or freeze with --show-hidden."
        for part in self.package.zip.namelist():
            if not part.endswith(".xml") or part in self.dropped or "/worksheets/sheet" in part:
                continue
            if "/charts/" in part or "/pivotCache/" in part:
                root = xml.parse(self.package.read(part))
                texts = [
                    each.text or "" for each in root.iter() if isinstance(each.tag, str) and each.tag.endswith("}f")
                ]
                sources = [each.get(key) for each in root.iter(f"{_MAIN}worksheetSource") for key in ("sheet", "name")]
                if any(map(self.gone.reads_lost, texts)) or set(sources) & {
                    *self.gone.sheets,
                    *self.gone.tables,
                    *self.gone.names,
                }:
                    message = "reads a hidden sheet, which a copy to send does not have"
                    self.problems.append(Problem(posixpath.basename(part), "", message, fix))

    # --- the package -----------------------------------------------------------------------------------------------

    def _orphans(self) -> None:
        """Parts that nothing leads to any more: those of sheets that were taken out."""
        self._unlink_dropped()
        reached, waiting = set(), [""]
        while waiting:
            source = waiting.pop()
            folder, name = posixpath.split(source)
            relations = posixpath.join(folder, "_rels", f"{name}.rels")
            if relations not in self.package.zip.NameToInfo:
                continue
            reached.add(relations)
            for element in xml.parse(self._read(relations), xml.MOST_BYTES_OF_A_LIST):
                target = element.get("Target") or ""
                if element.get("TargetMode") == "External":
                    continue
                full = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                full = self.package.actual(full)
                if full not in reached and full not in self.dropped:
                    reached.add(full)
                    waiting.append(full)
        known = {"[Content_Types].xml", *reached}
        self.dropped |= {name for name in self.package.zip.namelist() if name not in known and not name.endswith("/")}

    def _unlink_dropped(self) -> None:
        """Relations of the workbook to sheets that were taken out."""
        folder, name = posixpath.split(self.package.workbook_part)
        part = posixpath.join(folder, "_rels", f"{name}.rels")
        root = xml.parse(self._read(part), xml.MOST_BYTES_OF_A_LIST)
        for element in list(root):
            target = element.get("Target") or ""
            full = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            if self.package.actual(full) in self.dropped:
                root.remove(element)
        self.changed[part] = xml.serialised(root)

    def _texts(self) -> None:
        """Shared texts that no cell shows any more, such as those of sheets that were taken out, are blanked."""
        part = next(
            (t for kind, t in self.package.relations(self.package.workbook_part).values() if kind == "sharedStrings"),
            "",
        )
        if part not in self.package.zip.NameToInfo:
            return
        used: set[int] = set()
        for sheet, sheet_part in self.package.sheets.items():
            if sheet not in self.gone.sheets:
                cells = xml.parse_bare(self._read(sheet_part)).iter(f"{_MAIN}c")
                used |= {int(cell.findtext(f"{_MAIN}v") or 0) for cell in cells if cell.get("t") == "s"}
        root = xml.parse_bare(self.package.read(part))
        unused = [item for number, item in enumerate(root.iterfind(f"{_MAIN}si")) if number not in used]
        unused = [item for item in unused if "".join(item.itertext())]
        for item in unused:
            for child in list(item):
                item.remove(child)
            etree.SubElement(item, f"{_MAIN}t")
        if unused:
            self.changed[part] = xml.serialised(root)
            self.changes.append(Change("texts that no cell shows blanked", posixpath.basename(part), str(len(unused))))

    def _content_types(self) -> None:
        root = xml.parse(self._read("[Content_Types].xml"), xml.MOST_BYTES_OF_A_LIST)
        for element in [each for each in root if (each.get("PartName") or "")[1:] in self.dropped]:
            root.remove(element)
        self.changed["[Content_Types].xml"] = xml.serialised(root)
        self.changed = {part: content for part, content in self.changed.items() if part not in self.dropped}

    def _look(self) -> None:
        """What is left and deserves a look before the copy goes out."""
        for name in ("RunLog", "Packets"):
            table = self.package.tables.get(name)
            if table is not None and table.sheet not in self.gone.sheets:
                self.changes.append(Change("look at: names of users", table.sheet, f"table {name}"))
        for part in self.package.zip.namelist():
            if "/embeddings/" in part and part not in self.dropped:
                self.changes.append(Change("look at: an embedded file stays as it is", posixpath.basename(part), ""))
            if part in self.dropped or not part.endswith((".xml", ".rels", ".vml")):
                continue
            content = self._read(part)
            for found in sorted({match.decode("utf-8", "replace") for match in _HOME.findall(content)})[:5]:
                self.changes.append(Change("look at: a path", posixpath.basename(part), found))
            if "/worksheets/" in part:
                hidden = len(re.findall(rb'<(?:row|col)\b[^>]*\bhidden="(?:1|true)"', content))
                if hidden:
                    name = next((sheet for sheet, each in self.package.sheets.items() if each == part), part)
                    self.changes.append(Change("look at: hidden rows or columns", name, str(hidden)))
            if "comments" in part.lower() and "rels" not in part:
                self.changes.append(Change("look at: comments stay, their texts too", posixpath.basename(part), ""))


def _in_front(content: bytes, *, chosen: bool) -> bytes:
    """A sheet that is, or is not, the one in front."""
    content = re.sub(rb'(<sheetView\b[^>]*?) tabSelected="[^"]*"', rb"\1", content)
    return content.replace(b"<sheetView ", b'<sheetView tabSelected="1" ', 1) if chosen else content


def _remove_with_wrapper(element: Any) -> None:
    """Take an element out, and the AlternateContent around it."""
    while element.getparent() is not None and element.getparent().tag.rpartition("}")[2] in {
        "Choice",
        "AlternateContent",
    }:
        element = element.getparent()
    element.getparent().remove(element)
