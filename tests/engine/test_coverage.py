"""Coverage: the worked case, the peer, and what is undefined."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pandas as pd
import pytest
from b2b_revenue_forecasting.hierarchy import SalesHierarchy
from b2b_revenue_forecasting.pipeline_adjuster import PipelineAdjuster
from hypothesis import given
from hypothesis import strategies as st

from revops_xl import Cascade, PlanError, cascade, coverage
from tests.engine.test_properties import by_node, frame
from tests.plans import LEVELS
from tests.strategies import RandomOrg, orgs

WORKED_STATUS = {
    "Ann": (0.9070, "Moderate"), "Bob": (0.4031, "Critical"), "Cy": (0.1512, "Critical"), "Dee": (0.6047, "Critical"),
    "Eli": (0.5442, "Healthy"), "Fay": (2.0156, "Healthy"), "NA": (0.6296, "Critical"), "EMEA": (1.2083, "Healthy"),
    "Global": (0.8000, "Healthy"),
}  # fmt: skip
THRESHOLDS = {"NA": (1.5, 0.8), "(default)": (0.5, 0.4)}


def case_b(worked: pd.DataFrame) -> Cascade:
    """Hedge 1.05 everywhere, history alone, not rounded."""
    return cascade(
        worked[[*LEVELS, *(f"Q{i}_Attainment" for i in range(1, 5))]], 1000, levels=LEVELS, hedge=1.05, unit=None
    )


def test_worked_case_b(worked: pd.DataFrame) -> None:
    found = coverage(case_b(worked), worked[["IC", "Pipeline"]], THRESHOLDS).set_index("node")
    for node, (expected, status) in WORKED_STATUS.items():
        assert round(float(found.loc[node, "coverage"]), 4) == expected  # type: ignore[arg-type]
        assert found.loc[node, "status"] == status
    assert found.loc["NA", "gap_to_healthy"] == pytest.approx(1.5 * 810 - 510)
    assert found.loc["Fay", "gap_to_healthy"] == 0
    assert found.loc["Ann", "thresholds_from"] == "NA"
    assert found.loc["Eli", "thresholds_from"] == "(default)"


def test_any_number_of_pipeline_columns_is_added_up(worked: pd.DataFrame) -> None:
    plan = case_b(worked)
    parts = pd.DataFrame(
        {
            "IC": worked["IC"],
            "a": worked["Pipeline"] * 0.5,
            "b": worked["Pipeline"] * 0.3,
            "c": worked["Pipeline"] * 0.2,
        }
    )
    one, three = (coverage(plan, table, THRESHOLDS)["coverage"] for table in (worked[["IC", "Pipeline"]], parts))
    assert three.tolist() == pytest.approx(one.tolist())
    as_mapping = coverage(plan, dict(zip(worked["IC"], worked["Pipeline"], strict=True)), THRESHOLDS)
    assert as_mapping["coverage"].tolist() == one.tolist()


@st.composite
def pipelines(draw: st.DrawFn) -> tuple[RandomOrg, dict[str, float], dict[str, tuple[float, float]]]:
    org = draw(orgs(jagged=False))
    org.periods = [[(period or 0.0) + 5 for period in periods] for periods in org.periods]
    pipeline = {ic: float(draw(st.integers(0, 4000))) for ic in org.ics}
    nodes = sorted({str(name) for row in org.rows for name in row})
    limits = {"(default)": (2.0, 1.0)}
    for node in draw(st.lists(st.sampled_from(nodes), max_size=4, unique=True)):
        at_risk = draw(st.sampled_from([0.4, 0.8, 1.0, 1.3]))
        limits[node] = (at_risk + draw(st.sampled_from([0.0, 0.5, 1.2])), at_risk)
    return org, pipeline, limits


def peer_adjuster(org: RandomOrg, plan: Cascade, pipeline: dict[str, float]) -> PipelineAdjuster:
    table = frame(org).assign(Pipeline=[pipeline[ic] for ic in org.ics])
    hierarchy = SalesHierarchy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hierarchy.from_dataframe(table, path_cols=org.levels, metrics_cols=["Pipeline"])
    return PipelineAdjuster(hierarchy, by_node(plan), pipeline_attr="Pipeline")


def peer_limits(limits: dict[str, tuple[float, float]]) -> dict[str, dict[str, float]]:
    named = {("_default" if node == "(default)" else node): pair for node, pair in limits.items()}
    return {node: {"healthy": healthy, "at_risk": at_risk} for node, (healthy, at_risk) in named.items()}


@given(pipelines())
def test_agrees_with_b2b_revenue_forecasting(
    case: tuple[RandomOrg, dict[str, float], dict[str, tuple[float, float]]],
) -> None:
    org, pipeline, limits = case
    plan = cascade(frame(org), 1000, levels=org.levels, hedge=org.hedges, unit=None)
    theirs = peer_adjuster(org, plan, pipeline).diagnose(peer_limits(limits)).set_index("Node")
    found = coverage(plan, pipeline, limits).set_index("node")
    for node, row in theirs.iterrows():
        ours = found.loc[node]
        assert ours["coverage"] == pytest.approx(row["Coverage_Ratio"], abs=6e-5)
        assert ours["pipeline"] == pytest.approx(row["Pipeline"], abs=0.006)
        near = min(
            abs(float(ours["coverage"]) - limit) for limit in (row["Healthy_Threshold"], row["At_Risk_Threshold"], 1.0)
        )
        if near > 1e-9:
            assert str(ours["status"]).lower() == str(row["Risk_Status"]).lower()


def two(pipeline: Any, thresholds: Any = None, **arguments: Any) -> pd.DataFrame:
    team = pd.DataFrame({"Company": ["Acme"] * 2, "IC": ["Ann", "Bob"], "Q1_Attainment": [1.0, 1.0]})
    plan = cascade(team, 200, levels=["Company", "IC"], **arguments)
    return coverage(plan, pipeline, thresholds).set_index("node")


def test_without_a_quota_coverage_is_undefined() -> None:
    found = two({"Ann": 100, "Bob": 100}, overrides={"Bob": 0})
    assert math.isnan(float(found.loc["Bob", "coverage"]))  # type: ignore[arg-type]
    assert found.loc["Bob", "status"] == "No quota"
    assert found.loc["Acme", "coverage"] == 1
    assert math.isnan(float(found.loc["Bob", "gap_to_healthy"]))  # type: ignore[arg-type]


def test_a_pipeline_that_is_not_known_is_not_zero() -> None:
    found = two({"Ann": 100})
    assert found.loc["Bob", "status"] == "No pipeline known"
    assert math.isnan(float(found.loc["Bob", "pipeline"]))  # type: ignore[arg-type]
    assert found.loc["Acme", "pipeline"] == 100
    nobody = two({"Ann": None, "Bob": None})
    assert nobody["status"].tolist() == ["No pipeline known"] * 3


@pytest.mark.parametrize(
    ("coverage_there", "status"),
    [
        (2.0, "Healthy"),
        (1.999, "Moderate"),
        (1.2, "Moderate"),
        (1.1, "At risk"),
        (1.0, "At risk"),
        (0.999, "Critical"),
        (0, "Critical"),
    ],
)
def test_every_status_at_its_limit(coverage_there: float, status: str) -> None:
    assert two({"Ann": 100 * coverage_there, "Bob": 1}, {"(default)": (2, 1.2)}).loc["Ann", "status"] == status


def test_win_rate_says_what_coverage_is_needed(worked: pd.DataFrame) -> None:
    """12 deals of Ann: 4 of 12 won, but a quarter of the amount; 9 of Eli are too few."""
    deals = pd.DataFrame(
        {
            "rep": ["Ann"] * 12 + ["Eli"] * 9 + ["Ann"],
            "status": ["Won"] * 4 + ["Lost"] * 8 + ["Won"] * 9 + ["Open"],
            "amount": [75.0] * 4 + [112.5] * 8 + [10.0] * 9 + [99.0],
        }
    )
    found = coverage(case_b(worked), worked[["IC", "Pipeline"]], THRESHOLDS, closed_deals=deals).set_index("node")
    assert found.loc["Ann", "win_rate"] == pytest.approx(0.25)
    assert found.loc["Dir_1", "coverage_needed"] == pytest.approx(4)
    assert found["win_rate"].isna()["Eli"]
    assert found.loc["Global", "win_rate"] == pytest.approx((300 + 90) / (1200 + 90))


def test_a_split_ic_has_the_pipeline_of_a_whole_person() -> None:
    table = pd.DataFrame(
        {
            "Company": ["Acme"] * 3, "Team": ["A", "B", "B"], "IC": ["Ann", "Ann", "Bob"],
            "Q1_Attainment": [100.0, 100.0, 50.0], "Split %": [0.6, 0.4, None],
        }
    )  # fmt: skip
    found = coverage(cascade(table, 1500, levels=["Company", "Team", "IC"]), {"Ann": 1000, "Bob": 100})
    assert found[found["node"] == "Ann"]["pipeline"].tolist() == pytest.approx([600, 400])
    assert found["pipeline"][0] == pytest.approx(1100)


@pytest.mark.parametrize(
    ("pipeline", "thresholds", "expected"),
    [
        ({"Ann": -1}, None, "pipeline!row 0, Amount: Amount is -1; an amount of 0 or more"),
        ({"Ann": "much"}, None, '"much" is not a number'),
        ({"Ann": True}, None, "TRUE where an amount"),
        ({"Anne": 1}, None, 'no node is called "Anne". Did you mean "Ann"?'),
        ({"Acme": 1}, None, '"Acme" is a team'),
        ({"Ann": 1}, {"Ann": (1, 2)}, "Healthy 1 is below At risk 2"),
        ({"Ann": 1}, {"Nobody": (2, 1)}, 'no node is called "Nobody"'),
        ({"Ann": 1}, {"Ann": (2, 0)}, "At risk is 0; a number above 0 is needed"),
        ({"Ann": 1}, {"Ann": 2}, "two numbers"),
        ({"Ann": 1}, {"Ann": (2, None)}, "At risk is blank"),
        (7, None, "numbers by node"),
        (pd.DataFrame({"IC": ["Ann", "Ann"], "x": [1, 2]}), None, "listed twice"),
    ],
)
def test_what_cannot_be_used_is_refused(pipeline: Any, thresholds: Any, expected: str) -> None:
    with pytest.raises(PlanError) as refused:
        two(pipeline, thresholds)
    assert expected in str(refused.value)
