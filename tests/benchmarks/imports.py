"""An export of deals brought into a fresh plan, against reading the file with the fastest reader and with Python's own.

Run by hand: `python -m tests.benchmarks.imports 200000`.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pyarrow import csv as arrow

from revops_xl.usecases.import_files import import_files

HEAD = ["Opportunity ID", "Opportunity Owner", "Account Name", "Stage", "Amount", "Probability (%)", "Close Date", "Created Date", "Lead Source", "Type", "Segment"]  # fmt: skip


def write(path: Path, rows: int) -> None:
    """Deals of 500 reps and 9,000 accounts, as a CRM exports them."""
    draw = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for i in range(rows):
            created, ended = dt.date(2024, 1, 1) + dt.timedelta(draw.randrange(900)), draw.random()
            stage = "Closed Won" if ended < 0.3 else "Closed Lost" if ended < 0.7 else "Proposal"
            close = created + dt.timedelta(draw.randrange(1, 90)) if stage != "Proposal" else dt.date(2027, 1, 25)
            amount = round(draw.uniform(1e3, 1e6), 2)
            writer.writerow([f"006{i:09}", f"Rep {i % 500}", f"Acc {i % 9000}", stage, amount, draw.choice([10, 50, 90]), close, created, draw.choice(["Web", "Event"]), "New", draw.choice("ABC")])  # fmt: skip


def timed(name: str, act: Callable[[], object], unit: float = 0.0) -> float:
    """Seconds of the better of two runs, and how many times another it is."""
    found = []
    for _ in range(2):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    ratio = f"{min(found) / unit:8.1f} x" if unit else ""
    print(f"{name:<34}{min(found):8.2f} s{ratio}")
    return min(found)


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, plan = folder / "deals.csv", folder / "plan.xlsx"
        write(file, rows)
        print(f"{rows:,} deals x {len(HEAD)} columns, {file.stat().st_size / 2**20:.0f} MiB")
        fastest = timed("pyarrow.csv.read_csv", lambda: arrow.read_csv(file))
        timed("csv.reader to a list", lambda: list(csv.reader(file.open(encoding="utf-8"))), fastest)
        timed("proposal", lambda: import_files(plan, [file]), fastest)

        def written() -> None:
            plan.unlink(missing_ok=True)
            import_files(plan, [file], apply=True)

        timed("proposal and plan written", written, fastest)
        timed("the same file again", lambda: import_files(plan, [file]), fastest)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
