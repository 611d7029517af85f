"""What about a workbook deserves to be known though every cell was read: listed in Checks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from lxml import etree

from revops_xl.model.plan import Remark
from revops_xl.tables.book import catalog, setting_list, settings
from revops_xl.tables.schema.raw import column_letters
from revops_xl.workbook.file import xml
from revops_xl.workbook.file.address import Area
from revops_xl.workbook.file.contents import SEALED, Carried, ContentKind
from revops_xl.workbook.file.package import Package, TablePart
from revops_xl.workbook.file.references import split_reference
from revops_xl.workbook.reading.sheet_table import SheetTable

SHOWN = 5
_RESULTS = frozenset(table.name for sheet in catalog.SHEETS for table in sheet.tables if table.result)
_FORMULA_CELL = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*><f[^>]*>([^<]+)</f>')
_RULE_FORMULA = re.compile(rb"<(?:xm:f|formula|formula1|formula2)>([^<]*![^<]*)<")
_HYPERLINK = re.compile(rb'<hyperlink [^>]*?ref="([^"]+)"')
_STRING = re.compile(r'"[^"]*"')
_CELLS = r"\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?"
_QUALIFIED = re.compile(rf"(?:'(?:[^']|'')+'|[^\s'!,;:()+\-*/^&=<>\[\]{{}}]+)!{_CELLS}")
_LOCAL = re.compile(rf"(?<![\w!'$.\]]){_CELLS}(?![\w(!\[])")


def of_contents(carried: Sequence[Carried]) -> list[Remark]:
    """What the file carries beside cells, kind by kind."""
    found = []
    for kind in ContentKind:
        details = [each.detail for each in carried if each.kind is kind]
        if details:
            advice = "Left as they are; nothing of it was started or fetched."
            if kind in SEALED:
                advice = "It would not hold after a run: save the results elsewhere, in a copy without it."
            found.append(Remark(f"The workbook has {kind.value}", len(details), _some(details), advice))
    return found


def of_tables(package: Package, tables: Iterable[SheetTable]) -> list[Remark]:
    """Hidden rows and sheets, and values that come from outside the workbook, in tables that were read."""
    found = []
    hidden_sheets = []
    for table in tables:
        part, scan = table.part, table.scan
        if part.name in _RESULTS:
            continue
        hidden = [row for row in table.raw.rows if row in scan.hidden] if scan.hidden else []
        if hidden and part.name == settings.TABLE.name:
            usual = settings.rows_at_default(table.raw)  # those of parts that the plan has not are folded away
            hidden = [row for row in hidden if row not in usual]
        if hidden:
            where = f"{part.sheet}, rows {_some(map(str, hidden))}"
            advice = "Rows that are hidden or filtered out are read like all others."
            found.append(Remark(f"Hidden rows of {part.name}", len(hidden), where, advice))
        cells = [f"{column_letters(column)}{row}" for row, column in scan.outside if _inside(part.body, row, column)]
        if cells:
            advice = "The formula reads another file or program, which was not opened: the value is the one last saved."
            where = f"{part.sheet}!{_some(cells)}"
            found.append(
                Remark(f"Values of {part.name} from outside the workbook", len(cells), where, advice, warns=True)
            )
        if part.sheet in package.hidden_sheets and part.sheet not in hidden_sheets:
            hidden_sheets.append(part.sheet)
    if hidden_sheets:
        advice = "Tables on hidden sheets are read like all others."
        found.append(Remark("Hidden sheets with inputs", len(hidden_sheets), _some(hidden_sheets), advice))
    return found


def of_readers(package: Package) -> list[Remark]:
    """What reads our result tables by address, or stands on their rows, and so does not follow them."""
    results = [table for table in package.tables.values() if table.name in _RESULTS]
    if not results:
        return []
    by_address = [*_formulas(package, results), *_names(package, results), *_charts(package, results)]
    found = []
    if by_address:
        advice = "They name cells of a result table, whose rows move when the plan changes. Name the column instead, such as Quotas[Quota]."
        found = [Remark("Results read by address", len(by_address), _some(by_address), advice, warns=True)]
    return [*found, *_pivots(package, results), *_comments(package, results)]


def _formulas(package: Package, results: Sequence[TablePart]) -> list[str]:
    """Formulas of the user's, in cells, formats and validations, that name cells of a result table instead of its columns."""
    found = []
    sheets = {table.sheet for table in results}
    for sheet, part in package.sheets.items():
        content = package.read(part)
        here = [table.area for table in results if table.sheet == sheet]
        cells = _FORMULA_CELL.findall(content) if b"<f" in content else ()
        for address, text in cells:
            cell = Area.parse(address.decode())
            if cell is None or any(cell.overlaps(area) for area in here):
                continue
            formula = html.unescape(text.decode("utf-8", "replace"))
            if _reads(formula, sheet if sheet in sheets else "", results):
                found.append(f"{sheet}!{address.decode()}")
        rules = {html.unescape(text.decode("utf-8", "replace")) for text in _RULE_FORMULA.findall(_after_rows(content))}
        found += [f"{sheet}, a format or validation: {rule}" for rule in sorted(rules) if _reads(rule, "", results)]
    return found


def _after_rows(content: bytes) -> bytes:
    """What a sheet holds behind its cells: formats, validations, links."""
    return content[max(content.rfind(b"</sheetData>"), 0) :]


def _reads(formula: str, sheet: str, results: Sequence[TablePart]) -> bool:
    """Whether a formula names cells of a result table; without a sheet's name it means its own sheet, if one is given."""
    bare = _STRING.sub("", formula)
    places = [split_reference(text) for text in _QUALIFIED.findall(bare)]
    places += [(sheet, Area.parse(text)) for text in _LOCAL.findall(_QUALIFIED.sub("", bare))] if sheet else []
    return any(
        area is not None and any(name == table.sheet and area.overlaps(table.body) for table in results)
        for name, area in places
    )


def of_names(package: Package) -> list[Remark]:
    """Names of settings that do not mean the setting any more: formulas of the results read them."""
    declared = {setting.defined_name: setting for setting in setting_list.SETTINGS}
    table = package.tables.get("Settings")
    elsewhere = []
    for name in xml.parse(package.read(package.workbook_part)).iter(f"{{{xml.MAIN}}}definedName"):
        setting, text = declared.get(name.get("name", "")), (name.text or "").strip()
        if setting is None or name.get("localSheetId") is not None or table is None:
            continue
        sheet, area = split_reference(text)
        inside = area is not None and sheet == table.sheet and area.overlaps(table.body)
        named = f'"{setting.name}"' in text and "Settings[" in text
        cell = f"{table.sheet}!" in text.replace("'", "") or "Settings[" in text
        if not inside and not named and not cell:
            elsewhere.append(f"{setting.defined_name} (={text[:40]})")
    if not elsewhere:
        return []
    advice = "Formulas of the results read these names, and they point elsewhere than to the table Settings: what is live follows another cell. Delete them in Formulas, Name Manager, and run again: the run defines them anew."
    return [Remark("Names of settings that point elsewhere", len(elsewhere), _some(elsewhere), advice, warns=True)]


def _names(package: Package, results: Sequence[TablePart]) -> list[str]:
    """Defined names that reach over part of a result, or use it in a formula; those over whole columns follow."""
    found = []
    for name in xml.parse(package.read(package.workbook_part)).iter(f"{{{xml.MAIN}}}definedName"):
        text, title = name.text or "", name.get("name", "")
        if not title.startswith("_xlnm.") and _reads(text, "", results) and not _follows(text, results):
            found.append(f"the name {title}")
    return found


def _charts(package: Package, results: Sequence[TablePart]) -> list[str]:
    found = []
    for part in package.charts():
        texts = [each.text or "" for each in xml.parse(package.read(part)).iter() if etree.QName(each).localname == "f"]
        if any(_reads(text, "", results) and not _follows(text, results) for text in texts):
            found.append(f"a chart ({part.rpartition('/')[2]})")
    return found


def _follows(text: str, results: Sequence[TablePart]) -> bool:
    """Whether a reference is over all rows of a table, which a run lets grow."""
    sheet, area = split_reference(text)
    return area is not None and any(
        table.sheet == sheet and area.bottom >= table.body.bottom and area.top <= table.body.top for table in results
    )


def _pivots(package: Package, results: Sequence[TablePart]) -> list[Remark]:
    names = []
    for part in package.zip.namelist():
        if not re.search(r"pivotCacheDefinition[^/]*\.xml$", part):
            continue
        source = xml.parse(package.read(part)).find(f".//{{{xml.MAIN}}}worksheetSource")
        if source is None:
            continue
        area = Area.parse(source.get("ref") or "")
        for table in results:
            by_address = area is not None and source.get("sheet") == table.sheet and area.overlaps(table.area)
            if source.get("name", "").lower() == table.name.lower() or by_address:
                names.append(f"{table.name} ({part.rpartition('/')[2]})")
    if not names:
        return []
    advice = "They show the results of the run before until they are refreshed: Data, Refresh All."
    return [Remark("Pivot tables that read results", len(names), _some(names), advice)]


def _comments(package: Package, results: Sequence[TablePart]) -> list[Remark]:
    cells = []
    for table in results:
        for kind, part in package.relations(table.sheet_part).values():
            if kind not in {"comments", "threadedComment"} or part not in package.zip.NameToInfo:
                continue
            for element in xml.parse(package.read(part)).iter():
                area = Area.parse(element.get("ref") or "")
                if area is not None and area.overlaps(table.body):
                    cells.append(f"{table.sheet}!{area}")
        for reference in _HYPERLINK.findall(_after_rows(package.read(table.sheet_part))):
            area = Area.parse(reference.decode())
            if area is not None and area.overlaps(table.body):
                cells.append(f"{table.sheet}!{area}")
    if not cells:
        return []
    advice = "They stay at their cell when rows move. A column of your own in the table follows its row."
    return [Remark("Comments and links on result rows", len(set(cells)), _some(dict.fromkeys(cells)), advice)]


def _inside(area: Area, row: int, column: int) -> bool:
    return area.top <= row <= area.bottom and area.left <= column <= area.right


def _some(texts: Iterable[str]) -> str:
    listed = list(texts)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
