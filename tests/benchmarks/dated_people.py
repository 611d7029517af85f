"""A plan of people of whom a fifth move, against the same people without days: reading of the rows, cascade, quotas by period.

Run by hand: `python -m tests.benchmarks.dated_people 10000`.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Callable

from revops_xl.engine.evaluate import evaluate
from revops_xl.engine.forecast.deals.valuation import value_deals
from revops_xl.tables.book.plan import parse
from revops_xl.tables.schema.raw import RawBook, RawTable


def table(name: str, headers: list[str], rows: list[list[object]]) -> RawTable:
    return RawTable(name, name, tuple(headers), tuple(map(list, zip(*rows, strict=True))), range(5, 5 + len(rows)))


def book(people: int, moving: float) -> RawBook:
    """A company of teams of ten; movers stand on two rows, in two teams."""
    dice = random.Random(1)
    rows: list[list[object]] = []
    for i in range(people):
        team = i // 10
        history: list[object] = [float(dice.randrange(50, 200)) for _ in range(8)]
        place: list[object] = ["Acme", f"R{team // 40}", f"T{team}", f"P{i}", *history]
        if dice.random() >= moving:
            rows.append([*place, None, None])
            continue
        day = dt.date(2027, dice.randrange(2, 13), dice.randrange(1, 28))
        other = (team + 1 + dice.randrange(5)) % (people // 10)
        rows.append([*place, None, day - dt.timedelta(days=1)])
        rows.append(["Acme", f"R{other // 40}", f"T{other}", f"P{i}", *history, day, None])
    headers = ["Company", "Region", "Team", "IC", *(f"{y}-Q{q}_Attainment" for y in (2025, 2026) for q in (1, 2, 3, 4)), "From", "To"]  # fmt: skip
    said: list[list[object]] = [["Target", 1e9], ["Rounding unit", 0.01], ["Period", "FY 2027"], ["Phasing periods", "months"]]  # fmt: skip
    levels: list[list[object]] = [[level, 1.05] for level in headers[:3]] + [[headers[3], None]]
    tables = [table("Settings", ["Setting", "Value"], said), table("Hierarchy", headers, rows), table("Levels", ["Level", "Hedge"], levels)]  # fmt: skip
    return RawBook("plan", {each.name: each for each in tables})


def timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def main() -> None:
    """Medians of seven runs in turn, and the ratio."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000

    def run(given: RawBook) -> None:
        plan, problems = parse(given)
        if plan is None:
            raise SystemExit(str(problems[:3]))
        evaluate(plan, value_deals, most_live_rows=0)

    books = {"without days": book(people, 0.0), "a fifth moves": book(people, 0.2)}
    seconds: dict[str, list[float]] = {name: [] for name in books}
    for _ in range(7):
        for name, given in books.items():
            seconds[name].append(timed(lambda given=given: run(given)))  # type: ignore[misc]
    middle = {name: sorted(values)[3] for name, values in seconds.items()}
    for name, value in middle.items():
        rows = len(books[name].tables["Hierarchy"])
        print(f"{name:<16}{rows:>9,} rows {value:8.3f} s  {value / middle['without days']:.2f} x")


if __name__ == "__main__":
    main()
