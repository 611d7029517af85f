"""Reading a table and putting one back, against the libraries people use; each way in a process of its own.

Run: python -m tests.benchmarks.tables [--sizes 10000 100000 1000000] [--truth]
The peers: pip install -e '.[test,bench]'.
"""

from __future__ import annotations

# Each way imports what it needs itself: start-up is part of what a user waits for.
import argparse
import importlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from revops_xl.model.codes import Coded
from revops_xl.tables.quotas import quotas
from revops_xl.tables.schema.result import ResultTable

BIG = 1_000_000


def result(rows: int) -> ResultTable:
    """Quotas of that many nodes: texts, numbers, TRUE/FALSE."""
    rng = np.random.default_rng(7)
    names: list[Any] = [f"Rep {i:07d}" for i in range(rows)]
    teams = [f"Team {i:05d}" for i in range(rows // 8 + 1)]
    every, money = np.arange(rows, dtype=np.int32), np.round(rng.lognormal(11, 1, rows), 2)
    columns: dict[str, Any] = {
        "Level": Coded(np.zeros(rows, dtype=np.int32), ["IC"]),
        "Node": Coded(every, names),
        "Parent": Coded(every // 8, teams),
        "Depth": np.full(rows, 4),
        "IC": np.ones(rows, dtype=bool),
        "Rule": Coded(every % 2, ["share", "new hire"]),
    }
    return ResultTable(quotas.TABLE, tuple(columns.get(header, money) for header in quotas.TABLE.headers))


def make_book(path: Path, rows: int) -> None:
    """A workbook with the table Quotas full, another sheet, and the names that a plan has."""
    import xlsxwriter

    from revops_xl.workbook.writing.write import write_tables

    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("Quotas")
    headers = [{"header": header} for header in quotas.TABLE.headers]
    page.add_table(0, 0, 1, len(headers) - 1, {"name": "Quotas", "columns": headers, "autofilter": False})
    for name in ("Plan", "Currency", "Target", "Rounding_unit"):
        book.define_name(name, "=Other!$B$1")
    book.add_worksheet("Other").write(0, 1, 1)
    book.close()
    write_tables(path, path, [result(rows)])


# --- reading: every cell as a Python value or a typed column ------------------------------------------------------


def read_ours(path: Path) -> None:
    from revops_xl.workbook.reading.read import read_book

    read_book(path, {"Quotas"})


def read_calamine(path: Path) -> None:
    from python_calamine import CalamineWorkbook

    CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Quotas").to_python()


def read_fastexcel(path: Path) -> None:
    fastexcel = importlib.import_module("fastexcel")
    fastexcel.read_excel(str(path)).load_sheet("Quotas").to_arrow()


def read_polars(path: Path) -> None:
    importlib.import_module("polars").read_excel(path, sheet_name="Quotas")


def read_openpyxl(path: Path) -> None:
    from openpyxl import load_workbook

    list(load_workbook(path, data_only=True)["Quotas"].values)


def read_openpyxl_read_only(path: Path) -> None:
    from openpyxl import load_workbook

    list(load_workbook(path, data_only=True, read_only=True)["Quotas"].values)


def read_pandas(path: Path) -> None:
    import pandas as pd

    pd.read_excel(path, sheet_name="Quotas", engine="openpyxl")


def read_pandas_calamine(path: Path) -> None:
    import pandas as pd

    pd.read_excel(path, sheet_name="Quotas", engine="calamine")


def read_pylightxl(path: Path) -> None:
    list(importlib.import_module("pylightxl").readxl(str(path), ws=["Quotas"]).ws("Quotas").rows)


def read_wolfxl(path: Path) -> None:
    list(importlib.import_module("wolfxl").load_workbook(str(path), data_only=True)["Quotas"].values)


READERS: dict[str, Callable[[Path], None]] = {
    "revops-xl": read_ours,
    "python-calamine": read_calamine,
    "fastexcel": read_fastexcel,
    "polars": read_polars,
    "pandas, calamine": read_pandas_calamine,
    "wolfxl": read_wolfxl,
    "openpyxl, read-only": read_openpyxl_read_only,
    "openpyxl": read_openpyxl,
    "pandas, openpyxl": read_pandas,
    "pylightxl": read_pylightxl,
}


# --- writing back: the same number of rows into the table that is there, or into a new file -----------------------


def lists(rows: int) -> list[tuple[Any, ...]]:
    content = result(rows)
    columns = [
        column.texts() if isinstance(column, Coded) else np.asarray(column).tolist() for column in content.columns
    ]
    return list(zip(*columns, strict=True))


def write_ours(path: Path, rows: int) -> None:
    from revops_xl.workbook.writing.write import write_tables

    write_tables(path, path, [result(rows)])


def write_openpyxl(path: Path, rows: int) -> None:
    from openpyxl import load_workbook

    book = load_workbook(path)
    page = book["Quotas"]
    for i, row in enumerate(lists(rows), start=2):
        for j, value in enumerate(row, start=1):
            page.cell(i, j).value = value
    book.save(path)


def write_pandas_openpyxl(path: Path, rows: int) -> None:
    import pandas as pd

    pd.DataFrame(lists(rows), columns=quotas.TABLE.headers).to_excel(path, engine="openpyxl", index=False)


def write_pandas_xlsxwriter(path: Path, rows: int) -> None:
    import pandas as pd

    pd.DataFrame(lists(rows), columns=quotas.TABLE.headers).to_excel(path, engine="xlsxwriter", index=False)


def write_xlsxwriter(path: Path, rows: int) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    page = book.add_worksheet()
    for i, row in enumerate(lists(rows)):
        page.write_row(i, 0, row)
    book.close()


def write_pyexcelerate(path: Path, rows: int) -> None:
    book = importlib.import_module("pyexcelerate").Workbook()
    book.new_sheet("Quotas", data=lists(rows))
    book.save(str(path))


def write_rust(path: Path, rows: int) -> None:
    headers = quotas.TABLE.headers
    records = [dict(zip(headers, row, strict=True)) for row in lists(rows)]
    importlib.import_module("rustpy_xlsxwriter").write_worksheet(records, str(path))


WRITERS: dict[str, Callable[[Path, int], None]] = {
    "revops-xl, in place": write_ours,
    "openpyxl, in place": write_openpyxl,
    "rustpy-xlsxwriter, new file": write_rust,
    "pyexcelerate, new file": write_pyexcelerate,
    "XlsxWriter, new file": write_xlsxwriter,
    "pandas + XlsxWriter, new file": write_pandas_xlsxwriter,
    "pandas + openpyxl, new file": write_pandas_openpyxl,
}
#: Ways that take minutes or many gigabytes with a million rows.
SLOW = {"openpyxl", "openpyxl, in place", "pandas, openpyxl", "pylightxl", "pandas + openpyxl, new file", "pandas + XlsxWriter, new file", "pyexcelerate, new file", "wolfxl"}  # fmt: skip


def inflate(path: Path) -> None:
    """The physical limit of reading: unpack the sheet."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        archive.read("xl/worksheets/sheet1.xml")


def deflate(path: Path, _: int) -> None:
    """The physical limit of writing: unpack the sheet, pack it again."""
    import zipfile

    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:  # fmt: skip
        out.writestr("sheet1.xml", archive.read("xl/worksheets/sheet1.xml"))


def nothing(path: Path, rows: int) -> None:
    """Making the rows, which every way of writing does first."""
    lists(rows)


ALL: dict[str, Callable[..., None]] = READERS | WRITERS | {"inflate alone": inflate, "deflate alone": deflate, "rows alone": nothing}  # fmt: skip


def measure(way: str, path: Path, rows: int, times: int) -> tuple[float, float] | None:
    """Best seconds, without start-up, and peak MiB of a fresh process; None if it failed."""
    found = []
    for _ in range(times):
        copy = path.with_name("copy.xlsx")
        shutil.copyfile(path, copy)
        command = [sys.executable, "-m", "tests.benchmarks.tables", "--one", way, str(copy), str(rows)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            return None
        seconds, peak = done.stdout.split()[-2:]
        found.append((float(seconds), float(peak)))
    return min(found)


def one(way: str, path: Path, rows: int) -> None:
    act = ALL[way]
    start = time.perf_counter()
    if way in READERS or way == "inflate alone":
        act(path)
    else:
        act(path, rows)
    seconds = time.perf_counter() - start
    # Not getrusage: its peak includes the parent's at the moment of the fork.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    print(seconds, int(peak[1]) / 1024 if peak else 0)


def compare(title: str, ways: list[str], path: Path, rows: int) -> None:
    base = 0.0
    for way in ways:
        if rows >= BIG and way in SLOW:
            continue
        found = measure(way, path, rows, 1 if rows >= BIG or "openpyxl" in way or way in SLOW else 3)
        if found is None:
            print(f"| {rows:,} | {title} | {way} | failed | – | – |", flush=True)
            continue
        seconds, peak = found
        base = base or seconds
        print(f"| {rows:,} | {title} | {way} | {seconds:.2f} | {peak:,.0f} | {seconds / base:.1f} × |", flush=True)


# --- truth ---------------------------------------------------------------------------------------------------------


def truth() -> None:
    """Which readers keep each kind of cell; every kind is one workbook, so that one failure hides no other."""
    from tests.benchmarks.truth import report

    report()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--truth", action="store_true")
    arguments.add_argument("--one", nargs=3)
    given = arguments.parse_args()
    if given.one:
        one(given.one[0], Path(given.one[1]), int(given.one[2]))
        return
    if given.truth:
        truth()
        return
    print(f"| rows × {len(quotas.TABLE.headers)} columns | | way | seconds | peak MiB | ratio |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in given.sizes:
            path = Path(folder) / "book.xlsx"
            make_book(path, rows)
            compare("read", [*READERS, "inflate alone"], path, rows)
            compare("write", [*WRITERS, "deflate alone"], path, rows)


if __name__ == "__main__":
    main()
