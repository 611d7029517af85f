"""What deals said at every run: kept beside the plan, read back, and used for what was known when."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from revops_xl import run
from revops_xl.engine.forecast.deals.changing import changing
from revops_xl.engine.forecast.deals.fit import fit_deals
from revops_xl.engine.forecast.deals.past_quarters import as_known
from revops_xl.engine.forecast.deals.report import report
from revops_xl.frames.forecast import _with_cohorts
from revops_xl.model.deals import Deals
from revops_xl.usecases.deal_history import beside, updated, with_history
from revops_xl.usecases.run import check, compute
from tests.plans import Tables, small_sample
from tests.simulated_deals import STAGES, START, Company, company
from tests.simulated_pipelines import SHAPES, pipeline
from tests.test_forecast import DAY, WHEN, book, rows

FIRST = pd.Timestamp("1970-01-01")


def table_on(made: Company, day: pd.Timestamp) -> pd.DataFrame:
    """The deals as the CRM shows them at the end of a day: stage and meetings on their way, outcomes known by then."""
    frame = made.deals[made.deals["Created"] <= day].copy()
    created = frame["Created"]
    closes = pd.Series(made.closes, index=made.deals.index)[frame.index]
    cycle = (closes - created).dt.days
    still_open = closes > day
    frame["Status"] = np.where(still_open, "Open", np.where(made.outcome[frame.index], "Won", "Lost"))
    part = np.clip(((day - created).dt.days / cycle).to_numpy(), 0, 1)
    frame["Meetings"] = np.round(frame["Meetings"].fillna(4) * part)
    final = frame["Stage"].map({stage: i for i, stage in enumerate(STAGES)}).to_numpy()
    frame["Stage"] = [STAGES[i] for i in np.minimum(np.floor(part * (final + 1)), final).astype(int)]
    frame["Close date"] = closes.where(~still_open)
    return frame.drop(columns=["Rep probability", "Kick-off"])


def parsed(frame: pd.DataFrame) -> Deals:
    return _with_cohorts(frame, None, None)[0]


def number(day: pd.Timestamp) -> float:
    return float((day - FIRST).days)


@pytest.fixture(scope="module")
def made() -> Company:
    return company(4000, seed=5)


@pytest.fixture(scope="module")
def history(made: Company) -> pd.DataFrame:
    """A run every two weeks from the first year on."""
    kept: pd.DataFrame | None = None
    for day in pd.date_range(START, made.as_of, freq="14D")[10:]:
        found = updated(parsed(table_on(made, day)), int(number(day)), kept)
        kept = found if found is not None else kept
    assert kept is not None
    return kept


def test_only_what_changed_is_kept_and_every_past_day_is_found_again(made: Company, history: pd.DataFrame) -> None:
    now = parsed(table_on(made, made.as_of))
    known = with_history(now, history)
    days = [int(each) for each in sorted(history["Day"].unique())]
    assert len(history) < 0.1 * len(now) * 9 * len(days)
    for day in (days[3], days[20], days[-2]):
        then = table_on(made, FIRST + pd.Timedelta(days=day)).set_index("Deal ID")
        seen = known.on(np.full(len(known), float(day)))
        there = np.isin(seen.ids, then.index.to_numpy())
        names = seen.ids[there]
        stages = [seen.stage.levels[int(code)] for code in seen.stage.values[there]]
        assert stages == then["Stage"].reindex(names).tolist()
        meetings = next(each for each in seen.features if each.name == "Meetings")
        assert meetings.values[there].tolist() == then["Meetings"].reindex(names).tolist()
    assert (
        with_history(now, history).on(np.full(len(now), number(made.as_of))).stage.values.tolist()
        == now.stage.values.tolist()
    )


def test_changing_columns_are_recognised_and_others_are_not(made: Company) -> None:
    names = ["Stage", "Meetings", "Segment", "Industry", "Exec sponsor", "Competitor", "Usage score", "Noise"]
    assert set(changing(parsed(table_on(made, made.as_of)), names, number(made.as_of))) == {"Stage", "Meetings"}
    for name in ("losses swept late", "long cycles", "growing fast"):
        other = pipeline(SHAPES[name], 7)
        assert not changing(parsed(other.deals), ["Segment", "Score"], number(other.as_of))


def test_a_history_of_the_columns_orders_open_deals_better(made: Company, history: pd.DataFrame) -> None:
    """Where stage and meetings grow while deals are open, knowing what they were then beats their last values."""
    now = parsed(table_on(made, made.as_of))
    still_open = now.take(now.is_open)
    truth = made.chance[now.is_open]
    found = []
    for deals in (now, with_history(now, history)):
        model = fit_deals(deals, number(made.as_of))
        assert model is not None
        ours = deals.take(deals.is_open)
        said = model.chance(model.features(ours, deals, number(made.as_of)))
        found.append((float(np.corrcoef(said, truth)[0, 1]), said.sum() / truth.sum()))
    assert len(still_open) > 200
    assert found[1][0] > found[0][0]
    assert found[1][1] == pytest.approx(1, abs=0.12)


def test_what_reps_said_of_a_past_quarter_is_what_the_table_said_then(made: Company) -> None:
    def seen_on(day: pd.Timestamp) -> pd.DataFrame:
        frame = table_on(made, day)
        still_open = frame["Status"] == "Open"
        dice = np.random.default_rng(day.day_of_year)
        frame["Rep probability"] = np.where(still_open, dice.uniform(0.1, 0.9, len(frame)).round(2), np.nan)
        due = day + pd.to_timedelta(dice.integers(1, 200, len(frame)), "D")
        return frame.assign(**{"Close date": frame["Close date"].fillna(pd.Series(due, index=frame.index))})

    days = list(pd.date_range(end=made.as_of, periods=30, freq="14D"))
    kept: pd.DataFrame | None = None
    for day in days:
        found = updated(parsed(seen_on(day)), int(number(day)), kept)
        kept = found if found is not None else kept
    assert kept is not None
    model = fit_deals(with_history(parsed(seen_on(made.as_of)), kept), number(made.as_of))
    assert model is not None
    assert len(model.past) == 4
    for quarter in model.past:
        start = FIRST + pd.DateOffset(months=3 * (quarter.quarter - 4 * 1970))
        last = max((day for day in days if day < start), default=None)
        if last is None:
            assert np.isnan(quarter.reps)
            continue
        then = seen_on(last)
        then = then[(then["Status"] == "Open") & (then["Close date"] < start + pd.DateOffset(months=3))]
        then = then[
            pd.Series(made.closes, index=made.deals.index)[then.index] >= start
        ]  # open on the first day as well
        expected = float((then["Rep probability"] * then["Amount"]).sum())
        assert quarter.reps == pytest.approx(expected, rel=1e-9)
    said = report(model, with_history(parsed(seen_on(made.as_of)), kept))
    assert said is not None
    assert [part.reps for part in said.parts if part.kind == "Quarter"] == [
        None if np.isnan(quarter.reps) else quarter.reps for quarter in model.past
    ]


def test_what_came_later_is_not_known_of_a_past_day(made: Company, history: pd.DataFrame) -> None:
    now = with_history(parsed(table_on(made, made.as_of)), history)
    day = number(made.as_of) - 200
    changed = history.assign(Value=np.where(history["Day"] >= day, "999", history["Value"]))
    other = with_history(parsed(table_on(made, made.as_of)), changed)
    ours, theirs = as_known(now, day), as_known(other, day)
    there = np.isin(ours.ids, history.loc[history["Day"] < day, "Deal ID"].to_numpy())  # seen by then
    np.testing.assert_array_equal(ours.amount[there], theirs.amount[there])
    for mine, yours in zip(ours.history, theirs.history, strict=True):
        np.testing.assert_array_equal(mine.value, yours.value)
        assert mine.last <= day


def test_a_run_keeps_the_deals_beside_the_plan(tmp_path: Path) -> None:
    path = book(tmp_path)
    first = run(path, now=WHEN, who="tester")
    file = beside(path)
    assert first.history == file
    assert first.lines[-1] == "What the deals say today is kept in plan.history.parquet."
    kept = pd.read_parquet(file)
    assert file.name == "plan.history.parquet"
    assert set(kept["Column"]) == {"Amount", "Rep probability", "Stage", "Status", "Close date"}
    assert kept[kept["Deal ID"] == "D2"].set_index("Column")["Value"].to_dict() == {
        "Amount": "2000", "Rep probability": "0.9", "Stage": "Proposal", "Status": "Open", "Close date": "2027-05-10",
    }  # fmt: skip
    before = file.read_bytes()
    assert run(path, now=WHEN, who="tester").history is None
    assert file.read_bytes() == before  # nothing changed
    workbook = load_workbook(path)
    page = workbook["Deals"]
    cell = next(row[5] for row in page.iter_rows(min_row=5) if row[0].value == "D2")
    cell.value = 1500
    when = next(row[1] for row in workbook["Settings"].iter_rows(min_row=5) if row[0].value == "As of")
    when.value = DAY(2027, 1, 8)
    workbook.save(path)
    run(path, now=WHEN, who="tester")
    kept = pd.read_parquet(file)
    assert len(kept["Day"].unique()) == 2
    new = kept[kept["Day"] == kept["Day"].max()]
    assert new[["Deal ID", "Column", "Value"]].to_numpy().tolist() == [["D2", "Amount", "1500"]]
    listed = {row["Check"]: row for row in rows(path, "Checks", "Checks")}
    assert listed["Deal history"]["Status"] == "Note"
    assert listed["Deal history"]["Value"] == 1  # days before this run
    when.value = DAY(2027, 1, 4)  # back in time: the plan runs, and the history stays as it is
    workbook.save(path)
    run(path, now=WHEN, who="tester")
    assert pd.read_parquet(file).equals(kept)
    check(path)
    compute(path)
    assert pd.read_parquet(file).equals(kept)


def test_results_elsewhere_have_their_history_there(tmp_path: Path) -> None:
    """With -o nothing is written beside the plan; the copy goes on with what the plan has."""
    path = book(tmp_path)
    out = tmp_path / "out" / "copy.xlsx"
    out.parent.mkdir()
    run(path, out, now=WHEN, who="tester")
    assert not beside(path).exists()
    alone = pd.read_parquet(beside(out))
    run(path, now=WHEN, who="tester")
    before = beside(path).read_bytes()
    beside(out).unlink()
    run(path, out, now=WHEN, who="tester")
    assert pd.read_parquet(beside(out)).equals(alone)
    assert beside(path).read_bytes() == before


def test_whoever_wants_no_history_gets_none(tmp_path: Path) -> None:
    def change(found: Tables) -> None:
        found["Settings"][3].append(["Keep deal history", False])

    path = book(tmp_path, change)
    run(path, now=WHEN, who="tester")
    assert not beside(path).exists()
    assert "Deal history" not in {row["Check"] for row in rows(path, "Checks", "Checks")}


@pytest.mark.parametrize("content", [b"", b"not ours", b"PAR1" * 100])
def test_a_file_that_is_none_of_ours_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = book(tmp_path)
    beside(path).write_bytes(content)
    run(path, now=WHEN, who="tester")
    assert beside(path).read_bytes() == content


def test_another_table_in_the_file_is_left_alone(tmp_path: Path) -> None:
    path = book(tmp_path)
    other: Any = pd.DataFrame({"Day": ["x"], "Deal ID": ["D1"], "Column": ["Amount"], "Value": ["1"]})
    other.to_parquet(beside(path))
    before = beside(path).read_bytes()
    run(path, now=WHEN, who="tester")
    assert beside(path).read_bytes() == before


def test_a_column_that_held_texts_is_read_as_a_number_now(tmp_path: Path) -> None:
    deals = parsed(
        pd.DataFrame({"Deal ID": ["a", "b"], "Status": "Open", "Created": dt.date(2026, 1, 1), "Seats": [3, 4]})
    )
    kept = pd.DataFrame({"Day": [20500, 20510], "Deal ID": ["a", "a"], "Column": "Seats", "Value": ["many", "2"]})
    known = with_history(deals, pd.concat([kept, kept.assign(**{"Deal ID": "gone"})]))
    values = known.on(np.array([20505.0, 20505.0])).features[0].values
    assert np.isnan(values[0])
    assert values[1] == 4


def test_the_sample_runs_the_same_with_its_own_history(tmp_path: Path) -> None:
    path = small_sample(tmp_path / "sample.xlsx", deals=150)
    first = run(path, now=WHEN, who="tester").outcome.revenue
    again = run(path, now=WHEN, who="tester").outcome.revenue
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.scored.won_in, again.scored.won_in)
