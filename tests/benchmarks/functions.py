"""Milliseconds of one call of each worksheet function, by rows, through Excel's way to Python and in cells of LibreOffice.

python -m tests.benchmarks.functions [ROWS…]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from revops_xl.functions import examples
from revops_xl.functions.registry import FUNCTIONS, call
from revops_xl.hosts.libreoffice.install import Profile, install
from tests.hosts.sessions import Session, calc, excel, fresh_profile

SIZES = (10, 1_000, 50_000)
#: Functions that learn from every row; they get fewer, and the table says how many.
LEARN = {"REVOPS_SCORE_DEALS": 5_000, "REVOPS_FORECAST": 5_000, "REVOPS_POTENTIAL": 1_000, "REVOPS_OPTIMISE": 1_000, "REVOPS_BASELINE": 240, "REVOPS_TARGET_RANGE": 240}  # fmt: skip


def org(rows: int, shift: int = 0) -> tuple[tuple[Any, ...], ...]:
    """Teams of ten, branches of a hundred."""
    head = ("Global", "Region", "Director", "IC", "Q1_Attainment", "Q2_Attainment", "Q3_Attainment", "Q4_Attainment", "CloudSeats", "DCSeats", "Pipeline")  # fmt: skip
    body = ((("Global", f"R{i // 100}", f"D{i // 10}", f"IC{i}", *(float((i * 7 + q * 13 + shift) % 97 + 1) for q in range(4)), float(i % 9), float(i % 5), float(i % 300))) for i in range(rows))  # fmt: skip
    return (head, *body)


def column(rows: int, shift: int = 0) -> tuple[tuple[float], ...]:
    return tuple((float((i * 7 + shift) % 97 + 1),) for i in range(rows))


def enlarged(name: str, rows: int, shift: int) -> tuple[Any, ...]:  # noqa: PLR0911  (one shape a function)
    """The arguments of the example with so many rows; the shift makes them new, so that nothing is known already."""
    function = next(each for each in FUNCTIONS if each.name == name)
    target = float(max(rows, 10) * 1000 + shift)
    values = list(function.example)
    match name:
        case "REVOPS_COMPOUND_HEDGE":
            return (tuple((1.0 + value[0] / 1e9,) for value in column(rows, shift)),)
        case "REVOPS_SHARES":
            return (tuple((a[0], a[0] + 1) for a in column(rows, shift)), "proportional, inverse", ((1, 0.4),))
        case "REVOPS_SUGGEST_WEIGHTS":
            return (org(rows, shift), "Q4_Attainment", "CloudSeats, DCSeats")
        case "REVOPS_BIAS_QUOTIENT" | "REVOPS_COVERAGE_STATUS" | "REVOPS_ATTAINABILITY":
            return (column(rows, shift), column(rows, shift + 1))
        case "REVOPS_BIAS_LABEL" | "REVOPS_RISK" | "REVOPS_SAFE_BUDGET":
            return (tuple((value[0] / 60,) for value in column(rows, shift)),)
        case "REVOPS_APPORTION":
            return (target, column(rows, shift))
        case "REVOPS_PHASE":
            return (column(rows, shift), ((0.2, 0.25, 0.25, 0.3),))
        case "REVOPS_RAMP":
            return (
                tuple((f"2026-{i % 12 + 1:02d}-{i % 28 + 1:02d}",) for i in range(shift, rows + shift)),
                "2027-01-01",
                12,
                0.5,
                6,
            )
        case "REVOPS_BIAS_QUOTIENTS" | "REVOPS_RECONCILE":
            history = (
                examples.HISTORY[0],
                *((f"M{i // 4}", f"Q{i % 4 + 1} 2026", 200.0 + (i + shift) % 31, 190.0 + i % 37) for i in range(rows)),
            )
            commits = (examples.COMMITS[0], *((f"M{i}", 100.0 + i % 7, None) for i in range(max(rows // 4, 1))))
            return (history,) if name == "REVOPS_BIAS_QUOTIENTS" else (commits, history)
        case "REVOPS_UNSEEN" | "REVOPS_BUDGET":
            cohorts = (examples.COHORTS[0], *((f"C{i}", 100.0 + (i + shift) % 7, 0.01) for i in range(rows)))
            return (cohorts, 4) if name == "REVOPS_UNSEEN" else (None, cohorts, None, None, 45950, 4, None, None, 500)
        case "REVOPS_SCORE_DEALS" | "REVOPS_FORECAST":
            head, *body = examples.DEALS
            body = body[-2:] + body[:-2]  # open ones among the first
            deals = (
                head,
                *(
                    (f"D{i}", *body[i % len(body)][1:5], 100.0 + (i + shift) % 53, *body[i % len(body)][6:])
                    for i in range(rows)
                ),
            )
            return (
                (deals, None, 45950)
                if name == "REVOPS_SCORE_DEALS"
                else (deals, None, None, None, 45950, 4, None, None, 500)
            )
        case "REVOPS_BASELINE" | "REVOPS_TARGET_RANGE":
            rows = max(rows, 24)
            booked = (
                ("Period", "Bookings"),
                *((f"{2000 + i // 12}-{i % 12 + 1:02d}", 100.0 + (i * 7 + shift) % 13) for i in range(rows)),
            )
            return (booked,) if name == "REVOPS_BASELINE" else (booked, 1200)
        case "REVOPS_POTENTIAL" | "REVOPS_OPTIMISE":
            places = (("Territory", "Historical revenue", "Actual achievement", "Conversion rate", "Capacity utilization"), *((f"T{i}", 50.0 + (i * 7 + shift) % 31, 50.0 + (i * 5) % 37, 0.2 + i % 3 / 10, 1.0) for i in range(rows)))  # fmt: skip
            return (places,) if name == "REVOPS_POTENTIAL" else (places, float(rows * 50))
    changed = [
        org(rows, shift) if value is examples.HIERARCHY else None if value is examples.THRESHOLDS else value
        for value in values
    ]
    if name == "REVOPS_QUOTA":
        return (tuple((f"IC{i}",) for i in range(rows)), org(rows, shift), target, examples.LEVELS)
    if name == "REVOPS_EXPLAIN":
        changed[0] = "IC1"
    place = [parameter.name for parameter in function.parameters].index("target")
    changed[place] = target
    if name == "REVOPS_CHECK":
        changed = changed[:3]
    return tuple(changed[: max(place + 2, len(changed))])


def in_excel(session: Session, name: str, arguments: tuple[Any, ...]) -> float:
    return float(session.ask("time", name, [list(map(list, each)) if isinstance(each, tuple) else each for each in arguments]))  # fmt: skip


def letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def in_calc(session: Session, name: str, arguments: tuple[Any, ...]) -> float:
    """Seconds of setting the formula, which calculates it, in one cell of its own: the table's first cell is shown."""
    session.ask("set", "Sheet1", "AZ1", "")  # or the last one is calculated as its cells are filled
    column, references = 1, []
    for value in arguments:
        if value is None:
            references.append("ZZ1")
        elif isinstance(value, tuple):
            width = len(value[0])
            area = f"{letters(column)}1:{letters(column + width - 1)}{len(value)}"
            session.ask("fill", "Sheet1", area, [["" if cell is None else cell for cell in row] for row in value])
            references.append(area)
            column += width + 1
        else:
            references.append(f'"{value}"' if isinstance(value, str) else str(value))
    return 1000 * float(session.ask("set", "Sheet1", "AZ1", f"={name}({';'.join(references)})"))


def main() -> None:
    sizes = [int(text) for text in sys.argv[1:]] or SIZES
    folder = Path(tempfile.mkdtemp())
    profile = fresh_profile(folder)
    install(Profile(profile / "user"))
    heads = [f"{way}, {rows:,} rows" for rows in sizes for way in ("Python", "Excel's way", "Calc")]
    print("| function |", " | ".join(heads), "|")
    print("|---|" + "---|" * len(heads))
    (folder / "calc").mkdir()
    with excel(folder) as there, calc(profile, folder / "calc") as office:
        office.ask("open", "private:factory/scalc")
        for function in FUNCTIONS:
            cells = []
            there.ask("udf", function.name, [list(map(list, each)) if isinstance(each, tuple) else each for each in function.example])  # fmt: skip
            in_calc(office, function.name, function.example)  # what is loaded once is loaded
            call(function.name, *function.example)
            for wanted in sizes:
                rows = min(wanted, LEARN.get(function.name, wanted))
                start = time.perf_counter()
                call(function.name, *enlarged(function.name, rows, 3 * wanted + 1))
                direct = (time.perf_counter() - start) * 1000
                note = "" if rows == wanted else f" ({rows:,})"
                excels = in_excel(there, function.name, enlarged(function.name, rows, 3 * wanted + 2))
                calcs = in_calc(office, function.name, enlarged(function.name, rows, 3 * wanted + 3))
                cells += [f"{value:,.0f}{note}" for value in (direct, excels, calcs)]
            print(f"| `{function.name}` |", " | ".join(cells), "|", flush=True)
        for rows in (100, 1_000, 10_000):
            plan = (org(rows, 5), float(rows * 1000), examples.LEVELS)
            times = [
                in_excel(there, "REVOPS_QUOTA", (f"IC{i % rows}", *plan)) for i in range(500 if rows < 10_000 else 50)
            ]
            later = sorted(times[1:])[len(times) // 2]
            print(
                f"\nMany cells with REVOPS_QUOTA over one plan of {rows:,} ICs: the first {times[0]:,.0f} ms, each further one {later:,.1f} ms."
            )


if __name__ == "__main__":
    main()
