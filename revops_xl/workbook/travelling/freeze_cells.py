"""Formulas that would not work at the recipient's, as native formulas or as what they show."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from lxml import etree

from revops_xl.errors import Problem
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.contents import reaches_outside

_MAIN = f"{{{xml.MAIN}}}"
#: Another workbook in a formula, as files store it: [1]Sheet1!A1, '[2]My sheet'!A1, [1]!Name.
_OTHER_BOOK = re.compile(r"(?<![\w\]])\[\d+\]|'[^']*\[\d+\][^']*'!")
#: Sheets from one to another: Jan:Mar!A1.
_SPAN = re.compile(r"(?<![\w$])[\w.]+:[\w.]+!|'[^']+:[^']+'!")
_TEXT = re.compile(r'"(?:[^"]|"")*"')
#: Formulas outside cells: rules of formats and of entries.
_RULES = frozenset({"formula", "formula1", "formula2", "cfvo", "hyperlink"})


@dataclass(frozen=True)
class Change:
    """One thing that was changed, or that deserves a look.

    Attributes:
        what: What was done.
        where: Sheet and cell, or the part.
        detail: What it was.
    """

    what: str
    where: str
    detail: str


@dataclass(frozen=True)
class Gone:
    """What a frozen copy will not have.

    Attributes:
        translate: A formula without our functions; None where there is none that says the same.
        is_ours: Whether a formula calls one of our functions.
        sheets: Sheets that are taken out.
        tables: Tables on them.
        names: Defined names that are taken out.
    """

    translate: Callable[[str], str | None]
    is_ours: Callable[[str], bool]
    sheets: Collection[str] = ()
    tables: Collection[str] = ()
    names: set[str] = field(default_factory=set)

    def reads_lost(self, formula: str) -> bool:
        """Whether a formula needs what the copy will not have, our functions aside."""
        bare = _TEXT.sub('""', formula)
        if self.sheets and (_SPAN.search(bare) or "INDIRECT(" in bare.upper()):
            return True  # a span of sheets, or a name put together from texts, may lead to what is taken out
        if _OTHER_BOOK.search(bare) or reaches_outside(formula.encode()):
            return True
        sheets = [re.escape(name) for name in self.sheets] + [
            re.escape(name.replace("'", "''")) for name in self.sheets
        ]
        if sheets and re.search(rf"(?:^|[^\w'])(?:{'|'.join(sheets)})!|'(?:{'|'.join(sheets)})'!", bare, re.IGNORECASE):
            return True
        words = [rf"(?<![\w.]){re.escape(name)}\[" for name in self.tables]
        words += [rf"(?<![\w.\[\]'\"]){re.escape(name)}(?![\w.(\[\]])" for name in self.names]
        return bool(words) and re.search("|".join(words), bare, re.IGNORECASE) is not None

    def touches(self, formula: str) -> bool:
        """Whether a formula cannot stay as it is."""
        return self.is_ours(formula) or self.reads_lost(formula)


def frozen_sheet(name: str, content: bytes, gone: Gone, changes: list[Change], problems: list[Problem]) -> bytes:
    """A sheet whose formulas work by themselves; the very same bytes if they all do.

    Args:
        name: Name of the sheet.
        content: Its XML.
        gone: What the copy will not have.
        changes: Where changes are told.
        problems: Where cells are told whose value is not known.
    """
    root = xml.parse_bare(content)
    before = len(changes)
    shared = {
        formula.get("si"): formula.text or ""
        for formula in root.iter(f"{_MAIN}f")
        if formula.get("t") == "shared" and formula.text
    }
    lost = {number for number, text in shared.items() if gone.touches(text)}
    for cell in root.iter(f"{_MAIN}c"):
        formula = cell.find(f"{_MAIN}f")
        if formula is not None:
            _freeze(name, cell, formula, lost, gone, changes, problems)
    for rule in root.iter():
        tag = rule.tag.rpartition("}")[2] if isinstance(rule.tag, str) else ""
        text = (rule.get("val") if tag == "cfvo" else rule.get("location") if tag == "hyperlink" else rule.text) or ""
        if (tag in _RULES or (tag == "f" and rule.tag != f"{_MAIN}f")) and gone.touches(text):
            message = f"a rule, a sparkline or a link needs what the copy will not have: {text[:80]}"
            problems.append(Problem(name, "", message, "Change the rule, or delete it."))
    return xml.serialised(root) if len(changes) > before else content


def _freeze(
    sheet: str,
    cell: etree._Element,
    formula: etree._Element,
    lost: Collection[str | None],
    gone: Gone,
    changes: list[Change],
    problems: list[Problem],
) -> None:
    kind, text, where = formula.get("t"), formula.text or "", f"{sheet}!{cell.get('r')}"
    if not (formula.get("si") in lost if kind == "shared" else gone.touches(text)):
        return
    one_cell = kind is None or (kind == "array" and formula.get("ref") in {None, cell.get("r")})
    works = cell.get("t") != "e"  # where the function refuses, a formula might show some number
    said = gone.translate(text) if one_cell and works and gone.is_ours(text) else None
    if said is not None and not gone.touches(said):
        formula.text = said
        formula.attrib.clear()
        cell.attrib.pop("cm", None)
        changes.append(Change("native formula", where, f"{text} became {said}"))
        return
    value = cell.findtext(f"{_MAIN}v")
    if value is None or (not value and cell.get("t") != "str") or (cell.get("t") == "e" and value == "#NAME?"):
        shown = value or "nothing, because it was never calculated"
        fix = "Open it where the add-in is, let it calculate, save, and freeze it then."
        problems.append(Problem(sheet, cell.get("r") or "", f"the formula shows {shown}, so its value is not known: {text[:80]}", fix))  # fmt: skip
        return
    cell.remove(formula)
    cell.attrib.pop("cm", None)
    changes.append(Change("value", where, text or "a formula that several cells share"))
