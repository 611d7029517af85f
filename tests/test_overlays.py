"""Overlays beside the tree: worked numbers, credit that comes on top of bookings, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from revops_xl import make_packets, run
from revops_xl.engine.evaluate import evaluate
from revops_xl.engine.forecast.deals.valuation import value_deals
from revops_xl.errors import PlanError
from revops_xl.usecases.explain import explanation
from tests.plans import Tables, load, worked_tables, write_plan
from tests.programs import recalculate, validate

WHEN = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
D = dt.date
HEADERS = ["Overlay", "Covers", "Share", "Amount", "Hedge", "Reports to", "From", "To"]
OVERLAYS: list[list[Any]] = [
    ["Sam", "NA", 0.5, None, None, "Otto", None, None],
    ["Tia", "NA, Ann", None, None, None, "Otto", None, None],
    ["Uma", "EMEA", None, None, 1, None, None, None],
    ["Vic", "Ann, Dee", 0.25, None, None, None, None, None],
]


def company(overlays: list[list[Any]] | None = None, said: dict[str, Any] | None = None) -> Tables:
    """Ann 600,000 and Bob 400,000 in NA, Cy 300,000 and Dee 200,000 in EMEA, hedge 1.05 below the regions."""
    tables = worked_tables()
    chosen = {"Plan": "Cover", "Target": 1_500_000, "Rounding unit": 0.01, "Period": "FY 2026"} | (said or {})
    tables["Settings"][3] = [[name, value] for name, value in chosen.items()]
    people = [["Acme", "NA", "Ann", 600], ["Acme", "NA", "Bob", 400], ["Acme", "EMEA", "Cy", 300], ["Acme", "EMEA", "Dee", 200]]  # fmt: skip
    tables["Hierarchy"] = ["Hierarchy", (4, 1), ["Company", "Region", "IC", "FY26_Attainment"], people]
    tables["Levels"][3] = [["Company", 1], ["Region", 1.05], ["IC", None]]
    for name in ("NodeHedges", "Metrics", "Overrides", "Thresholds"):
        tables.pop(name, None)
    tables["Overlays"] = ["Overlays", (4, 1), HEADERS, OVERLAYS if overlays is None else overlays]
    return tables


def with_deals(tables: Tables) -> Tables:
    deals = [
        ("D1", "Ann", 120_000),
        ("D2", "Bob", 80_000),
        ("D3", "Cy", 50_000),
        ("D4", "Dee", 40_000),
        ("D0", "Ann", 9e6),
    ]
    tables["Deals"] = [
        "Deals", (4, 1), ["Deal ID", "Account ID", "Rep", "Stage", "Status", "Amount", "Rep probability", "Created", "Close date"],
        [[name, "A", rep, "Offer", "Won", amount, 0.5, D(2025, 6, 1), D(2025, 7, 1) if name == "D0" else D(2026, 2, 1)] for name, rep, amount in deals],
    ]  # fmt: skip
    said = [("D1", "Sam", 0.5), ("D1", "Tia", None), ("D2", "Sam", 0.5), ("D2", "Tia", None), ("D3", "Uma", None), ("D4", None, None)]  # fmt: skip
    tables["Credits"] = ["Credits", (4, 1), ["Deal ID", "Overlay", "Credit %"], [list(row) for row in said]]
    return tables


def test_overlays_carry_beside_the_plan(tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plan.xlsx", with_deals(company()))
    results = run(path, now=WHEN)
    quotas = results.quotas.set_index("node")
    assert (quotas.loc["Acme", "base_quota"], quotas.loc["Ann", "base_quota"]) == (1_500_000, 600_000)
    ics = quotas[quotas["ic"]]
    assert ics["quota"].sum() == 1_575_000
    found = results.frame("OverlayQuotas").set_index("overlay")
    expected = {"Sam": (500_000, 525_000), "Tia": (1_000_000, 1_050_000), "Uma": (500_000, 500_000), "Vic": (200_000, 210_000)}  # fmt: skip
    for name, pair in expected.items():
        assert (found.loc[name, "base_quota"], found.loc[name, "quota"]) == pair, name
    assert found.loc["Otto", "base_quota"] == 1_000_000  # what Sam and Tia cover, once
    assert found["base_quota"].drop("Otto").sum() / 1_500_000 == pytest.approx(1.4667, abs=1e-4)
    credit = {name: found.loc[name, "credit"] for name in ("Sam", "Tia", "Uma", "Vic")}
    assert credit == {"Sam": 100_000, "Tia": 200_000, "Uma": 50_000, "Vic": 0}
    assert found.loc["Sam", "attainment"] == pytest.approx(100_000 / 525_000)
    checks = results.frame("Checks").set_index("check")
    said = str(checks.loc["Overlays beside the plan", "what_to_do"])
    assert "Booked 290,000.00; overlays are credited 350,000.00 on top: 2.2069 per 1 booked" in said
    assert not [name for name in checks.index if "assignment" in name.lower() and checks.loc[name, "status"] != "OK"]
    (again,) = recalculate([path], tmp_path)
    page = load_workbook(again, data_only=True)["Result OverlayQuotas"]
    headers = [cell.value for cell in page[4]]
    cells = {page.cell(row, 1).value: page.cell(row, headers.index("Quota") + 1).value for row in range(5, 10)}
    assert {name: cells[name] for name in expected} == {name: pair[1] for name, pair in expected.items()}


def test_a_manager_may_carry_the_sum(tmp_path: Path) -> None:
    path = write_plan(tmp_path / "plan.xlsx", company(said={"Overlay managers": "sum"}))
    found = run(path, now=WHEN).frame("OverlayQuotas").set_index("overlay")
    assert found.loc["Otto", "base_quota"] == 1_500_000


def test_credit_by_cover_where_no_deal_says_otherwise(tmp_path: Path) -> None:
    tables = with_deals(company())
    del tables["Credits"]
    found = run(write_plan(tmp_path / "plan.xlsx", tables), now=WHEN).frame("OverlayQuotas").set_index("overlay")
    credit = {name: found.loc[name, "credit"] for name in ("Sam", "Tia", "Uma", "Vic")}
    assert credit == {"Sam": 100_000, "Tia": 200_000, "Uma": 90_000, "Vic": 40_000}


def test_an_amount_and_days(tmp_path: Path) -> None:
    """The case of a specialist with 500,000 of its own; and one who comes in July."""
    overlays: list[list[Any]] = [["Sam", "NA", None, 500_000, None, None, None, None], ["Uma", "EMEA", None, None, None, None, D(2026, 7, 1), None]]  # fmt: skip
    results = run(write_plan(tmp_path / "plan.xlsx", company(overlays)), now=WHEN)
    found = results.frame("OverlayQuotas").set_index("overlay")
    assert (found.loc["Sam", "base_quota"], found.loc["Sam", "quota"]) == (500_000, 500_000)
    assert found.loc["Uma", "base_quota"] == 250_000
    assert results.quotas.set_index("node").loc["Acme", "quota"] == 1_500_000
    assert "Alarm" not in set(results.frame("HedgeAudit")["verdict"])


def test_wrong_overlays_are_told_at_once(tmp_path: Path) -> None:
    overlays: list[list[Any]] = [
        ["Ann", "NA", None, None, None, None, None, None],
        ["Sam", "Nirvana", None, None, None, None, None, None],
        ["Tia", "NA", 0.5, 100, None, None, None, None],
        ["Uma", "Uma", None, None, None, None, None, None],
        ["Vic", "NA", None, None, None, None, D(2026, 7, 1), D(2026, 6, 1)],
        ["Tia", "NA", None, None, None, None, None, None],
    ]
    tables = with_deals(company(overlays))
    tables["Credits"][3] = [["D99", "Tia", 1], ["D1", "Zoe", 1]]
    with pytest.raises(PlanError) as refused:
        run(write_plan(tmp_path / "plan.xlsx", tables), now=WHEN)
    told = "\n".join(str(each) for each in refused.value.problems)
    for part in ('A5: "Ann" is also an IC', 'B6: no node is called "Nirvana"', "D7: both a share and an amount", 'B8: "Uma" covers itself', "H9: To 2026-06-01 is before", 'A10: "Tia" is listed twice', 'no deal is called "D99"', 'no overlay is called "Zoe"'):  # fmt: skip
        assert part in told, part


def test_an_overlay_by_period_and_why(tmp_path: Path) -> None:
    """Months as those of whom it covers, within its days; and the derivation."""
    tables = company([["Uma", "EMEA", 0.5, None, None, "NA", D(2026, 4, 1), None]], {"Phasing periods": "months"})
    path = write_plan(tmp_path / "plan.xlsx", tables)
    results = run(path, now=WHEN)
    by_period: Any = results.frame("QuotasByPeriod")
    mine = by_period[by_period["node"] == "Uma"]
    assert mine["quota"].tolist()[:3] == [0, 0, 0]
    assert mine["quota"].tolist()[3:] == pytest.approx([525_000 / 2 / 12] * 9, abs=0.011)
    assert mine["quota_to_date"].tolist()[-1] == results.frame("OverlayQuotas").loc[0, "quota"] == 525_000 / 2 * 0.75
    told = explanation(evaluate(load(path), value_deals, most_live_rows=0), "Uma").as_text()
    assert "Cy: base 300,000.00, quota 315,000.00, of which 0.5" in told
    assert "75.00% of it falls on its days" in told


def test_packets_of_overlays_hold_their_own_and_nothing_of_the_plan(tmp_path: Path) -> None:
    """Each overlay, and each manager of overlays, gets a workbook; amounts of anybody else, or of the company, are not in it."""
    path = write_plan(tmp_path / "plan.xlsx", with_deals(company(said={"Phasing periods": "months"})))
    make_packets(path, tmp_path / "packets", now=WHEN)
    files = sorted(each.name for each in (tmp_path / "packets" / "overlays").iterdir())
    assert files == ["Otto.xlsx", "Sam.xlsx", "Tia.xlsx", "Uma.xlsx", "Vic.xlsx"]
    for name, own, others in (("Sam", 525_000, ("Tia", "Uma", "Vic", "Cy", "Dee")), ("Otto", 1_050_000, ("Uma", "Vic", "Cy", "Dee"))):  # fmt: skip
        book: Any = load_workbook(tmp_path / "packets" / "overlays" / f"{name}.xlsx")
        cells = [cell.value for page in book for row in page.iter_rows() for cell in row]
        assert own in cells
        assert not {1_500_000, 1_575_000, own / 1_575_000} & {each for each in cells if isinstance(each, int | float)}
        assert not set(others) & {each for each in cells if isinstance(each, str)}
    periods: Any = load_workbook(tmp_path / "packets" / "overlays" / "Sam.xlsx")["By period"]
    assert len(list(periods.iter_rows(min_row=5))) == 12
    assert not validate(tmp_path / "packets" / "overlays" / "Otto.xlsx")
