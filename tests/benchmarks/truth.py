"""Which readers say what stands in a cell: errors, uncalculated formulas, types, days. Run by tables.py --truth."""

from __future__ import annotations

import datetime as dt
import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from revops_xl.tables.schema.raw import CellError, NotCalculated

ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!")
DAY = "2026-11-21"
#: Kind: (cell as XML, what counts as keeping it).
KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    **{f"error {text}": (f'<c r="A2" t="e"><v>{text}</v></c>', lambda value: value not in {None, ""} and not is_nan(value)) for text in ERRORS},
    "formula not calculated": ('<c r="A2"><f>1+1</f></c>', lambda value: value not in {None, "", 0} and not is_nan(value)),
    "text 007": ('<c r="A2" t="inlineStr"><is><t>007</t></is></c>', lambda value: value == "007"),
    "text NA": ('<c r="A2" t="inlineStr"><is><t>NA</t></is></c>', lambda value: value == "NA"),
    "text 1E5 beside a number": ('<c r="A2" t="inlineStr"><is><t>1E5</t></is></c></row><row r="3"><c r="A3"><v>7</v></c>', lambda value: value == "1E5"),
    "number beside a text": ('<c r="A2"><v>7</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>x</t></is></c>', lambda value: value == 7 and not isinstance(value, str | bool)),
    "TRUE beside a number": ('<c r="A2" t="b"><v>1</v></c></row><row r="3"><c r="A3"><v>7</v></c>', lambda value: value is True),
    "blanks around a text": ('<c r="A2" t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>', lambda value: value == " x "),
    "17 digits as text": ('<c r="A2" t="inlineStr"><is><t>12345678901234567</t></is></c>', lambda value: value == "12345678901234567"),
    "day": ('<c r="A2" s="1"><v>46347</v></c>', lambda value: str(value).startswith(DAY)),
    "day, from 1904": ('<c r="A2" s="1"><v>44885</v></c>', lambda value: str(value).startswith(DAY)),
    "day 59": ('<c r="A2" s="1"><v>59</v></c>', lambda value: str(value).startswith("1900-02-28")),
    "rich text": ('<c r="A2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', lambda value: value == "ab"),
    "CDATA": ('<c r="A2"><v><![CDATA[7]]></v></c>', lambda value: value == 7),
    "NaN": ('<c r="A2"><v>NaN</v></c>', lambda value: value not in {None, ""} and not is_nan(value)),
}  # fmt: skip


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value  # noqa: PLR0124


def ours(path: Path) -> Any:
    from revops_xl.workbook.file.package import Package
    from revops_xl.workbook.reading.read import read_sheets

    with Package(path) as package:
        value = next(read_sheets(path, package, ["Sheet"]))[1][1][0]
    return (
        value.text
        if isinstance(value, CellError)
        else f"={value.formula}"
        if isinstance(value, NotCalculated)
        else value
    )


def calamine(path: Path) -> Any:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Sheet").to_python(skip_empty_area=False)[1][0]


def fastexcel(path: Path) -> Any:
    return (
        importlib.import_module("fastexcel")
        .read_excel(str(path))
        .load_sheet("Sheet")
        .to_arrow()
        .column(0)
        .to_pylist()[0]
    )


def polars(path: Path) -> Any:
    return importlib.import_module("polars").read_excel(path, sheet_name="Sheet").to_series(0).to_list()[0]


def openpyxl(path: Path) -> Any:
    from openpyxl import load_workbook

    return load_workbook(path, data_only=True)["Sheet"]["A2"].value


def pandas(path: Path) -> Any:
    import pandas as pd

    value: Any = pd.read_excel(path, engine="openpyxl").iloc[0, 0]
    return value.item() if hasattr(value, "item") else value


def pandas_calamine(path: Path) -> Any:
    import pandas as pd

    value: Any = pd.read_excel(path, engine="calamine").iloc[0, 0]
    return value.item() if hasattr(value, "item") else value


def wolfxl(path: Path) -> Any:
    return importlib.import_module("wolfxl").load_workbook(str(path), data_only=True)["Sheet"]["A2"].value


def pylightxl(path: Path) -> Any:
    return importlib.import_module("pylightxl").readxl(str(path)).ws("Sheet").address("A2")


READERS: dict[str, Callable[[Path], Any]] = {
    "revops-xl": ours,
    "python-calamine": calamine,
    "fastexcel": fastexcel,
    "polars": polars,
    "pandas, calamine": pandas_calamine,
    "wolfxl": wolfxl,
    "openpyxl": openpyxl,
    "pandas, openpyxl": pandas,
    "pylightxl": pylightxl,
}


def book(path: Path, cells: str, *, counts_from_1904: bool) -> None:
    """The smallest workbook with this cell in A2."""
    from revops_xl.workbook.reading.bare_book import bare_book

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    header = '<row r="1"><c r="A1" t="inlineStr"><is><t>Header</t></is></c></row>'
    sheet = f'<worksheet xmlns="{main}"><sheetData>{header}<row r="2">{cells}</row></sheetData></worksheet>'
    styles = f'<styleSheet xmlns="{main}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    content = bare_book(sheet.encode(), {"styles": styles.encode()}, counts_from_1904=counts_from_1904)
    path.write_bytes(content.getvalue())


def report() -> None:
    print("| kind of cell | " + " | ".join(READERS) + " |")
    print("|---" * (len(READERS) + 1) + "|")
    kept = dict.fromkeys(READERS, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cell.xlsx"
        for kind, (cells, keeps) in KINDS.items():
            book(path, cells, counts_from_1904="1904" in kind)
            marks = []
            for name, read in READERS.items():
                try:
                    value = read(path)
                    good = keeps(value)
                    mark = "yes" if good else f"{value.isoformat() if isinstance(value, dt.date) else value!r}"
                except Exception as error:  # noqa: BLE001  (a peer may fail in any way)
                    good, mark = False, type(error).__name__
                kept[name] += good
                marks.append(mark)
            print(f"| {kind} | " + " | ".join(marks) + " |")
    print("| kept | " + " | ".join(f"{count} of {len(KINDS)}" for count in kept.values()) + " |")
