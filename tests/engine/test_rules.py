"""Single rules, each with a number one can work out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from revops_xl import Metric, PlanError, cascade, suggest_weights
from tests.engine.test_properties import by_node

LEVELS = ["Top", "Team", "IC"]


def org(**columns: list[Any]) -> pd.DataFrame:
    base: dict[str, list[Any]] = {"Top": ["T"] * 4, "Team": ["A", "A", "B", "B"], "IC": ["a", "b", "c", "d"]}
    return pd.DataFrame({**base, **columns})


def plan(table: pd.DataFrame, **arguments: Any) -> dict[str, float]:
    return by_node(cascade(table, arguments.pop("target", 1000), levels=LEVELS, **arguments))


def test_lookback_takes_the_last_columns() -> None:
    table = org(Q1_Attainment=[9, 9, 9, 9], Q2_Attainment=[1, 1, 1, 1], Q3_Attainment=[3, 1, 1, 3])
    found = plan(table, metrics=[Metric("Attainment", lookback=1)])
    assert (found["a"], found["b"]) == (375, 125)


@pytest.mark.parametrize(("aggregation", "expected"), [("sum", 4 / 6), ("mean", 4 / 6), ("last", 3 / 4)])
def test_aggregation(aggregation: str, expected: float) -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1], Q2_Attainment=[3, 1, 1, 3])
    found = plan(table, metrics=[Metric("Attainment", aggregation=aggregation)])
    assert found["a"] == pytest.approx(500 * expected, abs=0.01)


def test_partial_history_is_imputed_unless_switched_off() -> None:
    table = org(Q1_Attainment=[None, 2, 1, 1], Q2_Attainment=[4, 2, 1, 1])
    assert plan(table)["a"] == pytest.approx(plan(table)["A"] * 8 / 12, abs=0.01)
    off = plan(table, metrics=[Metric("Attainment", impute_zeros=False)])
    assert off["a"] == pytest.approx(off["A"] * 4 / 8, abs=0.01)


def test_false_is_data() -> None:
    """Two of three quarters active counts 2, not 3."""
    table = org(
        Q1_Active=[True, True, True, True], Q2_Active=[True, True, True, True], Q3_Active=[False, True, True, True]
    )
    found = plan(table, metrics=[Metric("Active")])
    assert found["a"] == pytest.approx(found["A"] * 2 / 5, abs=0.01)


@pytest.mark.parametrize(
    ("gate", "threshold", "out"),
    [("gt", 5, {"a", "b"}), ("ge", 5, {"a"}), ("lt", 5, {"b", "c", "d"}), ("le", 5, {"c", "d"}), ("true", 0, {"a"})],
)
def test_gate_tests(gate: str, threshold: float, out: set[str]) -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1], Seats=[0, 5, 6, 7])
    found = plan(table, metrics=[Metric("Attainment"), Metric("Seats", use="gate", gate=gate, threshold=threshold)])
    assert {ic for ic in "abcd" if found[ic] == 0} == out
    assert sum(found[ic] for ic in "abcd") == 1000


def test_a_team_whose_members_are_all_gated_is_gated() -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1], On=[False, False, True, True])
    found = plan(table, metrics=[Metric("Attainment"), Metric("On", use="gate", gate="true")])
    assert (found["A"], found["B"]) == (0, 1000)


def test_gate_fallbacks_when_everything_is_gated() -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1], On=[False] * 4)
    metrics = [Metric("Attainment"), Metric("On", use="gate", gate="true")]
    relaxed = cascade(table, 1000, levels=LEVELS, metrics=metrics)
    assert by_node(relaxed)["a"] == 250
    assert relaxed.quotas["rule"].str.contains("gate relaxed").sum() == 6
    left = cascade(table, 1000, levels=LEVELS, metrics=metrics, gate_fallback="leave")
    assert by_node(left)["A"] == 0
    assert "unallocated" in left.quotas["rule"][0]
    with pytest.raises(PlanError, match='everything below "T" fails the gate'):
        cascade(table, 1000, levels=LEVELS, metrics=metrics, gate_fallback="error")


def test_gate_fallbacks_when_only_an_override_is_left() -> None:
    """B is fixed at 100 and everybody else is gated: the other 900 follow the fallback."""
    table = org(Q1_Attainment=[1, 1, 1, 1], On=[False] * 4)
    metrics = [Metric("Attainment"), Metric("On", use="gate", gate="true")]
    left = cascade(table, 1000, levels=LEVELS, metrics=metrics, overrides={"B": 100}, gate_fallback="leave")
    assert (by_node(left)["A"], by_node(left)["B"], by_node(left)["c"]) == (0, 100, 0)
    relaxed = plan(table, metrics=metrics, overrides={"B": 100})
    assert (relaxed["A"], relaxed["B"], relaxed["a"], relaxed["c"]) == (900, 100, 450, 50)


def test_flags_beside_a_rule_are_refused() -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1], **{"New hire": [True, False, False, False]})
    with pytest.raises(PlanError, match="they answer the same question"):
        plan(table)
    assert plan(table, new_hires="New hire")["a"] == 250


def test_a_blank_ic_of_a_sorted_table_is_refused() -> None:
    table = pd.DataFrame({"Top": ["T"] * 3, "IC": ["", "b", "c"], "Q1_Attainment": [1, 2, 3]})
    with pytest.raises(PlanError, match="each row names the IC"):
        cascade(table, 100, levels=["Top", "IC"])


def test_look_alikes_are_noted() -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1]).assign(Team=["EMEA", "EMEA", "emea ", "emea "])
    (note,) = cascade(table, 100, levels=LEVELS).notes
    assert "look alike and are kept apart" in note.message


def test_a_column_of_zero_and_one_is_never_imputed() -> None:
    table = org(Q1_Attainment=[0, 1, 1, 1], Q2_Attainment=[50, 49, 50, 50])
    found = plan(table)
    assert found["a"] == pytest.approx(found["A"] / 2, abs=0.01)


def test_a_metric_of_weight_zero_does_not_hide_a_new_hire() -> None:
    table = org(Q1_Attainment=[1, 0, 1, 1], Seats=[1, 5, 1, 1])
    found = plan(table, metrics=[Metric("Attainment"), Metric("Seats", weight=0)])
    assert found["b"] == pytest.approx(found["A"] / 2, abs=0.01)


def test_a_coarse_unit_does_not_set_off_the_alarm() -> None:
    from revops_xl.model.results import verdict

    result = cascade(org(Q1_Attainment=[1, 1, 1, 1]), 80_000, levels=LEVELS, hedge=1.05, unit=10_000)
    assert verdict(float(result.plan.cumulative_hedge.max()) - 1) == "OK"


def test_an_override_wins_over_a_gate() -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1], On=[False, True, True, True])
    metrics = [Metric("Attainment"), Metric("On", use="gate", gate="true")]
    assert plan(table, metrics=metrics, overrides={"a": 100})["a"] == 100


def test_override_of_a_team_at_both_layers() -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1])
    base = cascade(table, 1000, levels=LEVELS, hedge=1.1, overrides={"A": 300}).quotas.set_index("node")
    assert (base.loc["A", "base_quota"], base.loc["A", "quota"]) == (300, 330)
    hedged = cascade(
        table, 1000, levels=LEVELS, hedge=1.1, overrides={"A": 300}, override_basis="hedged"
    ).quotas.set_index("node")
    assert (hedged.loc["A", "base_quota"], hedged.loc["A", "quota"]) == (272.73, 300)
    assert hedged.loc["B", "quota"] == 800


def test_a_team_fixed_as_a_whole_ties_on_the_derived_layer_too() -> None:
    """Base amounts fill the pool exactly; hedged they are 35.0035, 35.0035 and 35.0035..., and still add up to the pool."""
    table = pd.DataFrame({"Top": ["T"] * 3, "IC": ["a", "b", "c"], "Q1_Attainment": [1, 1, 1]})
    fixed = {"a": 33.33, "b": 33.33, "c": 33.34}
    for hedge in (1.05, 1.0333, 1.1111):
        found = by_node(cascade(table, 100, levels=["Top", "IC"], hedge=hedge, overrides=fixed))
        assert round(sum(found[ic] for ic in "abc"), 2) == round(100 * hedge, 2)
        assert all(abs(found[ic] - amount * hedge) <= 0.011 for ic, amount in fixed.items())


def test_hedges_node_before_level_before_default() -> None:
    table = org(Q1_Attainment=[1, 1, 1, 1])
    found = plan(table, hedge={"Team": 1.1, "B": 1.2})
    assert (found["a"], found["c"]) == (275, 300)


def test_new_hires_by_rule_column_and_list() -> None:
    table = org(Q1_Attainment=[2, 0, 1, 1], Seats=[1, 5, 1, 1], Fresh=[False, True, False, False])
    metrics = [Metric("Attainment"), Metric("Seats")]
    team = plan(table, metrics=metrics)["A"]
    assert plan(table, metrics=metrics)["b"] != team / 2  # it has seats, so not all metrics are zero
    for way in ("primary_metric_zero", "Fresh", ["b"]):
        found = plan(table, metrics=metrics, new_hires=way)
        assert found["b"] == pytest.approx(found["A"] / 2, abs=0.01)
    assert plan(table, new_hires="none")["b"] == 0


def test_new_hires_share_what_overrides_leave() -> None:
    """Pool 500, 400 fixed: an equal share would be 166.67 each, but only 100 is left."""
    table = pd.DataFrame({"Top": ["T"] * 3, "IC": ["a", "n1", "n2"], "Q1_Attainment": [5, 0, 0]})
    found = by_node(cascade(table, 500, levels=["Top", "IC"], overrides={"a": 400}))
    assert (found["n1"], found["n2"]) == (50, 50)


def test_an_all_zero_team_is_split_equally_and_says_so() -> None:
    table = org(Q1_Attainment=[0, 0, 1, 1], Q2_Attainment=[0, 0, 1, 1]).assign(Seats=[0, 0, 0, 0])
    result = cascade(table, 1000, levels=LEVELS, new_hires="none", overrides={"A": 100}).quotas.set_index("node")
    assert (result.loc["a", "quota"], result.loc["b", "quota"]) == (50, 50)
    assert result.loc["a", "rule"] == "equal split: no history in the team"


def test_split_credit_divides_values_and_adds_quotas() -> None:
    table = pd.DataFrame(
        {
            "Top": ["T"] * 4,
            "Team": ["A", "A", "B", "B"],
            "IC": ["a", "shared", "shared", "d"],
            "Q1_Attainment": [40, 100, 100, 60],
            "Split %": [None, 0.6, 0.4, None],
        }
    )
    result = cascade(table, 1000, levels=LEVELS)
    rows = result.quotas[result.quotas["node"] == "shared"]
    assert rows["quota"].tolist() == [300, 200]
    assert result.explain("shared").quota == 500
    fixed = cascade(table, 1000, levels=LEVELS, overrides={"shared": 100}).quotas
    assert fixed[fixed["node"] == "shared"]["quota"].tolist() == [60, 40]


def test_split_credit_divides_the_share_of_an_inverse_metric_too() -> None:
    """Halving somebody's seats must not double what an inverse metric gives; the half gets half the share."""
    table = pd.DataFrame(
        {
            "Top": ["T"] * 3,
            "Team": ["A", "A", "B"],
            "IC": ["a", "s", "s"],
            "Seats": [10, 10, 10],
            "Split %": [None, 0.5, 0.5],
        }
    )
    metrics = [Metric("Seats", direction="inverse")]
    found = cascade(table, 1000, levels=LEVELS, metrics=metrics, overrides={"A": 600}).quotas
    assert found[found["ic"]]["quota"].tolist() == [400, 200, 400]


def test_branches_may_skip_levels() -> None:
    table = pd.DataFrame(
        {"Top": ["T"] * 3, "Team": ["A", "A", None], "IC": ["a", "b", "key"], "Q1_Attainment": [1, 1, 2]}
    )
    result = cascade(table, 100, levels=LEVELS).quotas.set_index("node")
    assert (result.loc["key", "quota"], result.loc["key", "parent"], result.loc["key", "depth"]) == (50, "T", 1)


def test_explain_names_every_step() -> None:
    table = org(Q1_Attainment=[2, None, 1, 1], Q2_Attainment=[2, 4, 1, 1])
    explanation = cascade(table, 1000, levels=LEVELS, hedge={"Team": 1.1}).explain("b")
    text = explanation.as_text()
    assert "b from A" in text
    assert "× 1.1 (level)" in text
    assert "own average" in text
    steps = explanation.as_dict()["steps"]
    assert isinstance(steps, list)
    assert [step["step"] for step in steps] == ["target", "hand down", "hand down", "history"]
    assert steps[2]["quota"] == explanation.quota


def test_suggested_weights_say_why() -> None:
    data = pd.DataFrame(
        {"Won": [1, 2, 3, 4, None], "Up": [1, 2, 3, 5, 9], "Flat": [1] * 5, "Few": [1, 2, None, None, 3]}
    )
    metrics = [
        Metric("Up", direction="inverse"),
        Metric("Flat", weight=0.7, impute_zeros=False),
        Metric("Few", weight=0.2),
    ]
    found = suggest_weights(data, "Won", metrics)
    assert found["suggested_weight"].round(3).tolist() == [0.983, 0.7, 0.2]
    assert bool(found["agrees"][0]) is False
    assert "disagrees" in found["reason"][0]
    assert "no variation" in found["reason"][1]
    assert "only 2 reps" in found["reason"][2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": -5}, "above 0"),
        ({"target": float("inf")}, "finite"),
        ({"target": "12"}, "is not a number"),
        ({"target": 0.005}, "not a whole multiple"),
        ({"unit": 0}, "above 0"),
        ({"hedge": 0}, "a number above 0"),
        ({"hedge": "1.05"}, "a number, or a dict"),
        ({"hedge": {"A": None}}, "a number above 0"),
        ({"hedge": 1e200}, "more than 15 digits"),
        ({"target": 9_999_999_999_999.99, "hedge": 37.7}, "more than 15 digits"),
        ({"hedge": {"Nobody": 1.1}}, "no level or node"),
        ({"hedge": {"a": 1.1}}, "is an IC"),
        ({"hedge": {"IC": 1.1}}, "hand nothing down"),
        ({"overrides": {"zz": 1}}, "no node is called"),
        ({"overrides": {"T": 1}}, "is the top node"),
        ({"overrides": {"a": float("nan")}}, "Amount is blank"),
        ({"new_hires": "soon"}, "neither a rule"),
        ({"new_hires": ["zz"]}, "no IC is called"),
        ({"gate_fallback": "hope"}, "is not one of"),
        ({"metrics": [Metric("Nope")]}, "no column of Hierarchy matches"),
        ({"metrics": [Metric("Attainment", weight=0)]}, "nothing makes the shares"),
        ({"metrics": [Metric("Attainment", lookback=9)]}, "which has 1 columns"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        plan(org(Q1_Attainment=[1, 1, 1, 1]), **arguments)


@pytest.mark.parametrize(
    "bad", [{"direction": "up"}, {"weight": -1}, {"lookback": 0}, {"gate": "eq"}, {"threshold": float("nan")}]
)
def test_wrong_metrics_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="metric"):
        Metric("x", **bad)


def test_a_team_can_be_fixed_at_exactly_what_is_handed_down() -> None:
    """The pool of 1.06555 rounds up to 1.07: an override of 1.07 fills it, and is not above it."""
    from revops_xl import cascade

    team = pd.DataFrame({"Top": ["T", "T"], "IC": ["A", "B"], "Q1_Attainment": [1, 1]})
    plan = cascade(team, 1.01, levels=["Top", "IC"], hedge=1.055, overrides={"A": 1.07}, override_basis="hedged")
    assert dict(zip(plan.quotas["node"], plan.quotas["quota"], strict=True)) == {"T": 1.01, "A": 1.07, "B": 0.0}
    plan = cascade(team[:1], 2.0, levels=["Top", "IC"], hedge=1.15, overrides={"A": 2.3}, override_basis="hedged")
    assert plan.quotas["quota"].tolist() == [2.0, 2.3]
