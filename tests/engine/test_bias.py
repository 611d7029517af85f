"""Commit bias: the worked numbers, a plain loop, the peer, and what must hold for any history."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from b2b_revenue_forecasting.commit_reconciler import CommitReconciler
from hypothesis import given
from hypothesis import strategies as st

from revops_xl import PlanError, bias_quotients, reconcile_commits

WORKED = pd.DataFrame(
    {
        "Manager": ["A", "A", "B", "B"],
        "Period": ["Q1 2026", "Q2 2026"] * 2,
        "Commit": [200, 250, 300, 350],
        "Actual": [300, 375, 270, 280],
    }
)
Rows = list[tuple[str, int, float, float | None]]


@st.composite
def histories(draw: st.DrawFn) -> Rows:
    """Managers with up to eight quarters; some open, some with a commit of 0."""
    rows: Rows = []
    for manager in range(draw(st.integers(1, 6))):
        for quarter in sorted(draw(st.sets(st.integers(0, 7), min_size=1))):
            commit = float(draw(st.integers(0, 900)))
            actual = draw(st.none() | st.integers(0, 1500).map(float))
            rows.append((f"m{manager}", quarter, commit, actual))
    return rows


def table(rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "manager": [row[0] for row in rows],
            "period": [f"Q{row[1] % 4 + 1} {2025 + row[1] // 4}" for row in rows],
            "commit": [row[2] for row in rows],
            "actual": [row[3] for row in rows],
        }
    )


def test_worked_numbers() -> None:
    plain = {"shrinkage": 0, "interval": 0}
    found = bias_quotients(WORKED, **plain).set_index("manager")
    assert found.loc["A", "bias_quotient"] == 1.5
    assert found.loc["B", "bias_quotient"] == pytest.approx(550 / 650)
    assert round(float(found.loc["B", "bias_quotient"]), 4) == 0.8462  # type: ignore[arg-type]
    assert found["label"].tolist() == ["sandbagger", "happy ears"]
    now = pd.DataFrame({"Manager": ["A", "B", "New"], "Commit": [100, 100, 70], "Machine forecast": [120, None, 90]})
    review = reconcile_commits(now, WORKED, **plain).set_index("manager")
    assert review["adjusted_commit"].tolist() == [150, 84.62, 70]
    assert review.loc["A", "blended_forecast"] == 135
    assert review.loc["B", "blended_forecast"] == 84.62  # no machine forecast to blend with
    assert review.loc["New", "bias_quotient"] == 1
    assert review.loc["New", "label"] == "no history"
    assert "quotient 1" in str(review.loc["New", "note"])
    assert reconcile_commits(now, WORKED, 0.25, **plain).set_index("manager").loc["A", "blended_forecast"] == 142.5


@given(histories(), st.sampled_from([0.0, 1.0, 2.5]), st.sampled_from([0.0, 0.1, 0.25]))
def test_quotient_matches_a_plain_loop(rows: Rows, shrinkage: float, band: float) -> None:
    closed: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for manager, _, commit, actual in rows:
        closed[manager] += [(commit, actual)] if actual is not None else []
    found = bias_quotients(table(rows), shrinkage=shrinkage, neutral_band=band, interval=0).set_index("manager")
    for manager in {row[0] for row in rows}:
        pairs = closed[manager]
        committed, actual = sum(c for c, _ in pairs), sum(a for _, a in pairs)
        row = found.loc[manager]
        assert row["periods"] == len(pairs)
        if committed == 0:
            assert (row["bias_quotient"], row["label"]) == (1, "no history")
            continue
        mean = committed / len(pairs)
        expected = (actual + shrinkage * mean) / (committed + shrinkage * mean)
        assert row["bias_quotient"] == pytest.approx(expected, rel=1e-12)
        label = (
            "sandbagger" if expected > 1 + band + 1e-12 else "happy ears" if expected < 1 - band - 1e-12 else "neutral"
        )
        assert row["label"] == label


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(rows: Rows, dice: Any) -> None:
    mixed = rows.copy()
    dice.shuffle(mixed)
    pd.testing.assert_frame_equal(bias_quotients(table(rows)), bias_quotients(table(mixed)), check_exact=True)


@given(histories())
def test_nobody_depends_on_the_others(rows: Rows) -> None:
    """As long as quotients are not drawn together."""
    everybody = bias_quotients(table(rows), shrinkage=0).set_index("manager")
    for manager in {row[0] for row in rows}:
        alone = bias_quotients(table([row for row in rows if row[0] == manager]), shrinkage=0).set_index("manager")
        numbers = ["bias_quotient", "low", "high", "trend"]
        np.testing.assert_allclose(
            alone.loc[manager, numbers].to_numpy(dtype=float),
            everybody.loc[manager, numbers].to_numpy(dtype=float),
            rtol=1e-12,
            equal_nan=True,
        )


@given(histories())
def test_agrees_with_b2b_revenue_forecasting(rows: Rows) -> None:
    """The peer knows no open periods, so those are taken out for it."""
    ours = table(rows)
    closed = ours.dropna(subset=["actual"])
    peer = CommitReconciler(
        closed.rename(
            columns={"manager": "Manager_ID", "commit": "Historical_Commit", "actual": "Historical_Actual_Closed"}
        )
    )
    now = pd.DataFrame(
        {"manager": [f"m{i}" for i in range(7)], "commit": [1000.0] * 7, "machine_forecast": [900.0] * 7}
    )
    theirs = peer.reconcile_all(
        now.rename(columns={"manager": "Manager_ID", "commit": "Current_Commit"}), machine_col="machine_forecast"
    ).set_index("manager_id")
    found = reconcile_commits(now, ours, shrinkage=0).set_index("manager")
    for manager in now["manager"]:
        assert found.loc[manager, "bias_quotient"] == pytest.approx(theirs.loc[manager, "bias_quotient"], abs=6e-5)
        assert found.loc[manager, "adjusted_commit"] == pytest.approx(
            theirs.loc[manager, "bias_adjusted_commit"], abs=0.011
        )
        assert found.loc[manager, "blended_forecast"] == pytest.approx(
            theirs.loc[manager, "blended_forecast"], abs=0.011
        )


@given(histories())
def test_the_interval_holds_the_quotient(rows: Rows) -> None:
    """A wider confidence is a wider interval, and the quotient is inside."""
    narrow, wide = (bias_quotients(table(rows), interval=level) for level in (0.5, 0.95))
    there = narrow["low"].notna()
    assert there.equals(wide["low"].notna())
    assert (wide["low"][there] <= narrow["low"][there] + 1e-12).all()
    assert (wide["high"][there] >= narrow["high"][there] - 1e-12).all()
    assert (wide["low"][there] <= wide["bias_quotient"][there] + 1e-9).all()
    assert (wide["high"][there] >= wide["bias_quotient"][there] - 1e-9).all()
    assert bias_quotients(table(rows), interval=0)["low"].isna().all()


def test_the_interval_is_a_bootstrap_over_periods() -> None:
    """Against a loop with its own resamples; the ends agree within the noise of both."""
    commits, actuals = [100, 120, 90, 150, 80, 110], [130, 118, 99, 190, 70, 140]
    history = pd.DataFrame(
        {"manager": "A", "period": [f"2026-{i + 1:02d}" for i in range(6)], "commit": commits, "actual": actuals}
    )
    dice = np.random.default_rng(99)
    ratios = []
    for _ in range(20_000):
        drawn = dice.integers(0, 6, 6)
        ratios.append(sum(actuals[i] for i in drawn) / sum(commits[i] for i in drawn))
    # Student's t of 5 degrees of freedom at 90 % is 1.47588, so each tail is that of 1.47588 x sqrt(6 / 5) = 1.61675.
    tail = 0.5 * math.erfc(1.61675 / math.sqrt(2))
    low, high = np.quantile(ratios, [tail, 1 - tail])
    found = bias_quotients(history, interval=0.8).iloc[0]
    assert found["low"] == pytest.approx(low, abs=0.005)
    assert found["high"] == pytest.approx(high, abs=0.005)


def test_trend_is_the_slope_of_the_quotient() -> None:
    """Equal commits: the ordinary least-squares line through the quotients."""
    quotients = [0.8, 0.95, 0.9, 1.1]
    history = pd.DataFrame(
        {
            "manager": "A",
            "period": ["Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025"],
            "commit": 100.0,
            "actual": [100 * q for q in quotients],
        }
    )
    assert bias_quotients(history)["trend"][0] == pytest.approx(np.polyfit(range(4), quotients, 1)[0])
    assert math.isnan(bias_quotients(history.head(2))["trend"][0])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"commit": -5.0}, "history!row 0, Commit: Commit is -5; an amount of 0 or more is needed"),
        ({"commit": None}, "history!row 0, Commit: Commit is blank"),
        ({"commit": "many"}, 'history!row 0, Commit: "many" is not a number'),
        ({"period": "Q2 2025"}, 'Q2 2025 of "m0" is listed twice'),
        ({"period": None}, "Period is blank"),
        ({"manager": None}, "Manager is blank"),
    ],
)
def test_what_cannot_be_used_is_refused(change: dict[str, Any], expected: str) -> None:
    frame = table([("m0", 0, 1.0, 2.0), ("m0", 1, 1.0, 2.0)]).astype(object)
    for column, value in change.items():
        frame.loc[0, column] = value
    with pytest.raises(PlanError) as refused:
        bias_quotients(frame)
    assert expected in str(refused.value)


@pytest.mark.parametrize("argument", ["machine_weight", "neutral_band", "shrinkage", "interval", "seed"])
@pytest.mark.parametrize("value", [-0.1, math.nan, "0.2", True])
def test_rules_outside_their_bounds_are_refused(argument: str, value: Any) -> None:
    now = pd.DataFrame({"manager": ["A"], "commit": [1.0]})
    with pytest.raises(PlanError, match=argument):
        reconcile_commits(now, WORKED, **{argument: value})


def test_two_spellings_of_a_period_are_one() -> None:
    frame = pd.DataFrame({"manager": "A", "period": ["Q1 2026", "2026-Q1"], "commit": 1.0, "actual": 1.0})
    with pytest.raises(PlanError, match="listed twice"):
        bias_quotients(frame)


# --- drawn together across managers ---------------------------------------------------------------------------------


def drawn_by_hand(histories: list[tuple[list[float], list[float]]]) -> list[float]:
    """Empirical Bayes in plain loops, one (commits, actuals) a manager: the rule of the guide, written apart from the code."""
    q = [sum(a) / sum(c) for c, a in histories]
    noise, free = [], []
    for (c, a), x in zip(histories, q, strict=True):
        n = len(c)
        usable = n > 1 and x > 0
        squares = sum((ai - x * ci) ** 2 for ci, ai in zip(c, a, strict=True))
        noise.append(squares / (n - 1) / (x * x * sum(ci * ci for ci in c) / n) if usable else 0.0)
        free.append(n - 1 if usable else 0)
    pooled = sum(f * s for f, s in zip(free, noise, strict=True)) / sum(free)
    level = sum(sum(a) for _, a in histories) / sum(sum(c) for c, _ in histories)
    v = [
        (f * s + 4 * pooled) / (f + 4) * sum(ci * ci for ci in c) / sum(c) ** 2 * level**2
        for (c, _), f, s in zip(histories, free, noise, strict=True)
    ]
    centre = sum(q) / len(q)
    raw = sum((x - centre) ** 2 for x in q) / (len(q) - 1)
    weight = [1 / (vi + raw) for vi in v]
    mean = sum(w * x for w, x in zip(weight, q, strict=True)) / sum(weight)
    between = max(raw - sum(v) / len(v), 0)
    return [mean + between / (between + vi) * (x - mean) for x, vi in zip(q, v, strict=True)]


FOUR = {
    "Mia": ([100, 120, 90, 110], [120, 150, 105, 140]),
    "Otto": ([200, 180, 210], [170, 150, 200]),
    "Pia": ([50, 60], [90, 70]),
    "Quin": ([80, 75, 85, 90], [82, 70, 88, 91]),
}


def listed(histories: dict[str, tuple[list[int], list[int]]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (name, f"2026-{i + 1:02d}", c, a)
            for name, (commits, actuals) in histories.items()
            for i, (c, a) in enumerate(zip(commits, actuals, strict=True))
        ],
        columns=["manager", "period", "commit", "actual"],
    )


def test_quotients_are_drawn_together_as_worked() -> None:
    found = bias_quotients(listed(FOUR)).set_index("manager")
    assert found["bias_quotient"].tolist() == pytest.approx([1.222654, 0.896586, 1.384229, 1.007677], abs=5e-7)
    assert found["plain_quotient"].tolist() == pytest.approx([1.226190, 0.881356, 1.454545, 1.003030], abs=5e-7)
    with_new = pd.concat([listed(FOUR), listed({"New": ([100], [100])}).assign(actual=None)])
    new = reconcile_commits(pd.DataFrame({"manager": ["New"], "commit": [100]}), with_new).set_index("manager")
    assert new.loc["New", "bias_quotient"] == pytest.approx(1.128750, abs=5e-7)  # the mean of all
    assert new.loc["New", "label"] == "no history"
    assert new.loc["New", "adjusted_commit"] == 112.88


def test_differences_that_may_all_be_chance_are_none() -> None:
    actuals = [[100, 120, 80], [90, 115, 110], [105, 85, 95], [80, 125, 110]]
    same = listed({f"m{i}": ([100, 100, 100], each) for i, each in enumerate(actuals)})
    found = bias_quotients(same)
    assert found["bias_quotient"].tolist() == pytest.approx([1.009624] * 4, abs=5e-7)
    assert found["own_weight"].tolist() == [0, 0, 0, 0]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(50, 300), st.integers(20, 400)), min_size=2, max_size=6), min_size=3, max_size=6
    )
)
def test_drawn_quotients_are_those_of_a_plain_loop(managers: list[list[tuple[int, int]]]) -> None:
    histories = {f"m{i}": ([c for c, _ in each], [a for _, a in each]) for i, each in enumerate(managers)}
    expected = drawn_by_hand([(list(map(float, c)), list(map(float, a))) for c, a in histories.values()])
    assert bias_quotients(listed(histories))["bias_quotient"].tolist() == pytest.approx(expected, rel=1e-9)


def simulated_managers(
    count: int, spread: float, noise: float, periods: int, seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    dice = np.random.default_rng(seed)
    bias = np.exp(dice.normal(-(spread**2) / 2, spread, count))
    commits = dice.lognormal(6, 0.35, (count, periods))
    actuals = commits * bias[:, None] * np.exp(dice.normal(-(noise**2) / 2, noise, (count, periods)))
    frame = pd.DataFrame(
        {
            "manager": np.repeat([f"m{i:03d}" for i in range(count)], periods),
            "period": [f"2026-{i + 1:02d}" for i in range(periods)] * count,
            "commit": commits.ravel(),
            "actual": actuals.ravel(),
        }
    )
    return frame, bias


@pytest.mark.parametrize(("count", "spread", "noise"), [(12, 0.2, 0.3), (12, 0.1, 0.3), (60, 0.05, 0.15)])
def test_few_are_labelled_wrongly_and_intervals_hold(count: int, spread: float, noise: float) -> None:
    """Short noisy histories of managers whose true bias is known: the plain quotient labels a quarter to a third wrongly."""
    wrong, plain_wrong, held, closer = [], [], [], []
    for seed in range(max(240 // count, 4)):
        frame, bias = simulated_managers(count, spread, noise, 4, seed)
        found, plain = bias_quotients(frame), bias_quotients(frame, shrinkage=0, interval=0)
        truth = np.where(bias > 1.1, "sandbagger", np.where(bias < 0.9, "happy ears", "neutral"))
        told = found["label"].isin(["sandbagger", "happy ears"])
        wrong += (told & (found["label"] != truth)).tolist()
        plain_wrong += (plain["label"].isin(["sandbagger", "happy ears"]) & (plain["label"] != truth)).tolist()
        held += ((found["low"] <= bias) & (bias <= found["high"])).tolist()
        closer.append(((found["bias_quotient"] - bias) ** 2).mean() < ((plain["bias_quotient"] - bias) ** 2).mean())
    assert np.mean(plain_wrong) > 0.15
    assert np.mean(wrong) < 0.04
    assert 0.72 < np.mean(held) < 0.88
    assert np.mean(closer) > 0.6


# --- the weight of machine forecasts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("of_machine", "of_people", "low", "high"), [(0.05, 0.4, 0.75, 1.0), (0.4, 0.02, 0.0, 0.3)])
def test_the_weight_is_learned_from_past_machine_forecasts(
    of_machine: float, of_people: float, low: float, high: float
) -> None:
    """Good machines beside erratic people get most of the weight, and the other way round."""
    frame, _ = simulated_managers(8, 0.15, of_people, 8, 3)
    dice = np.random.default_rng(4)
    frame["machine_forecast"] = frame["actual"] * np.exp(dice.normal(0, of_machine, len(frame)))
    now = pd.DataFrame({"manager": ["m000"], "commit": [100.0], "machine_forecast": [50.0]})
    row = reconcile_commits(now, frame).set_index("manager").loc["m000"]
    weight = (row["adjusted_commit"] - row["blended_forecast"]) / (row["adjusted_commit"] - 50)
    assert low <= weight <= high
    few = reconcile_commits(now, frame.assign(machine_forecast=frame["machine_forecast"].where(frame.index < 11)))
    row = few.set_index("manager").loc["m000"]
    assert row["blended_forecast"] == pytest.approx((row["adjusted_commit"] + 50) / 2, abs=0.006)
    fixed = reconcile_commits(now, frame, 0.25).set_index("manager").loc["m000"]
    assert fixed["blended_forecast"] == pytest.approx(0.75 * fixed["adjusted_commit"] + 0.25 * 50, abs=0.006)
