"""The deal model against companies whose truth is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from revops_xl import fit_deals
from revops_xl.engine.forecast.deals.alone import area_under_curve
from revops_xl.engine.forecast.deals.calibration import calibrate
from revops_xl.engine.forecast.deals.history import PRIOR_DEALS, Outcomes, record
from revops_xl.engine.forecast.deals.past_quarters import as_forecast
from revops_xl.engine.forecast.deals.report import calibration_error
from revops_xl.engine.forecast.deals.snapshots import folds, to_learn, to_try
from revops_xl.frames.forecast import DealModel, _with_cohorts
from revops_xl.model.deal_model import Family
from revops_xl.model.deals import Deals
from tests.simulated_deals import Company, company, fitted_to_closed_deals


def as_deals(frame: pd.DataFrame) -> Deals:
    return _with_cohorts(frame, None, None)[0]


@pytest.fixture(scope="module")
def usual() -> Company:
    return company(6000, seed=11)


@pytest.fixture(scope="module")
def model(usual: Company) -> DealModel:
    return fit_deals(usual.deals, as_of=str(usual.as_of.date()))


def open_rows(made: Company) -> np.ndarray:
    return np.flatnonzero(made.deals["Status"] == "Open")


def scored(made: Company, fitted: DealModel) -> pd.DataFrame:
    return fitted.score(made.deals.iloc[open_rows(made)])


def test_probabilities_are_near_the_truth(usual: Company, model: DealModel) -> None:
    truth = usual.chance[open_rows(usual)]
    said = scored(usual, model)["model_probability"].to_numpy()
    assert np.corrcoef(said, truth)[0, 1] > 0.93
    assert np.abs(said - truth).mean() < 0.08
    assert abs(said.mean() - truth.mean()) < 0.03
    # groups of like probability against the mean of their true chances, which knows no luck of the draw
    groups = pd.qcut(said, 8, labels=False)
    off = pd.DataFrame({"group": groups, "said": said, "truth": truth}).groupby("group").mean()
    assert (off["said"] - off["truth"]).abs().mean() < 0.04


def test_orders_deals_nearly_as_well_as_the_truth(usual: Company, model: DealModel) -> None:
    rows = open_rows(usual)
    said = scored(usual, model)["model_probability"].to_numpy()
    best = roc_auc_score(usual.outcome[rows], usual.chance[rows])
    assert roc_auc_score(usual.outcome[rows], said) > best - 0.03


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.deep
def test_dollars_hold_though_large_deals_are_won_less(seed: int) -> None:
    made = company(6000, seed=seed, spread=1.5, size_effect=-0.5)
    fitted = fit_deals(made.deals, as_of=str(made.as_of.date()))
    rows = open_rows(made)
    forecast = scored(made, fitted)["model_expected_value"].sum()
    expected = float((made.chance[rows] * made.worth[rows]).sum())
    assert abs(forecast / expected - 1) < 0.15
    # what counting would say: the overall win rate, deal by deal, is far off in dollars
    rate = (made.deals["Status"] == "Won").sum() / (made.deals["Status"] != "Open").sum()
    assert rate * made.worth[rows].sum() / expected - 1 > 0.2


@pytest.mark.deep
def test_values_are_learned_where_won_deals_bring_less_than_their_amount() -> None:
    made = company(4000, seed=5, share=0.7)
    fitted = fit_deals(made.deals, as_of=str(made.as_of.date()))
    rows = open_rows(made)
    said = fitted.score(made.deals.iloc[rows])
    amount = made.deals["Amount"].to_numpy()[rows]
    assert said["value_if_won"].sum() / amount.sum() == pytest.approx(0.7, abs=0.03)
    inside = (made.worth[rows] >= said["lower_quartile"]) & (made.worth[rows] <= said["upper_quartile"])
    assert inside.mean() == pytest.approx(0.5, abs=0.1)
    held = fitted.report.set_index("measure")["model"]["Values in their interval"]
    assert held == pytest.approx(0.8, abs=0.06)


def test_drivers_are_those_of_the_truth(model: DealModel) -> None:
    effects = {row["feature"]: row for row in model.columns.dropna(subset=["effect_pts"]).to_dict("records")}
    assert {"Exec sponsor", "Stage"} <= set(list(effects)[:5])
    assert effects["Exec sponsor"]["more_of_it"] == "likelier"
    assert effects["Competitor"]["more_of_it"] == "less likely"
    assert effects["Meetings"]["more_of_it"] == "likelier"
    assert effects["Noise"]["effect_pts"] < 0.25 * effects["Competitor"]["effect_pts"]


def test_drivers_add_up_to_the_probability(model: DealModel) -> None:
    found = model._revenue.scored
    assert found.parts is not None
    total = found.parts.usual + found.parts.points.sum(axis=1)
    np.testing.assert_allclose(
        total, found.probability, atol=1e-4
    )  # probabilities are shown to the hundredth of a percent


def test_drivers_of_a_model_without_interplay_are_its_differences() -> None:
    """For a score that is a sum, the Shapley value is the term less its mean: known without any sampling."""
    from revops_xl.engine.forecast.deals.drivers import drivers

    dice = np.random.default_rng(0)
    x, usual, weights = dice.normal(size=(20, 4)), dice.normal(size=(300, 4)), np.array([0.1, -0.2, 0.05, 0.0])
    found = drivers(lambda rows: 0.5 + rows @ weights, x, usual, [0, 1, 2, 3])
    mean = x * weights - found.parts
    np.testing.assert_allclose(mean, np.broadcast_to(mean[0], mean.shape), atol=1e-9)  # one constant a feature
    np.testing.assert_allclose(found.usual + found.parts.sum(axis=1), 0.5 + x @ weights)
    assert np.abs(found.parts[:, 3]).max() == 0


def test_report_is_that_of_scikit_learn_on_later_deals(usual: Company) -> None:
    """Without days, the hold-out lies after everything the model had seen; its figures are those of another implementation."""
    deals = as_deals(usual.deals).in_order()
    model = fitted_to_closed_deals(usual.deals, str(usual.as_of.date()))
    held = model._fitted.held_out
    assert held is not None
    rest = np.setdiff1d(np.flatnonzero(deals.is_closed), held.row)
    assert deals.close[rest].max() < deals.close[held.row].min()
    won, said = deals.is_won[held.row], held.probability
    figures = model.report.set_index("measure")["model"]
    assert figures["Log-loss"] == pytest.approx(log_loss(won, said))
    assert figures["Brier score"] == pytest.approx(brier_score_loss(won, said))
    assert figures["ROC AUC"] == pytest.approx(roc_auc_score(won, said))
    assert figures["Forecast"] == pytest.approx((said * deals.amount[held.row]).sum())
    assert figures["Actual"] == pytest.approx(deals.amount[held.row][won].sum())
    assert figures["Calibration error"] < 0.05
    better = model.report.set_index("measure").loc["Log-loss"]
    assert better["model"] < better["reps"]
    assert better["model"] < better["base_rate"]


def test_report_of_past_quarters_is_that_of_scikit_learn(usual: Company, model: DealModel) -> None:
    """Deals that were open on the first day of each past quarter, and what was won in it, counted from the table alone."""
    deals = as_deals(usual.deals).in_order()
    figures = model.report.set_index("measure")["model"]
    won, money, count = [], 0.0, 0
    for quarter in model._fitted.past:
        start, end = (
            np.datetime64((quarter.quarter + k) * 3 - 1970 * 12, "M").astype("datetime64[D]").astype(int)
            for k in (0, 1)
        )
        there = (deals.created < start) & ~(deals.is_closed & (deals.close < start))
        here = there & deals.is_won & (deals.close < end)
        won.append(here[there])
        money += deals.amount[here].sum()
        count += int(there.sum())
    flags = np.concatenate(won)
    said = np.concatenate(as_forecast(model._fitted.past))
    assert (figures["Deals"], figures["Actual"]) == (count, pytest.approx(money))
    assert figures["Log-loss"] == pytest.approx(log_loss(flags, said))
    assert figures["ROC AUC"] == pytest.approx(roc_auc_score(flags, said))
    better = model.report.set_index("measure").loc["Log-loss"]
    assert better["model"] < better["base_rate"]


@pytest.mark.deep
def test_intervals_of_dollars_hold_as_often_as_they_say() -> None:
    inside = []
    for seed in range(8):
        made = company(2500, seed=100 + seed)
        frame = made.deals.rename(columns={"Industry": "Region"})
        parts = fit_deals(frame, as_of=str(made.as_of.date())).dollar_bias
        inside += (parts["in_interval"] == "yes").tolist()
    assert 0.68 < np.mean(inside) < 0.95


def test_a_company_without_pattern_gets_its_win_rate() -> None:
    dice = np.random.default_rng(4)
    count = 1500
    made = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.sort(dice.integers(0, 500, count)), "D")
    frame = pd.DataFrame(
        {
            "status": np.where(dice.random(count) < 0.3, "Won", "Lost"),
            "amount": dice.lognormal(9, 1, count),
            "created": made,
            "close_date": made + pd.to_timedelta(dice.integers(5, 90, count), "D"),
            "colour": dice.choice(["red", "green"], count),
            "size": dice.normal(size=count),
        }
    )
    fitted = fit_deals(frame)
    young = frame.head(50).assign(status="Open")
    said = fitted.score(young, as_of=str((young["created"].max() + pd.Timedelta(days=1)).date()))["model_probability"]
    assert fitted.name == "base rate"
    alone = fitted_to_closed_deals(frame)
    same = alone.score(frame.head(50).assign(status="Open"))["model_probability"]
    assert same.nunique() == 1
    assert same.iloc[0] == pytest.approx((frame["status"] == "Won").mean(), abs=0.03)
    assert said.mean() == pytest.approx((frame["status"] == "Won").mean(), abs=0.03)
    assert said.std() < 0.05


@pytest.mark.parametrize(("count", "family"), [(15, Family.BASE), (60, Family.STAGES), (250, Family.LOGISTIC)])
def test_steps_down_below_the_minima(count: int, family: Family) -> None:
    made = company(4000, seed=8)
    closed = made.deals[made.deals["Status"] != "Open"].head(count)
    fitted = fit_deals(closed)
    tried = fitted.choice[fitted.choice["remark"].fillna("") == ""]
    order = list(Family)
    richest = max(order.index(f) for f in order if any(str(c).startswith(str(f)) for c in tried["candidate"]))
    assert order[richest] == family
    assert fitted.choice["remark"].str.contains("needs 300 closed deals").any()


def test_row_order_and_cell_types_do_not_matter() -> None:
    made = company(900, seed=21)
    first = fit_deals(made.deals).score().set_index("deal_id")
    mixed = made.deals.sample(frac=1, random_state=1)
    mixed["Exec sponsor"] = mixed["Exec sponsor"].map({True: "yes", False: "no"})
    second = fit_deals(mixed).score().set_index("deal_id")
    same = ["model_probability", "model_expected_value", "key_drivers", "risk_flag"]
    pd.testing.assert_frame_equal(first[same].sort_index(), second[same].sort_index())


def test_other_peoples_later_deals_do_not_change_a_score() -> None:
    """History counts only what had closed before: a plain loop over all deals says the same."""
    deals = as_deals(company(400, seed=3).deals)
    outcomes = Outcomes(deals.close, deals.is_won.astype(float), np.where(deals.is_won, deals.amount, 0.0))
    groups = deals.rep.codes.astype(np.int64)
    at = deals.created + 20
    found = record(outcomes, groups, groups, at)
    for i in range(0, 400, 7):
        before = deals.close < at[i]
        mine = before & (groups == groups[i])
        overall = (deals.is_won[before].sum() + 0.5 * PRIOR_DEALS) / (before.sum() + PRIOR_DEALS)
        rate = (deals.is_won[mine].sum() + PRIOR_DEALS * overall) / (mine.sum() + PRIOR_DEALS)
        assert found.closed[i] == mine.sum()
        assert found.rate[i] == pytest.approx(rate)
        assert found.value[i] == pytest.approx(deals.amount[mine & deals.is_won].sum())


def test_validation_never_looks_ahead() -> None:
    deals = as_deals(company(1500, seed=2).deals).in_order()
    cuts, last = folds(deals.close[deals.is_closed])
    assert last is not None
    for fold in (*cuts, last):
        learned, tried = to_learn(deals, fold.cut), to_try(deals, fold)
        assert deals.close[learned.row].max() < fold.cut <= deals.close[tried.row].min()
        assert (learned.at <= deals.close[learned.row]).all()
        assert (tried.at <= deals.close[tried.row]).all()
        assert not set(learned.row.tolist()) & set(tried.row.tolist())


def test_area_under_curve_is_that_of_scikit_learn() -> None:
    dice = np.random.default_rng(0)
    for _ in range(20):
        scores, won = dice.integers(0, 6, 50).astype(float), dice.random(50) < 0.4
        if 0 < won.sum() < 50:
            assert area_under_curve(scores, won) == pytest.approx(roc_auc_score(won, scores))


def test_calibration_mends_what_is_wrong_with_large_deals() -> None:
    """Probabilities that hold for most deals and are twice too high for the largest."""
    dice = np.random.default_rng(1)
    value = dice.lognormal(10, 1.2, 20_000)
    large = value > np.quantile(value, 0.95)
    said = dice.uniform(0.2, 0.7, 20_000)
    won = dice.random(20_000) < np.where(large, said / 2, said)
    fold = np.repeat(np.arange(4.0), 5000)
    made = calibrate(said, won, value, fold)
    mended = made.apply(said, value)
    before = (said * value).sum() / value[won].sum() - 1
    after = (mended * value).sum() / value[won].sum() - 1
    assert before > 0.15
    assert abs(after) < 0.08
    assert calibration_error(mended, won) < calibration_error(said, won)


def test_calibration_leaves_right_probabilities_alone() -> None:
    dice = np.random.default_rng(2)
    said = dice.uniform(0.1, 0.9, 4000)
    won, value = dice.random(4000) < said, dice.lognormal(10, 1, 4000)
    made = calibrate(said, won, value, np.repeat(np.arange(4.0), 1000))
    assert np.abs(made.apply(said, value) - said).max() < 0.06


@pytest.mark.deep
def test_mega_deals_do_not_drag_the_value_of_others() -> None:
    made = company(2500, seed=6)
    frame = made.deals.drop(columns="Amount").assign(Amount=made.deals["Amount"].where(made.deals["Status"] == "Won"))
    huge = frame["Status"].eq("Won") & (np.arange(len(frame)) == frame.index[frame["Status"] == "Won"][700])
    with_mega = frame.assign(Amount=frame["Amount"].where(~huge, 5e8))
    usual, shifted = (fit_deals(each).score()["value_if_won"].median() for each in (frame, with_mega))
    assert shifted / usual == pytest.approx(1, abs=0.25)


def test_no_information_about_the_outcome_in_open_deals_is_needed(usual: Company, model: DealModel) -> None:
    """Scores are the same whatever the status of the deals to score says."""
    rows = open_rows(usual)[:40]
    table = usual.deals.iloc[rows]
    lied = table.assign(Status="Won")
    pd.testing.assert_frame_equal(model.score(table), model.score(lied))


def test_deals_come_back_in_their_order_and_with_their_index(usual: Company, model: DealModel) -> None:
    table = usual.deals.iloc[open_rows(usual)[:30]].sample(frac=1, random_state=3)
    back = model.score(table)
    assert back.index.tolist() == table.index.tolist()
    assert back["deal_id"].tolist() == table["Deal ID"].tolist()


def test_a_fitted_model_is_frozen(model: DealModel) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.name = "other"  # type: ignore[misc]
