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
    found = bias_quotients(WORKED).set_index("manager")
    assert found.loc["A", "bias_quotient"] == 1.5
    assert found.loc["B", "bias_quotient"] == pytest.approx(550 / 650)
    assert round(float(found.loc["B", "bias_quotient"]), 4) == 0.8462  # type: ignore[arg-type]
    assert found["label"].tolist() == ["sandbagger", "happy ears"]
    now = pd.DataFrame({"Manager": ["A", "B", "New"], "Commit": [100, 100, 70], "Machine forecast": [120, None, 90]})
    review = reconcile_commits(now, WORKED).set_index("manager")
    assert review["adjusted_commit"].tolist() == [150, 84.62, 70]
    assert review.loc["A", "blended_forecast"] == 135
    assert review.loc["B", "blended_forecast"] == 84.62  # no machine forecast to blend with
    assert review.loc["New", "bias_quotient"] == 1
    assert review.loc["New", "label"] == "no history"
    assert "quotient 1" in str(review.loc["New", "note"])
    assert reconcile_commits(now, WORKED, 0.25).set_index("manager").loc["A", "blended_forecast"] == 142.5


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
    everybody = bias_quotients(table(rows)).set_index("manager")
    for manager in {row[0] for row in rows}:
        alone = bias_quotients(table([row for row in rows if row[0] == manager])).set_index("manager")
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
    found = reconcile_commits(now, ours).set_index("manager")
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
    """A wider confidence is a wider interval, and the plain quotient is inside."""
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
