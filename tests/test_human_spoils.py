"""A good plan spoiled in the ways of people: found and told, or read rightly; and good plans, in which nothing is found."""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from revops_xl.engine.quotas.cascade import cascade
from revops_xl.model.plan import Plan
from revops_xl.tables.book.plan import parse
from revops_xl.tables.quotas.meant import meant_checks
from tests.plans import Tables, raw_book

LEVELS = ["Company", "Region", "Manager", "IC"]
QUARTERS = ["Q1_Attainment", "Q2_Attainment", "Q3_Attainment", "Q4_Attainment"]
DEALS = ["Deal ID", "Account ID", "Rep", "Stage", "Status", "Amount", "Rep probability", "Created", "Close date", "Employees"]  # fmt: skip
FIRST = (
    "Ann",
    "Bob",
    "Cem",
    "Dora",
    "Eli",
    "Fay",
    "Gus",
    "Hana",
    "Ian",
    "Joy",
    "Kai",
    "Lea",
    "Max",
    "Nia",
    "Oda",
    "Pia",
)
LAST = ("Lee", "Ray", "Tan", "Fox", "Kern", "Stone", "Abel", "Vidal", "Rossi", "Moreau", "Sato", "Patel")
Spoil = Callable[[Tables, random.Random], None]


def good(rng: random.Random) -> Tables:
    """A plan of 8 to 30 people, with deals, bookings and commits."""
    names = [f"{first} {last}" for last in LAST for first in FIRST]
    rng.shuffle(names)
    regions = [f"R{i}" for i in range(rng.randint(2, 3))]
    people: list[list[Any]] = []
    managers = []
    for region in regions:
        for _ in range(rng.randint(1, 3)):
            managers.append(names.pop())
            for _ in range(rng.randint(2, 5)):
                history = [round(rng.lognormvariate(11, 0.6), rng.choice([0, 2])) for _ in QUARTERS]
                people.append(["Acme", region, managers[-1], names.pop(), *history])
    deals = []
    for i in range(rng.randint(12, 30)):
        created = dt.date(2025, 1, 1) + dt.timedelta(days=rng.randint(0, 500))
        status = rng.choice(["Open", "Open", "Won", "Lost"])
        close = created + dt.timedelta(days=rng.randint(20, 150))
        deals.append([f"D{i}", f"A{i % 7}", rng.choice(people)[3], rng.choice(["Demo", "Offer"]), status, round(rng.lognormvariate(10, 0.8), 2), rng.choice([0.25, 0.5, 0.75]), created, close, rng.randint(5, 5000)])  # fmt: skip
    bookings = [[f"{2023 + i // 4}-Q{i % 4 + 1}", round(rng.lognormvariate(14, 0.2), 2)] for i in range(12)]
    commits = [[m, f"2026-Q{q}", rng.randint(50, 500) * 1000, rng.randint(50, 500) * 1000] for m in managers for q in (1, 2, 3)]  # fmt: skip
    return {
        "Settings": ["Settings", (4, 1), ["Setting", "Value"], [["Target", 12_000_000], ["As of", dt.date(2026, 12, 1)], ["Currency", "USD"]]],
        "Hierarchy": ["Hierarchy", (4, 1), [*LEVELS, *QUARTERS], people],
        "Levels": ["Levels", (4, 1), ["Level", "Hedge"], [[level, None] for level in LEVELS]],
        "Deals": ["Deals", (4, 1), list(DEALS), deals],
        "Bookings": ["Bookings", (4, 1), ["Period", "Bookings"], bookings],
        "CommitHistory": ["Commits", (4, 1), ["Manager", "Period", "Commit", "Actual"], commits],
    }  # fmt: skip


def rows(tables: Tables, name: str) -> list[list[Any]]:
    return tables[name][3]  # type: ignore[no-any-return]


def column(name: str) -> int:
    return DEALS.index(name)


def team_of(tables: Tables, rng: random.Random) -> tuple[str, int, int]:
    """A manager with two reps or more who stand together: name, first row, last row."""
    people = rows(tables, "Hierarchy")
    manager = rng.choice(sorted({row[2] for row in people}))
    places = [i for i, row in enumerate(people) if row[2] == manager]
    return manager, places[0], places[-1]


def sums(block: list[list[Any]]) -> list[float]:
    return [round(sum(row[i] for row in block), 2) for i in range(4, 8)]


def team_totals(word: str) -> Spoil:
    def spoil(tables: Tables, rng: random.Random) -> None:
        manager, first, last = team_of(tables, rng)
        people = rows(tables, "Hierarchy")
        people.insert(
            last + 1, ["Acme", people[first][1], word.format(name=manager), None, *sums(people[first : last + 1])]
        )

    return spoil


def every_total(tables: Tables, rng: random.Random) -> None:
    people, result = rows(tables, "Hierarchy"), []
    for manager in dict.fromkeys(row[2] for row in people):
        block = [row for row in people if row[2] == manager]
        result += [*block, ["Acme", block[0][1], f"{manager} Total", None, *sums(block)]]
    tables["Hierarchy"][3] = [*result, ["Grand Total", None, None, None, *sums(people)]]
    rng.random()


def total_as_rep(tables: Tables, rng: random.Random) -> None:
    manager, first, last = team_of(tables, rng)
    people = rows(tables, "Hierarchy")
    people.insert(last + 1, ["Acme", people[first][1], manager, rng.choice(["Total", "Subtotal", "Summe", "Ergebnis", "Sous-total"]), *sums(people[first : last + 1])])  # fmt: skip


def wrong_total(tables: Tables, rng: random.Random) -> None:
    total_as_rep(tables, rng)
    next(row for row in rows(tables, "Hierarchy") if row[3] in {"Total", "Subtotal", "Summe", "Ergebnis", "Sous-total"})[4] += 1000  # fmt: skip


def deals_total(tables: Tables, rng: random.Random) -> None:
    whole = round(sum(row[5] for row in rows(tables, "Deals")), 2)
    rows(tables, "Deals").append([rng.choice(["Total", "Grand Total", "Gesamt", "Total (12 records)"]), *[None] * 4, whole, *[None] * 3, None])  # fmt: skip


def deals_footer(tables: Tables, rng: random.Random) -> None:
    text = rng.choice(["Confidential Information - Do Not Distribute", "Copyright © 2026 example.com", "Generated by Report", "Filtered by: Open"])  # fmt: skip
    rows(tables, "Deals").append([text, *[None] * 9])


def header_again(tables: Tables, rng: random.Random) -> None:
    rows(tables, "Deals").insert(rng.randint(3, 9), list(DEALS))


def header_again_in_hierarchy(tables: Tables, rng: random.Random) -> None:
    rows(tables, "Hierarchy").insert(rng.randint(2, 6), [*LEVELS, *QUARTERS])


def bookings_total(tables: Tables, rng: random.Random) -> None:
    whole = sum(row[1] for row in rows(tables, "Bookings"))
    rows(tables, "Bookings").append([rng.choice(["Total", "Summe", "Total general"]), round(whole, 2)])


def labels(which: tuple[int, ...]) -> Spoil:
    def spoil(tables: Tables, rng: random.Random) -> None:
        last: dict[int, Any] = {}
        for row in rows(tables, "Hierarchy"):
            fresh = False
            for i in which:
                fresh = fresh or row[i] != last.get(i)
                last[i], row[i] = row[i], row[i] if fresh else None
        rng.random()

    return spoil


def texts(write: Callable[[float], str], name: str = "Amount") -> Spoil:
    def spoil(tables: Tables, rng: random.Random) -> None:
        for row in rows(tables, "Deals"):
            row[column(name)] = write(row[column(name)])
        rng.random()

    return spoil


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def open_thousands(tables: Tables, rng: random.Random) -> None:
    for row in rows(tables, "Deals"):
        row[5] = f"{rng.randint(1, 99)}.{rng.randint(1, 9)}00"


def dates_as(form: str) -> Spoil:
    return texts(lambda day: format(day, form), "Created")


def open_dates(tables: Tables, rng: random.Random) -> None:
    for row in rows(tables, "Deals"):
        row[7] = f"{rng.randint(1, 5):02}/{rng.randint(6, 12):02}/2025"


def percents(tables: Tables, rng: random.Random) -> None:
    for row in rows(tables, "Deals"):
        row[6] *= 100
    rng.random()


def mixed_percents(tables: Tables, rng: random.Random) -> None:
    rows(tables, "Deals")[rng.randint(0, 5)][6] = 50


def other_currency(tables: Tables, rng: random.Random) -> None:
    deals = rows(tables, "Deals")
    tables["Deals"][2].append(rng.choice(["Currency", "Amount Currency", "CurrencyIsoCode"]))
    for row in deals:
        row.append("USD")
    deals[rng.randint(0, 8)][-1] = rng.choice(["EUR", "JPY", "GBP"])


def symbol(tables: Tables, rng: random.Random) -> None:
    row = rows(tables, "Deals")[rng.randint(0, 8)]
    row[5] = rng.choice(["€{:,.2f}", "{:,.2f} EUR", "JPY {:,.0f}", "£{:,.2f}"]).format(row[5])


def blanks(tables: Tables, rng: random.Random) -> None:
    manager, first, _ = team_of(tables, rng)
    rows(tables, "Hierarchy")[first][2] = manager + rng.choice([" ", "\u00a0", "\u200b"])


def as_dates(tables: Tables, rng: random.Random) -> None:
    for row in rows(tables, "Deals"):
        row[5] = dt.date(1995, 1, 1) + dt.timedelta(days=rng.randint(0, 40000))


def fiscal(tables: Tables, rng: random.Random) -> None:
    rows(tables, "Settings").append(["Plan start", dt.date(2027, rng.choice([2, 4, 7, 10]), 1)])
    for row in rows(tables, "CommitHistory"):
        row[1] = "FY26-" + row[1][-2:]


def no_such_quarter(tables: Tables, rng: random.Random) -> None:
    rows(tables, "CommitHistory")[rng.randint(0, 2)][1] = rng.choice(["Q5 2026", "2026-Q7", "M13 2026"])


def two_years(tables: Tables, rng: random.Random) -> None:
    rows(tables, "CommitHistory")[rng.randint(0, 2)][1] = rng.choice(["FY25/26", "2025/26"])


def copied_totals(tables: Tables, rng: random.Random) -> None:
    people = rows(tables, "Hierarchy")
    for manager in {row[2] for row in people}:
        block = [row for row in people if row[2] == manager]
        totals = sums(block)
        for row in block:
            row[4:] = totals
    rng.random()


def years(tables: Tables, rng: random.Random) -> None:
    names = ["2023_Attainment", "2024_Attainment", "2025_Attainment", "2026_Attainment"]
    tables["Hierarchy"][2][4:] = names
    whole = sum(row[4] for row in rows(tables, "Hierarchy"))
    for row in rows(tables, "Hierarchy"):
        row[4:] = [round(row[4] / whole * 12e6 * rng.uniform(0.9, 1.1), 2) for _ in names]


def other_headers(tables: Tables, rng: random.Random) -> None:
    tables["Deals"][2] = ["Opportunity ID", "Account Name", "Opportunity Owner", "Stage", "Status", "Amount", "Probability (%)", "Created Date", "Close Date", "Employees"]  # fmt: skip
    rng.random()


def german_status(tables: Tables, rng: random.Random) -> None:
    for row in rows(tables, "Deals"):
        row[4] = {"Open": "Offen", "Won": "Gewonnen", "Lost": "Verloren"}[row[4]]
    rng.random()


SPOILS: dict[str, Spoil] = {
    "a subtotal": team_totals("{name} Total"),
    "a German subtotal": team_totals("{name} Ergebnis"),
    "Subtotal": team_totals("Subtotal"),
    "every total": every_total,
    "a total as a rep": total_as_rep,
    "a total with a slip": wrong_total,
    "a total of deals": deals_total,
    "a footer": deals_footer,
    "the headers again": header_again,
    "the headers again in Hierarchy": header_again_in_hierarchy,
    "a total of bookings": bookings_total,
    "all labels once": labels((0, 1, 2)),
    "managers once": labels((2,)),
    "regions and managers once": labels((1, 2)),
    "German amounts": texts(german),
    "French amounts": texts(lambda v: f"{v:,.2f}".replace(",", "\u202f").replace(".", ",")),
    "Swiss amounts": texts(lambda v: f"{v:,.2f}".replace(",", "'")),
    "thousands with points": open_thousands,
    "amounts in thousands": texts(lambda v: f"{v / 1000:.1f}k"),
    "dates with the day first": dates_as("%d/%m/%Y"),
    "dates with points": dates_as("%d.%m.%Y"),
    "ISO dates as text": dates_as("%Y-%m-%d"),
    "dates with two readings": open_dates,
    "percent as numbers": percents,
    "percent mixed": mixed_percents,
    "a currency in a column": other_currency,
    "a currency beside an amount": symbol,
    "blanks around a name": blanks,
    "amounts shown as dates": as_dates,
    "fiscal names": fiscal,
    "no such quarter": no_such_quarter,
    "years that span two": two_years,
    "totals copied to each rep": copied_totals,
    "years side by side": years,
    "headers of another program": other_headers,
    "statuses in German": german_status,
}
#: What can be read in one way only needs no word.
PLAIN = {"ISO dates as text", "Swiss amounts"}
SEEDS = range(8)


def key_figures(plan: Plan) -> tuple[Any, ...]:
    """What a spoiled plan has to say if it is read at all."""
    deals = plan.deals.deals if plan.deals is not None else None
    assert deals is not None
    return (
        sorted(plan.inputs.tree.names.tolist()),
        [round(float(np.nansum(each)), 2) for data in plan.inputs.blend for each in data.periods],
        round(float(np.nansum(deals.amount)), 2),
        round(float(np.nansum(deals.rep_probability)), 4),
        int(np.nansum(deals.created)),
    )


@pytest.mark.parametrize("name", SPOILS)
def test_what_people_do_to_a_plan_is_found(name: str) -> None:
    """Refused with cells, or read as it was meant and told."""
    for seed in SEEDS:
        tables = good(random.Random(seed))
        whole, problems = parse(raw_book(copy.deepcopy(tables)), dt.date(2027, 1, 1))
        assert whole is not None, problems
        SPOILS[name](tables, random.Random(seed + 1000))
        plan, problems = parse(raw_book(tables), dt.date(2027, 1, 1))
        assert (plan is None) == bool(problems)
        if plan is None:
            assert all(problem.cell for problem in problems)
            continue
        told = [*plan.readings, *plan.notes, *meant_checks(cascade(plan.inputs))]
        assert told or name in PLAIN, (seed, "silent")
        if name not in {"totals copied to each rep", "years side by side"}:
            assert key_figures(plan) == key_figures(whole), (seed, told)


def test_nothing_is_found_in_good_plans() -> None:
    """300 plans, 1,200 tables: no refusal, no warning of these, nothing left out."""
    for seed in range(300):
        plan, problems = parse(raw_book(good(random.Random(seed))), dt.date(2027, 1, 1))
        assert plan is not None, (seed, problems)
        assert not problems
        assert plan.readings == ()
        assert [note for note in plan.notes if "total" in note.message] == []
        assert meant_checks(cascade(plan.inputs)) == []
