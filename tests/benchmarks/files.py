"""Plan file to plan file, against openpyxl and pandas reading and writing the same; each in a process of its own.

Run: python -m tests.benchmarks.files [--sizes 10000 100000]
"""

from __future__ import annotations

# Each way imports what it needs itself: start-up is part of what a user waits for.
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def make_plan(path: Path, ics: int) -> None:
    """A plan workbook with that many ICs: the template as it is built, its Hierarchy filled in place."""
    from revops_xl.tables import settings
    from revops_xl.tables.declare import Column, Kind, Table
    from revops_xl.tables.result import ResultTable
    from revops_xl.workbook import create
    from revops_xl.workbook.write import write_tables
    from tests.benchmarks.orgs import LEVELS, org

    table = org(ics)
    headers = list(table.columns)
    rows: dict[str, Sequence[Sequence[Any]]] = {
        "Settings": settings.template_rows({"Plan": "Benchmark", "Target": 1_000_000_000, "Default hedge": 1.05}),
        "Levels": [[level, None] for level in LEVELS],
        "Metrics": [["Attainment", "blend", "proportional", 1, "*_Attainment", *[None] * 5]],
    }
    path.write_bytes(create.build("Benchmark", headers, len(LEVELS), rows))
    declared = Table("Hierarchy", "", tuple(Column(header, Kind.ANY, "") for header in headers))
    people = ResultTable(declared, tuple(table[header].tolist() for header in headers))
    write_tables(path, path, [people])


def ours(source: Path, target: Path) -> None:
    from revops_xl import run

    run(source, target)


def floor(source: Path, target: Path) -> None:
    """What reading and writing those bytes alone takes: inflate every part, deflate what a run writes."""
    import zipfile

    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(target) as new,
        zipfile.ZipFile(target.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
    ):
        for name in old.namelist():
            old.read(name)
        for entry in new.infolist():
            if entry.CRC != old.getinfo(entry.filename).CRC:
                out.writestr(entry.filename, new.read(entry))


def openpyxl_pandas(source: Path, target: Path) -> None:
    """Read the hierarchy with pandas, cascade, and put the quotas back with openpyxl."""
    import pandas as pd
    from openpyxl import load_workbook
    from openpyxl.utils.dataframe import dataframe_to_rows

    from revops_xl import Metric, cascade
    from tests.benchmarks.orgs import LEVELS

    table = pd.read_excel(source, sheet_name="Hierarchy", header=3, keep_default_na=False, engine="openpyxl")
    quotas = cascade(table, 1_000_000_000, levels=LEVELS, metrics=[Metric("Attainment")], hedge=1.05).quotas
    book = load_workbook(source)
    page = book["Quotas"]
    page.delete_rows(5, page.max_row)
    for row in dataframe_to_rows(quotas.astype(object).where(quotas.notna(), None), index=False, header=False):
        page.append(row)
    page.tables["Quotas"].ref = f"A4:M{4 + len(quotas)}"
    book.save(target)


WAYS = {"revops-xl": ours, "openpyxl + pandas": openpyxl_pandas, "bytes alone": floor}


def measure(way: str, source: Path, target: Path) -> tuple[float, float]:
    """Seconds and peak MiB of a fresh process."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.files", "--one", way, str(source), str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, float(done.stdout.split()[-1])


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--one", nargs=3)
    given = arguments.parse_args()
    if given.one:
        way, source, target = given.one
        WAYS[way](Path(source), Path(target))
        # Not getrusage: its peak includes the parent's at the moment of the fork.
        peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
        print(int(peak[1]) / 1024 if peak else 0)
        return
    print("| ICs | way | seconds | peak MiB | ratio |")
    print("|---|---|---|---|---|")
    folder = Path(tempfile.mkdtemp())
    try:
        for size in given.sizes:
            source = folder / f"plan{size}.xlsx"
            make_plan(source, size)
            base = 0.0
            for way in WAYS:
                if size > 100_000 and "pandas" in way:
                    continue  # an hour, and more memory than this machine has
                target = folder / f"out{size}.xlsx" if way != "openpyxl + pandas" else folder / f"peer{size}.xlsx"
                seconds, memory = min(
                    measure(way, source, target) for _ in range(1 if "pandas" in way or size > 100_000 else 3)
                )
                base = base or seconds
                print(f"| {size:,} | {way} | {seconds:.2f} | {memory:,.0f} | {seconds / base:.2f} × |", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
