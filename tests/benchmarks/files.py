"""Plan file to plan file, against openpyxl and pandas reading and writing the same; each in a process of its own.

Run: python -m tests.benchmarks.files [--sizes 10000 100000] [--weekly: with commits and pipelines, ours alone]
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


def make_plan(path: Path, ics: int, *, weekly: bool = False) -> None:
    """A plan workbook with that many ICs: the template as it is built, its Hierarchy filled in place.

    With weekly, sixteen pipeline columns, and eight quarters of commits of every manager.
    """
    from revops_xl.tables.book import settings
    from revops_xl.tables.schema.declare import Column, Kind, Table
    from revops_xl.tables.schema.result import ResultTable
    from revops_xl.workbook.building import create
    from revops_xl.workbook.writing.write import write_tables
    from tests.benchmarks.orgs import LEVELS, org

    table = org(ics)
    headers = list(table.columns)
    values: dict[str, Any] = {"Plan": "Benchmark", "Target": 1_000_000_000, "Default hedge": 1.05}
    if weekly:  # a target at which about half of the quotas have enough pipeline
        columns = "*_Attainment, *_CloudSeats, *_DCSeats, *_Expansion"
        values |= {"Target": 4_000 * ics, "Pipeline columns": columns, "Adjustment mode": "redistribute"}
    rows: dict[str, Sequence[Sequence[Any]]] = {
        "Settings": settings.template_rows(values),
        "Levels": [[level, None] for level in LEVELS],
        "Metrics": [["Attainment", "blend", "proportional", 1, "*_Attainment", *[None] * 5]],
    }
    if weekly:
        managers = list(dict.fromkeys(table["Manager"]))
        rows["CommitHistory"] = [
            (name, f"Q{q % 4 + 1} {2025 + q // 4}", 1000 + i % 700, 900 + (7 * i + 131 * q) % 500)
            for i, name in enumerate(managers)
            for q in range(8)
        ]
        rows["Commits"] = [(name, 1000 + i % 300, 1100) for i, name in enumerate(managers)]
    path.write_bytes(create.build("Benchmark", headers, len(LEVELS), rows))
    declared = Table("Hierarchy", "", tuple(Column(header, Kind.ANY, "") for header in headers))
    people = ResultTable(declared, tuple(table[header].tolist() for header in headers))
    write_tables(path, path, [people])


def ours(source: Path, target: Path) -> None:
    from revops_xl import run

    run(source, target)


def accepted(source: Path, target: Path) -> None:
    from revops_xl import accept

    accept(source, target)


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


WAYS = {"revops-xl": ours, "accept": accepted, "openpyxl + pandas": openpyxl_pandas, "bytes alone": floor}


def measure(way: str, source: Path, target: Path) -> tuple[float, float]:
    """Seconds and peak MiB of a fresh process."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.files", "--one", way, str(source), str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, float(done.stdout.split()[-1])


def _weekly(sizes: Sequence[int]) -> None:
    """A plan with commits and pipelines: its first run, a run over its own results, and accepting."""
    print("| ICs | what | seconds | peak MiB | bytes alone |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            plan, first, again, moved = (folder / f"{each}{size}.xlsx" for each in ("plan", "first", "again", "moved"))
            make_plan(plan, size, weekly=True)
            for what, way, source, target in (
                ("first run", "revops-xl", plan, first),
                ("run again", "revops-xl", first, again),
                ("accept", "accept", again, moved),
            ):
                seconds, memory = min(measure(way, source, target) for _ in range(2))
                alone, _ = measure("bytes alone", source, target)
                print(f"| {size:,} | {what} | {seconds:.2f} | {memory:,.0f} | {alone:.2f} s |", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--one", nargs=3)
    arguments.add_argument("--weekly", action="store_true")
    given = arguments.parse_args()
    if given.one:
        way, source, target = given.one
        WAYS[way](Path(source), Path(target))
        # Not getrusage: its peak includes the parent's at the moment of the fork.
        peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
        print(int(peak[1]) / 1024 if peak else 0)
        return
    if given.weekly:
        _weekly(given.sizes)
        return
    print("| ICs | way | seconds | peak MiB | ratio |")
    print("|---|---|---|---|---|")
    folder = Path(tempfile.mkdtemp())
    try:
        for size in given.sizes:
            source = folder / f"plan{size}.xlsx"
            make_plan(source, size)
            base = 0.0
            for way in ("revops-xl", "openpyxl + pandas", "bytes alone"):
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
