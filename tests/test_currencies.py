"""Money in several currencies: converted record by record, shown in local view, never added up mixed. Worked by hand in exact fractions."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from revops_xl import run
from revops_xl.engine.quotas.local_view import local_quotas
from revops_xl.errors import PlanError
from revops_xl.model.money import Unit
from revops_xl.model.rates import ALWAYS, PlanMoney, Rates, converted
from revops_xl.usecases.import_files import import_files
from revops_xl.usecases.parts import change
from tests.imports.test_import_files import put, rows, with_settings
from tests.plans import Tables, load, worked_tables, write_plan
from tests.programs import recalculate, validate

WHEN = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
RATES = ["Rates", (4, 1), ["Currency", "From", "Plan currency per 1", "1 plan currency buys"]]


def two_people(codes: tuple[str, str] = ("USD", "JPY"), rates: list[list[Any]] | None = None) -> Tables:
    """Ann with USD 200,000 and Yui with JPY 20,000,000 of history."""
    tables = worked_tables()
    tables["Settings"][3] = [["Plan", "Two"], ["Target", 2_000_000], ["Currency", "USD"], ["Rounding unit", 0.01]]
    tables["Hierarchy"] = [
        "Hierarchy", (4, 1), ["Company", "IC", "Currency", "FY26_Attainment", "Seats"],
        [["Acme", "Ann", codes[0], 200_000, 7], ["Acme", "Yui", codes[1], 20_000_000, 9]],
    ]  # fmt: skip
    tables["Levels"][3] = [["Company", None], ["IC", None]]
    for name in ("NodeHedges", "Metrics", "Overrides", "Thresholds"):
        tables.pop(name, None)
    if rates is not None:
        tables["Rates"] = [*RATES, rates]
    return tables


def test_history_is_converted_before_it_makes_shares(tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plan.xlsx", two_people(rates=[["JPY", None, 0.008386, None]]))
    results = run(path, now=WHEN)
    quotas = results.quotas.set_index("node")["quota"]
    assert (quotas["Ann"], quotas["Yui"]) == (1_087_784.18, 912_215.82)
    local = results.frame("LocalQuotas").set_index("node")
    assert (local.loc["Acme", "currency"], local.loc["Ann", "currency"], local.loc["Yui", "currency"]) == (
        "mixed",
        "USD",
        "JPY",
    )
    assert local.loc["Yui", "local_quota"] == round(Fraction("912215.82") / Fraction("0.008386"))
    assert math.isnan(float(str(local.loc["Acme", "local_quota"])))
    told = results.tables["Checks"]
    assert "JPY in Hierarchy converted" in list(told.values("Check"))
    ties = {
        name: status
        for name, status in zip(told.values("Check"), told.values("Status"), strict=True)
        if "Local" in str(name)
    }
    assert ties == {"Local quotas are those of Quotas": "OK", "Local quotas are worth the quotas": "OK"}
    (again,) = recalculate([path], tmp_path)
    assert load_workbook(again, data_only=True)["Result LocalQuotas"]["H7"].value == local.loc["Yui", "local_quota"]


def test_the_other_way_round_is_the_same_rate(tmp_path: Path) -> None:
    """As Salesforce lists it: 1 USD buys 119.25 JPY; JPY 10,000 are 83.86."""
    tables = two_people(rates=[["JPY", None, None, 119.25]])
    tables["Hierarchy"][3] = [["Acme", "Ann", "USD", 10_000, 1], ["Acme", "Yui", "JPY", 10_000, 1]]
    plan = load(write_plan(tmp_path / "plan.xlsx", tables))
    assert plan.inputs.blend[0].periods.tolist() == [[10_000, 83.86]]


def test_records_are_converted_one_by_one() -> None:
    rates = {"EUR": "1.0850", "GBP": "1.27", "USD": "1"}
    deals = (("EUR", 1000.05), ("EUR", 333.33), ("GBP", 0.99), ("USD", 12.34), ("EUR", -250.10))
    found = [converted(amount, Fraction(rates[code])) for code, amount in deals]
    assert found == [1085.05, 361.66, 1.26, 12.34, -271.36]
    assert round(sum(found), 2) == 1188.95


@pytest.mark.parametrize(
    ("quotas", "rate", "unit", "total", "parts"),
    [
        ([165375.0, 99225.0, 132300.0], "1.0850", 100, 365_800, [152_400, 91_500, 121_900]),
        ([165375.0, 99225.0], "0.008386", 1000, 31_553_000, [19_721_000, 11_832_000]),
    ],
)
def test_local_quotas_of_a_team_add_up(tmp_path: Path, quotas: list[float], rate: str, unit: float, total: float, parts: list[float]) -> None:  # fmt: skip
    tables = two_people()
    names = ["Ann", "Bob", "Cy"][: len(quotas)]
    tables["Hierarchy"][2] = ["Company", "IC", "FY26_Attainment"]
    tables["Hierarchy"][3] = [["Acme", name, amount] for name, amount in zip(names, quotas, strict=True)]
    tables["Settings"][3][1][1] = sum(quotas)
    tree = load(write_plan(tmp_path / "plan.xlsx", tables)).inputs.tree
    money = PlanMoney(Rates("USD", {"XXX": ((ALWAYS, Fraction(rate)),)}), (), {}, {"XXX": Unit.of(unit)})
    found = local_quotas(tree, np.array([sum(quotas), *quotas]), ["XXX"] * len(tree), money)
    assert found.tolist() == [total, *parts]


def test_the_rate_of_the_day(tmp_path: Path) -> None:
    rates: list[list[Any]] = [
        ["EUR", None, 1.2, None],
        ["EUR", dt.date(2026, 1, 1), 1.10, None],
        ["EUR", dt.date(2026, 4, 1), 1.05, None],
    ]
    tables = two_people(("USD", "EUR"), rates)
    with pytest.raises(PlanError, match="EUR has 3 rates, and the plan uses one for all its time"):
        load(write_plan(tmp_path / "plan.xlsx", tables))
    tables["Settings"][3].append(["Exchange rates", "dated"])
    tables["Hierarchy"][2] = [
        "Company",
        "IC",
        "Currency",
        "2025-Q4_Attainment",
        "2026-Q1_Attainment",
        "2026-Q2_Attainment",
    ]
    tables["Hierarchy"][3] = [["Acme", "Ann", "USD", 5, 5, 5], ["Acme", "Yui", "EUR", 1000, 1000, 1000]]
    plan = load(write_plan(tmp_path / "dated.xlsx", tables))
    assert plan.inputs.blend[0].periods[:, 1].tolist() == [1200, 1100, 1050]


def test_deals_by_column_text_and_format(tmp_path: Path) -> None:
    head = ["Deal ID", "Account ID", "Rep", "Stage", "Status", "Amount", "Rep probability", "Created", "Close date"]
    row = [None, "A", "Ann", "Demo", "Open", None, 0.5, dt.date(2026, 10, 1), dt.date(2027, 2, 1)]
    tables = two_people(rates=[["JPY", None, 0.008386, None], ["EUR", None, 1.085, None]])
    tables["Hierarchy"][3] = [["Acme", "Ann", "USD", 1, 1], ["Acme", "Yui", "USD", 1, 1]]
    amounts = [10_000, "JPY 10,000", "1,000.05 €", 333.33]
    tables["Deals"] = [
        "Deals",
        (4, 1),
        head,
        [[f"D{i}", *row[1:5], amount, *row[6:]] for i, amount in enumerate(amounts)],
    ]
    path = write_plan(tmp_path / "plan.xlsx", tables)
    book = load_workbook(path)
    book["Deals"]["F8"].number_format = "[$€-407] #,##0.00"
    book.save(path)
    deals = load(path).deals
    assert deals is not None
    assert deals.deals.amount.tolist() == [10_000, 83.86, 1085.05, 361.66]


@pytest.mark.parametrize(
    ("codes", "rates", "told"),
    [
        (("USD", "JPY"), None, "Enter JPY on the sheet Rates"),
        (("USD", "JPY"), [["EUR", None, 1.1, None]], "Rates has no rate for JPY"),
        (("USD", "JPY"), [["JPN", None, 0.008, None]], '"JPN" is not the ISO code of a currency'),
        (("USD", "JPY"), [["JPY", None, 0.008, 125]], "both rates are given for JPY"),
        (("USD", "JPY"), [["JPY", None, None, None]], "no rate is given for JPY"),
        (("USD", "JPY"), [["JPY", None, -1, None]], "above 0"),
        (("USD", "JPY"), [["JPY", None, 0.008, None], ["JPY", None, 0.009, None]], "JPY has two rates of one day"),
        (("USD", "JPY"), [["JPY", None, 0.008, None], ["USD", None, 2, None]], "USD is the plan's currency: its rate is 1"),
    ],
)  # fmt: skip
def test_what_has_no_rate_is_refused(tmp_path: Path, codes: tuple[str, str], rates: list[list[Any]] | None, told: str) -> None:  # fmt: skip
    with pytest.raises(PlanError) as refused:
        load(write_plan(tmp_path / "plan.xlsx", two_people(codes, rates)))
    assert told in str(refused.value)


def test_two_currencies_of_one_amount_are_refused(tmp_path: Path) -> None:
    tables = two_people(rates=[["JPY", None, 0.008, None], ["EUR", None, 1.1, None]])
    tables["Hierarchy"][3][1][3] = "EUR 5"
    with pytest.raises(PlanError, match="the amount is in EUR, and in JPY by its row"):
        load(write_plan(tmp_path / "plan.xlsx", tables))


def test_counts_are_not_converted_and_metrics_may_say_so(tmp_path: Path) -> None:
    tables = two_people(rates=[["JPY", None, 0.01, None]])
    tables["Metrics"] = [
        "Metrics",
        (4, 1),
        ["Metric", "Use", "Direction", "Columns", "Weight", "Money"],
        [["Attainment", "blend", None, "FY26_Attainment", 1, None], ["Seats", "blend", None, "Seats", 1, None]],
    ]
    plan = load(write_plan(tmp_path / "plan.xlsx", tables))
    assert [metric.periods[0, 1] for metric in plan.inputs.blend] == [200_000, 9]
    tables["Metrics"][3][1][5], tables["Metrics"][3][0][5] = True, False
    plan = load(write_plan(tmp_path / "said.xlsx", tables))
    assert [metric.periods[0, 1] for metric in plan.inputs.blend] == [20_000_000, 0.09]


@given(
    amounts=st.lists(st.decimals(-(10**6), 10**6, places=2, allow_nan=False).map(float), min_size=1, max_size=30),
    rate=st.decimals("0.0001", "1000", places=6).filter(lambda value: value > 0),
)
def test_a_sum_of_converted_amounts_is_near_the_converted_sum(amounts: list[float], rate: Any) -> None:
    exact = Fraction(str(rate))
    each = sum(Fraction(repr(converted(amount, exact))) for amount in amounts)
    once = sum(Fraction(repr(amount)) for amount in amounts) * exact
    assert abs(each - once) <= Fraction(1, 200) * len(amounts)


def test_the_part_is_added_when_it_is_wanted(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    import_files(plan, [put(tmp_path / "p.csv", "Region,Rep,Currency,Bookings 2026\nNA,Ann,USD,200000\nAPAC,Yui,JPY,20000000\n")], apply=True)  # fmt: skip
    with_settings(plan, Target=2_000_000)
    with pytest.raises(PlanError, match="Enter JPY on the sheet Rates"):
        run(plan, now=WHEN)
    book = load_workbook(plan)
    assert "Rates" in book.sheetnames
    faults = len(validate(plan))
    book["Rates"]["A5"], book["Rates"]["C5"] = "JPY", 0.008386
    book.save(plan)
    quotas = run(plan, now=WHEN).quotas.set_index("node")["quota"]
    assert (quotas["Ann"], quotas["Yui"]) == (1_087_784.18, 912_215.82)
    assert faults == 0
    assert "Local quotas" in load_workbook(plan).sheetnames


def test_an_export_with_text_and_formats_gets_a_column_of_currencies(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Opportunity ID", "Owner", "Stage", "Amount", "Close Date"])
    for number, amount in enumerate((10_000, "JPY 10,000", 333.33), start=1):
        sheet.append([str(number), "Ann", "Demo", amount, dt.date(2027, 2, 1)])
    sheet["D4"].number_format = "[$€-407] #,##0.00"
    book.save(tmp_path / "deals.xlsx")
    found = import_files(tmp_path / "plan.xlsx", [tmp_path / "deals.xlsx"], apply=True)
    deals = rows(found.path, "Deals")
    assert [(each["Amount"], each["Currency"]) for each in deals] == [(10_000, "USD"), (10_000, "JPY"), (333.33, "EUR")]
    assert "Rates" in load_workbook(found.path).sheetnames


def test_a_plan_without_other_currencies_shows_nothing_of_them(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    import_files(plan, [put(tmp_path / "p.csv", "Region,Rep,Bookings 2026\nNA,Ann,2\nNA,Yui,2\n")], apply=True)
    with_settings(plan, Target=2_000_000)
    run(plan, now=WHEN)
    assert not {"Rates", "Local quotas"} & set(load_workbook(plan).sheetnames)
    assert {"Rates", "Local quotas"} <= set(load_workbook(change(plan, add=["currencies"]).path).sheetnames)
