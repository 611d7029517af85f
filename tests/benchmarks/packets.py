"""Packets of 12 people from a plan of 12,000: ours against copying the plan with openpyxl and deleting rows.

Run: python -m tests.benchmarks.packets
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openpyxl

from revops_xl.workbook.building.templates import TEMPLATE, template_path
from tests.plans import fill_template, worked_tables

TEAM = 12


def plan_file(path: Path, people: int) -> Path:
    """A plan in the template: regions of ten managers, twelve people each."""
    tables = worked_tables()
    headers = [
        "Global",
        "Region",
        "Manager",
        "IC",
        "Q1_Attainment",
        "Q2_Attainment",
        "Q3_Attainment",
        "Q4_Attainment",
        "Pipeline",
    ]
    rows = [
        ["World", f"Region {i // TEAM // 10:03}", f"Manager {i // TEAM:04}", f"Person {i:05}", *(float((i * k) % 900 + 100) for k in (7, 11, 13, 17, 19))]
        for i in range(people)
    ]  # fmt: skip
    tables["Hierarchy"][2:] = [headers, rows]
    tables["Levels"][3] = [["Global", 1.02], ["Region", 1.03], ["Manager", 1.05], ["IC", None]]
    tables["NodeHedges"][3] = tables["Overrides"][3] = []
    tables["Metrics"][3] = []
    tables["Settings"][3] = [["Target", 900_000_000], ["Pipeline columns", "Pipeline"]]
    tables["Thresholds"][3] = [["(default)", 2, 1]]
    return fill_template(path, template_path(TEMPLATE), tables)


def ours(plan: Path, folder: Path) -> int:
    """What `packets` does, the run of the plan included."""
    from revops_xl import make_packets

    return len(make_packets(plan, folder / "out").packets)


def openpyxl_copies(plan: Path, folder: Path, count: int) -> int:
    """The usual script: load the plan, delete what is not the manager's, save."""
    for number in range(count):
        book = openpyxl.load_workbook(plan)
        manager = f"Manager {number:04}"
        page = book["Hierarchy"]
        kept = [[cell.value for cell in row] for row in page.iter_rows(min_row=5) if row[2].value == manager]
        page.delete_rows(5, page.max_row)
        for row, values in enumerate(kept, start=5):
            for column, value in enumerate(values, start=1):
                page.cell(row, column).value = value
        for name in ("Quotas", "Cascade", "Attainability", "Pipeline health", "Phasing"):
            sheet = book[name]
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5) if manager in {row[0].value, row[1].value, row[2].value}]  # fmt: skip
            sheet.delete_rows(5, sheet.max_row)
            for row, values in enumerate(rows, start=5):
                for column, value in enumerate(values, start=1):
                    sheet.cell(row, column).value = value
        book.save(folder / f"{manager}.xlsx")
    return count


def main() -> None:
    """Each way in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=12_000)
    parser.add_argument("--copies", type=int, default=3, help="how many the slow way makes; the rest is extrapolated")
    parser.add_argument("--way")
    parser.add_argument("--plan", type=Path)
    chosen = parser.parse_args()
    if chosen.way:
        folder = Path(tempfile.mkdtemp())
        start = time.perf_counter()
        made = (
            ours(chosen.plan, folder) if chosen.way == "ours" else openpyxl_copies(chosen.plan, folder, chosen.copies)
        )
        seconds = time.perf_counter() - start
        mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = sum(path.stat().st_size for path in folder.rglob("*.xlsx")) / made / 1024
        shutil.rmtree(folder)
        print(f"{made} {seconds:.2f} {mib:.0f} {size:.0f}")
        return
    folder = Path(tempfile.mkdtemp())
    plan = plan_file(folder / "plan.xlsx", chosen.people)
    from revops_xl import run

    run(plan)
    total = chosen.people // TEAM
    print("| way | packets | seconds | a packet | peak MiB | KiB a packet |\n|---|---|---|---|---|---|")
    for way in ("ours", "openpyxl copies"):
        command = [sys.executable, "-m", "tests.benchmarks.packets", "--way", way.split()[0], "--plan", str(plan), "--copies", str(chosen.copies)]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        made, seconds = int(said[0]), float(said[1])
        each = seconds / made
        shown = f"{seconds:.0f} s" if made == total else f"{each * total / 60:.0f} min (from {made})"
        print(f"| {way} | {total:,} | {shown} | {each * 1000:,.0f} ms | {said[2]} | {said[3]} |")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
