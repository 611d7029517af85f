"""Worksheet functions against the worked numbers, the public Python functions, and plain loops."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import revops_xl
from revops_xl.errors import PlanError
from revops_xl.functions import examples
from revops_xl.functions.cells import FunctionError
from revops_xl.functions.declare import Takes
from revops_xl.functions.registry import BY_NAME, FUNCTIONS, call
from revops_xl.hosts.cli.called import call as from_the_command_line
from revops_xl.model.inputs import QuotaInputs
from revops_xl.model.results import QuotaPlan
from revops_xl.usecases import run as flow
from revops_xl.workbook.reading.ranges import read_range
from tests.plans import small_sample

ORG, LEVELS = examples.HIERARCHY, examples.LEVELS
ASKED = {
    "CASCADE", "QUOTA", "HEDGE_AUDIT", "COMPOUND_HEDGE", "SHARES", "WEIGHTS", "SUGGEST_WEIGHTS", "APPORTION", "EXPLAIN", "CHECK",
    "BIAS_QUOTIENT", "BIAS_LABEL", "RECONCILE", "COVERAGE", "COVERAGE_STATUS", "REDISTRIBUTE", "SCORE_DEALS", "UNSEEN", "FORECAST",
    "SAFE_BUDGET", "BASELINE", "PHASE", "RAMP", "ATTAINABILITY", "RISK",
}  # fmt: skip


def frame(rows: Any) -> pd.DataFrame:
    return pd.DataFrame([list(row) for row in rows[1:]], columns=list(rows[0]))


def table(answer: Any) -> list[dict[str, Any]]:
    headers, *rows = answer
    return [dict(zip(headers, row, strict=True)) for row in rows]


def message(name: str, *values: object) -> str:
    with pytest.raises(FunctionError) as found:
        call(name, *values)
    return str(found.value)


def test_all_that_were_asked_for_are_there() -> None:
    assert {f"REVOPS_{name}" for name in ASKED} <= BY_NAME.keys()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1000, LEVELS), {"NA": 771.43, "EMEA": 228.57, "Ann": 142.86, "Bob": 85.71, "Cy": 114.29, "Dee": 428.57}),
        ((1000, LEVELS, None, 1.05), {"NA": 810, "EMEA": 240, "Dir_1": 378, "Dir_2": 472.5, "Dee": 496.13, "Cy": 132.3}),
        ((1000, (("Level", "Hedge"), ("Global", 1.05), ("Region", None), ("Director", None), ("IC", None)), None, (("Node", "Hedge"), ("NA", 1.1))), {"NA": 810, "Dir_1": 396, "Dir_2": 495, "Dir_3": 240, "Ann": 165, "Bob": 99}),
        ((1000, LEVELS, None, 1.05, examples.OVERRIDES), {"Bob": 100, "Ann": 164.6, "Cy": 132.3}),
        ((1000, LEVELS, examples.METRICS), {"NA": 738.03, "EMEA": 261.97, "Ann": 82.29, "Bob": 125.1, "Cy": 103.7}),
        ((1000, LEVELS, examples.METRICS, None, None, (("Setting", "Value"), ("New hires", "none"))), {"Ann": 123.12, "Bob": 155.38, "Cy": 32.59}),
    ],
)  # fmt: skip
def test_the_worked_cases(arguments: tuple[Any, ...], expected: dict[str, float]) -> None:
    found = {row["Node"]: row["Quota"] for row in table(call("REVOPS_CASCADE", ORG, *arguments))}
    assert {node: found[node] for node in expected} == pytest.approx(expected, abs=0.011)
    names = tuple((node,) for node in expected)
    assert [row[0] for row in call("REVOPS_QUOTA", names, ORG, *arguments)] == [found[node] for node in expected]


def test_cascade_is_that_of_python() -> None:
    metrics = [revops_xl.Metric("Attainment"), revops_xl.Metric("CloudSeats", ("CloudSeats",), weight=0.5), revops_xl.Metric("DCSeats", ("DCSeats",), "inverse", 0.4)]  # fmt: skip
    plan = revops_xl.cascade(frame(ORG), 1000, levels=LEVELS.split(", "), metrics=metrics, hedge=1.05)
    for name, theirs in (("REVOPS_CASCADE", plan.quotas), ("REVOPS_HEDGE_AUDIT", plan.hedge_audit), ("REVOPS_WEIGHTS", plan.weights)):  # fmt: skip
        rows = call(name, ORG, 1000, LEVELS, examples.METRICS, 1.05)
        ours = pd.DataFrame(rows[1:], columns=theirs.columns)
        pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)
    explained = plan.explain("Bob")
    lines = [line for step in explained.steps for line in step.lines]
    assert "".join(str(row[1] or "") for row in call("REVOPS_EXPLAIN", "Bob", ORG, 1000, LEVELS, examples.METRICS, 1.05)[1:]) == "".join(lines)  # fmt: skip


def test_layers_of_a_quota() -> None:
    assert call("REVOPS_QUOTA", "Ann", ORG, 1000, LEVELS, None, 1.05) == 165.38
    base = call("REVOPS_QUOTA", "Ann", ORG, 1000, LEVELS, None, 1.05, None, None, "base")
    assert base == 142.86


@pytest.mark.parametrize(
    ("name", "python", "arguments"),
    [
        ("REVOPS_BIAS_QUOTIENTS", lambda: revops_xl.bias_quotients(frame(examples.HISTORY)), (examples.HISTORY,)),
        ("REVOPS_RECONCILE", lambda: revops_xl.reconcile_commits(frame(examples.COMMITS), frame(examples.HISTORY)), (examples.COMMITS, examples.HISTORY)),
        ("REVOPS_BASELINE", lambda: revops_xl.baseline(frame(examples.BOOKINGS)).periods, (examples.BOOKINGS,)),
        ("REVOPS_TARGET_RANGE", lambda: revops_xl.baseline(frame(examples.BOOKINGS), target=430).target_range, (examples.BOOKINGS, 430)),
        ("REVOPS_POTENTIAL", lambda: revops_xl.potential(frame(examples.TERRITORIES)).territories, (examples.TERRITORIES,)),
        ("REVOPS_OPTIMISE", lambda: revops_xl.optimise(frame(examples.TERRITORIES), 100).quotas, (examples.TERRITORIES, 100)),
        ("REVOPS_FORECAST", lambda: revops_xl.forecast(cohorts=frame(examples.COHORTS), as_of="2027-01-01").quarters, (None, examples.COHORTS, None, None, "2027-01-01")),
        ("REVOPS_BUDGET", lambda: revops_xl.forecast(cohorts=frame(examples.COHORTS), as_of="2027-01-01").budget, (None, examples.COHORTS, None, None, "2027-01-01")),
        ("REVOPS_COVERAGE", lambda: revops_xl.coverage(_plan(), _pipeline(), _limits()), (ORG, 1000, LEVELS, "Pipeline", examples.THRESHOLDS, None, 1.05)),
        ("REVOPS_REDISTRIBUTE", lambda: revops_xl.redistribute(_plan(), _pipeline(), _limits(), max_change=0.1), (ORG, 1000, LEVELS, "Pipeline", examples.THRESHOLDS, None, 1.05, None, None, 0.1)),
        ("REVOPS_SUGGEST_WEIGHTS", lambda: revops_xl.suggest_weights(frame(ORG), "Q4_Attainment", [revops_xl.Metric("CloudSeats"), revops_xl.Metric("DCSeats")]), (ORG, "Q4_Attainment", "CloudSeats, DCSeats")),
    ],
)  # fmt: skip
def test_tables_are_those_of_python(name: str, python: Any, arguments: tuple[Any, ...]) -> None:
    theirs = python()
    rows = call(name, *arguments)
    ours = pd.DataFrame(rows[1:], columns=theirs.columns)
    for column in theirs.columns:
        for mine, other in zip(ours[column], theirs[column], strict=True):
            blank = other is None or other == "" or other != other  # noqa: PLR0124
            assert (mine is None or mine != mine) if blank else mine == other, column  # noqa: PLR0124


def _plan() -> revops_xl.Cascade:
    return revops_xl.cascade(frame(ORG), 1000, levels=LEVELS.split(", "), hedge=1.05)


def _pipeline() -> pd.DataFrame:
    return frame(ORG)[["IC", "Pipeline"]]


def _limits() -> pd.DataFrame:
    return frame(examples.THRESHOLDS)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.integers(-(10**9), 10**9))
def test_apportioned_parts_add_up(weights: list[float], cents: int) -> None:
    answer = call("REVOPS_APPORTION", cents / 100, [[weight] for weight in weights])
    parts = [row[0] for row in answer] if isinstance(answer, tuple) else [answer]
    assert round(math.fsum(parts) * 100) == cents
    whole = math.fsum(weights) or len(weights)
    for part, weight in zip(parts, weights if any(weights) else [1.0] * len(weights), strict=True):
        assert abs(part - cents / 100 * (weight / whole)) <= 0.01 + 1e-6 * abs(cents)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_phases_add_up_both_ways(cents: list[int], parts: list[int]) -> None:
    shares = [part / sum(parts) for part in parts]
    answer = call("REVOPS_PHASE", [[each / 100] for each in cents], [shares])
    rows = np.array(answer if isinstance(answer, tuple) else [[answer]]).reshape(len(cents), len(parts))
    assert [round(math.fsum(row) * 100) for row in rows.tolist()] == cents
    columns = [round(math.fsum(column) * 100) for column in rows.T.tolist()]
    for column, share in zip(columns, shares, strict=True):
        assert abs(column - sum(cents) * share) <= 1.000001


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=2, max_size=10))
def test_shares_match_a_plain_loop(rows: list[tuple[float, float]]) -> None:
    answer = call("REVOPS_SHARES", rows, "proportional, inverse", [[1, 0.5]])
    first, second = zip(*rows, strict=True)
    signals: list[tuple[float, list[float]]] = []
    if sum(first) > 0:
        signals.append((1.0, [value / math.fsum(first) for value in first]))
    if max(second) > 1e-290:
        floor = 0.01 * max(second)
        inverse = [1 / (value + floor) for value in second]
        signals.append((0.5, [value / math.fsum(inverse) for value in inverse]))
    total = sum(weight for weight, _ in signals)
    for i, row in enumerate(answer):
        wanted = sum(weight * shares[i] for weight, shares in signals) / total if signals else 1 / len(rows)
        assert row[0] == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_scalars_by_hand() -> None:
    assert call("REVOPS_COMPOUND_HEDGE", 1.05, 5) == pytest.approx(1.05**5)
    assert call("REVOPS_COMPOUND_HEDGE", ((1.05,), (1.1,), (None,))) == pytest.approx(1.155)
    assert call("REVOPS_BIAS_QUOTIENT", ((300,), (350,)), ((270,), (280,))) == pytest.approx(550 / 650)
    assert call("REVOPS_BIAS_QUOTIENT", ((300,), (350,)), ((None,), (None,))) == 1
    assert call("REVOPS_BIAS_QUOTIENT", ((200,), (250,)), ((300,), (375,)), 2) == pytest.approx(
        (675 + 450) / (450 + 450)
    )
    assert call("REVOPS_BIAS_LABEL", 0.9) == "neutral"
    assert call("REVOPS_BIAS_LABEL", 0.85, 0.2) == "neutral"
    assert call("REVOPS_SAFE_BUDGET", ((100,), (110,), (120,), (130,), (140,))) == 276
    assert [row[1] for row in call("REVOPS_UNSEEN", examples.COHORTS, 3)[1:]] == [150, 160, 171]
    assert call("REVOPS_RISK", ((0.85,), (0.8,), (0.55,), (0.1,))) == (("low",), ("medium",), ("high",), ("very high",))
    assert call("REVOPS_COVERAGE_STATUS", ((90.0,), (200,), (5,)), ((165.375,), (99.225,), (0,)), 0.5, 0.4) == (("Healthy",), ("Healthy",), ("No quota",))  # fmt: skip
    ramp = (("From month", "Productivity"), (0, 0.2), (3, 0.5), (6, 1))
    assert call("REVOPS_RAMP", "2027-01-01", "2027-01-01", 12, ramp) == pytest.approx((3 * 0.2 + 3 * 0.5 + 6) / 12)
    assert call("REVOPS_RAMP", (("2027-07-01",), (None,)), "2027-01-01") == ((0.5,), (1.0,))
    assert call("REVOPS_RAMP", "2026-01-01", "2027-01-01", 12, None, None, "2027-06-30") == pytest.approx(0.5)


def test_a_check_lists_every_problem_and_what_deserves_a_look() -> None:
    wrong = (
        *ORG[:2],
        ("Global", "NA", "Dir_1", "Bob", "abc", -1, 0, 0, 1, 1, 1),
        ("Global", "EMEA", "Dir_1", "Cy", 1, 1, 1, 1, 1, 1, 1),
    )
    rows = table(call("REVOPS_CHECK", wrong, 1000, LEVELS))
    assert {row["Status"] for row in rows} == {"Refused"}
    text = " ".join(f"{row['Where']} {row['What']}" for row in rows)
    assert "hierarchy!row 3, Q1_Attainment" in text
    assert "Dir_1" in text
    looked = table(call("REVOPS_CHECK", ORG, 1000, LEVELS, None, 1.3))
    assert any("ver-assignment" in row["What"] for row in looked)
    fine = call("REVOPS_CHECK", (("T", "I", "A_Attainment"), ("x", "a", 1), ("x", "b", 2)), 10, "T, I")
    assert fine[1][:2] == ("OK", "no problems")


@pytest.mark.parametrize(
    ("call_of", "named"),
    [
        (("REVOPS_CASCADE", ORG, "abc", LEVELS), 'target: "abc"'),
        (("REVOPS_CASCADE", ORG, -5, LEVELS), "target: -5"),
        (("REVOPS_CASCADE", ORG, 1000.001, LEVELS), "target: "),
        (("REVOPS_CASCADE", ORG, 1000, "Global, Nowhere"), "levels!row 2"),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, None, 0), "hedges: 0"),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, None, (("Node", "Hedge"), ("Nobody", 1.1))), "hedges!row 2"),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, (("Metric", "Weights"), ("CloudSeats", 1))), "metrics: "),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, None, None, None, (("Setting", "Value"), ("Targte", 5))), "settings!row 2"),
        (("REVOPS_CASCADE", ORG[0], 1000, LEVELS), "hierarchy: "),
        (("REVOPS_CASCADE", ((*ORG[0], None), *((*row, 1) for row in ORG[1:])), 1000, LEVELS), "hierarchy: no header"),
        (("REVOPS_CASCADE", ((*ORG[0], "IC"), *((*row, 1) for row in ORG[1:])), 1000, LEVELS), 'hierarchy: the header "IC"'),
        (("REVOPS_QUOTA", "Nobody", ORG, 1000, LEVELS), "Nobody"),
        (("REVOPS_COVERAGE", ORG, 1000, LEVELS, "Pipelines"), "pipeline: "),
        (("REVOPS_COVERAGE_STATUS", ((1,), (2,)), ((1,), (2,), (3,))), "quota: "),
        (("REVOPS_BIAS_QUOTIENT", ((1,), (2,)), ((1,),)), "actuals: "),
        (("REVOPS_APPORTION", 1.005, ((1,), (1,))), "total: "),
        (("REVOPS_PHASE", ((1,),), ((0.5, 0.4),)), "shares: "),
        (("REVOPS_RAMP", "2027-01-01", "2027-01-15"), "plan_start: "),
        (("REVOPS_RAMP", "yesterday", "2027-01-01"), "start_dates: "),
        (("REVOPS_UNSEEN", examples.COHORTS, 2.5), "quarters: 2.5"),
        (("REVOPS_BASELINE", examples.BOOKINGS[:4]), "bookings"),
        (("REVOPS_FORECAST",), "deals"),
        (("REVOPS_APPORTION", 1, ((1,), (True,))), "weights: "),
    ],
)  # fmt: skip
def test_messages_name_the_argument(call_of: tuple[Any, ...], named: str) -> None:
    found = message(*call_of)
    assert found.startswith("#VALUE!")
    assert named in found


@pytest.mark.parametrize("function", FUNCTIONS, ids=[function.name for function in FUNCTIONS])
def test_blank_optional_arguments_mean_the_default(function: Any) -> None:
    """Left out, blank, and the default itself give the same."""
    needed = sum(each.needed for each in function.parameters)
    given_values = list(
        function.example[: max(needed, 5 if function.name in {"REVOPS_FORECAST", "REVOPS_BUDGET"} else needed)]
    )
    plain = call(function.name, *given_values)
    blanks = given_values + [None] * (len(function.parameters) - len(given_values))
    assert call(function.name, *blanks) == plain
    texts = given_values + [""] * (len(function.parameters) - len(given_values))
    assert call(function.name, *texts) == plain
    spelled = [
        value if value is not None or each.default is None or each.takes is Takes.DAYS else each.default
        for value, each in zip(blanks, function.parameters, strict=True)
    ]
    assert call(function.name, *spelled) == plain


def test_one_and_true_are_not_the_same_argument() -> None:
    assert call("REVOPS_APPORTION", 1, ((1,), (1,))) == ((0.5,), (0.5,))
    assert "weights" in message("REVOPS_APPORTION", 1, ((1,), (True,)))


def test_long_texts_in_tables_are_cut_as_excel_needs() -> None:
    name = "x" * 300
    rows = call("REVOPS_CASCADE", (("T", "I", "A_Attainment"), ("t", name, 1), ("t", "b", 2)), 10, "T, I")
    assert max(len(cell) for row in rows for cell in row if isinstance(cell, str)) == 255


def test_equal_plans_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    from revops_xl.engine.quotas.cascade import cascade
    from revops_xl.functions import plan

    def counting(inputs: QuotaInputs) -> QuotaPlan:
        counted.append(1)
        return cascade(inputs)

    monkeypatch.setattr(plan, "cascade", counting)
    for node in ("Ann", "Bob", "Cy", "Dee", "Eli", "Fay") * 10:
        call("REVOPS_QUOTA", node, ORG, 987, LEVELS)
    call("REVOPS_CASCADE", ORG, 987, LEVELS)
    assert len(counted) == 1
    call("REVOPS_QUOTA", "Ann", ORG, 988, LEVELS)
    assert len(counted) == 2


# --- what people found who tried to break it ------------------------------------------------------------------


def test_a_wrong_layer_is_refused_also_when_the_plan_is_known() -> None:
    for layer in ("base", "bse", 5, (("base", "hedged"),)):
        if layer == "base":
            assert call("REVOPS_QUOTA", "Ann", ORG, 1000, LEVELS, None, 1.05, None, None, layer) == 142.86
        else:
            assert "layer: " in message("REVOPS_QUOTA", "Ann", ORG, 1000, LEVELS, None, 1.05, None, None, layer)


@pytest.mark.parametrize(
    ("call_of", "named"),
    [
        (("REVOPS_CASCADE", ORG, 1000, (("Level", "Factor"), ("Global", 1.5), ("Region", None), ("Director", None), ("IC", None))), '"Factor"'),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, None, None, None, (("Setting", "Val"), ("Default hedge", 1.05))), "settings"),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, (("Metric", "Kind"), ("CloudSeats", "inverse"))), '"Kind"'),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, None, 1.05, (("Node", "Amount", "Type"), ("Bob", 100, "hedged"))), '"Type"'),
        (("REVOPS_BIAS_QUOTIENTS", (("Manager", "Period", "Commit", "Closed won"), ("A", "Q1 2026", 1, 2))), '"Closed won"'),
        (("REVOPS_UNSEEN", (*examples.COHORTS, ("Total", 150, 0.05)), 2), "row 4 looks like the totals row"),
        (("REVOPS_OPTIMISE", (*examples.TERRITORIES, ("Total", 90, None, None, None)), 100), "totals row"),
        (("REVOPS_SHARES", ((1, 100), (3, 0)), ((None, "inverse"),)), "directions: a blank"),
        (("REVOPS_SAFE_BUDGET", ((100,), (None,), (120,), (130,), (140,))), "quarters: "),
        (("REVOPS_SAFE_BUDGET", ((100,), (110,), (120,))), "quarters: 3 of"),
        (("REVOPS_RAMP", "2027-07-01", "2027-01-01", 12, 0.5), "ramp_months: "),
        (("REVOPS_RAMP", "2027-07-01", "2027-01-01", 12, examples.CURVE, 24), "ramp_months: "),
        (("REVOPS_RAMP", 2027, "2027-01-01"), "start_dates: "),
        (("REVOPS_RAMP", "2027-07-01", "2027-01-01", 12, (("From month", "Productivity"), (None, None))), "ramp: "),
        (("REVOPS_APPORTION", 10**400, ((1,), (1,))), "total: "),
        (("REVOPS_SHARES", ((1e308,), (1e308,))), "values: "),
        (("REVOPS_APPORTION", 100, ()), "weights: "),
        (("REVOPS_SUGGEST_WEIGHTS", (*ORG, ("Total", "", "", "", 430, 420, 390, 460, 115, 150, 800)), "Q4_Attainment", "CloudSeats"), "totals row"),
        (("REVOPS_TARGET_RANGE", examples.BOOKINGS, 430, "2022-07-01"), "start"),
        (("REVOPS_SAFE_BUDGET", ((100, 1), (110, 2), (120, 3), (130, 4))), "quarters: 4 by 2"),
        (("REVOPS_SHARES", ((10,), (20,), (None,)), "inverse"), "values: a blank"),
        (("REVOPS_RAMP", "2027-01-01", "2027-01-01", 12, (("Curve tier", "From month", "Productivity"), ("AE", 0, 0.5), ("SE", 6, 0.8))), "ramp: several tiers"),
        (("REVOPS_RAMP", "2027-01-01", "2027-01-01", 12, None, 6), "ramp: blank"),
        (("REVOPS_CASCADE", ORG, 1000, LEVELS, None, None, None, ((" Target ", 5000), ("Setting", "Value"))), "settings"),
    ],
)  # fmt: skip
def test_nothing_is_passed_over(call_of: tuple[Any, ...], named: str) -> None:
    found = message(*call_of)
    assert found.startswith("#VALUE!")
    assert named in found


def test_amounts_in_currency_format_and_arrays_are_numbers() -> None:
    assert call("REVOPS_APPORTION", Decimal(100), ((Decimal(1),), (1,))) == ((50.0,), (50.0,))
    assert call("REVOPS_APPORTION", 100, np.array([[1], [1]])) == ((50.0,), (50.0,))
    assert call("REVOPS_APPORTION", 100, ((1,), (1,)), []) == ((50.0,), (50.0,))


def test_results_beyond_numbers_are_errors() -> None:
    assert message("REVOPS_COMPOUND_HEDGE", 1e10, 1000).startswith("#NUM!")


def test_the_formulas_shown_work_on_the_sample_plan(tmp_path: Path) -> None:
    """Each formula of the declarations that names tables, with the sample's tables, and the sample's quotas."""
    path = tmp_path / "plan.xlsx"
    small_sample(path)
    results = flow.run(path)
    settings = {str(row[0]): row[1] for row in read_range(path, "Settings")[1:]}
    done = set()
    for function in FUNCTIONS:
        if "[[#Headers]" not in function.formula:
            continue
        inner = function.formula.partition("(")[2].rpartition(")")[0]
        texts = re.findall(r'(?:\[\[.*?\]\]|"[^"]*"|[^,\[])+', inner)
        values: list[Any] = []
        for text in texts:
            if "[[" in text:
                values.append(read_range(path, text.partition("[")[0]))
            elif text in {"Target", "As_of"}:
                values.append(settings[text.replace("_", " ")])
            elif text == "A2:A20":
                values.append([["EMEA"], ["APAC"]])
            else:
                values.append(text.strip('"') if text.startswith('"') else float(text))
        answer = call(function.name, *values)
        assert len(answer) > 1, function.name
        done.add(function.name)
        if function.name == "REVOPS_CASCADE":
            place = answer[0].index("Quota")
            assert [row[place] for row in answer[1:]] == list(results.tables["Quotas"].values("Quota"))
    assert len(done) >= 15


def test_a_top_node_called_total_is_a_node() -> None:
    org = (ORG[0], *(("Total", *row[1:]) for row in ORG[1:]))
    assert call("REVOPS_QUOTA", "Ann", org, 1000, LEVELS) == call("REVOPS_QUOTA", "Ann", ORG, 1000, LEVELS)


def test_a_check_lists_what_only_the_cascade_can_see() -> None:
    rows = table(call("REVOPS_CHECK", ORG, 1000, LEVELS, None, None, (("Node", "Amount"), ("Ann", 5000))))
    assert [row["Status"] for row in rows] == ["Refused"]
    assert "overrides!row 2" in rows[0]["Where"]


def test_columns_of_ones_own_may_have_short_names_like_ours() -> None:
    org = ((*ORG[0], "Note", "Mail"), *((*row, "x", "y") for row in ORG[1:]))
    assert call("REVOPS_QUOTA", "Ann", org, 1000, LEVELS) == 142.86


def test_numbers_typed_on_the_command_line_and_ramps_from_csv(tmp_path: Path) -> None:
    curve = tmp_path / "curve.csv"
    curve.write_text("From month,Productivity\n0,0.2\n6,1\n\n")
    assert from_the_command_line("ramp", ["2027-01-01", "2027-01-01", "12", f"ramp=@{curve}"]) == pytest.approx(0.6)
    column = tmp_path / "column.csv"
    column.write_text("1\n2\n\n3\n\n")
    assert from_the_command_line("apportion", ["600", f"weights=@{column}"]) == ((100,), (200,), (300,))
    assert from_the_command_line("safe_budget", ["[[100],[100],[100],[100]]", ".6"]) == 240
    assert from_the_command_line("safe_budget", ["[[100],[100],[100],[100]]", "60%"]) == 240
    for wrong in (["5", "total=1"], ["1", "[1]", "weights=[2]"], [f"weights={column}"]):
        with pytest.raises(PlanError):
            from_the_command_line("apportion", wrong)
