"""What numbers are allowed is said once: settings, worksheet functions and Python refuse and take the same."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from revops_xl import PlanError, cascade, plan_ahead
from revops_xl.functions.registry import FUNCTIONS
from revops_xl.model.bounds import GROWTH, PART, RUNS, Bounds
from revops_xl.tables.book.setting_list import SETTINGS

#: Arguments of worksheet functions, and the settings that they stand for.
SAME = {
    "neutral_band": "Neutral band", "machine_weight": "Machine weight", "shrinkage": "Bias shrinkage", "opex_limit": "OpEx limit",
    "confidence": "Budget confidence", "quarters": "Forecast quarters", "runs": "Simulation runs", "seed": "Random seed",
    "fairness": "Fairness cap", "unit": "Rounding unit", "max_adjustment": "Max adjustment %",
}  # fmt: skip


def test_bounds_hold_what_they_say() -> None:
    assert [PART.holds(value) for value in (-0.001, 0, 1, 1.001, math.nan)] == [False, True, True, False, False]
    assert [GROWTH.holds(value) for value in (-1, -0.9999, 3, 3.1)] == [False, True, True, False]
    assert [RUNS.holds(value) for value in (100, 100.5, 99)] == [True, False, False]
    assert Bounds().holds(math.inf)
    assert Bounds(minimum=0).words() == " of 0 or more"
    assert Bounds(maximum=40).words() == " up to 40"


def test_worksheet_functions_have_the_bounds_of_their_settings() -> None:
    bounds = {setting.name: setting.column.bounds for setting in SETTINGS}
    seen = set()
    for function in FUNCTIONS:
        for parameter in function.parameters:
            wanted = SAME.get(parameter.name)
            if wanted is not None and parameter.maximum is not None and parameter.takes in {"number", "whole number"}:
                assert parameter.bounds.limits == bounds[wanted].limits, (function.name, parameter.name)
                seen.add(parameter.name)
    assert seen >= SAME.keys() - {"quarters"}


@pytest.mark.parametrize("growth", [-0.9995, 2.9])
def test_python_takes_the_growth_that_the_setting_takes(growth: float) -> None:
    team = pd.DataFrame({"Company": "Acme", "IC": ["Ann", "Bob"], "Q1_Attainment": [50, 40], "Q2_Attainment": [30, 30]})
    plan = cascade(team, 160, levels=["Company", "IC"])
    assert len(plan_ahead(plan, team, start="2027-01-01", growth=growth).attainability) == 3


@pytest.mark.parametrize("growth", [-1, 3.5, float("nan"), "much"])
def test_python_refuses_the_growth_that_the_setting_refuses(growth: object) -> None:
    team = pd.DataFrame({"Company": "Acme", "IC": ["Ann", "Bob"], "Q1_Attainment": [50, 40], "Q2_Attainment": [30, 30]})
    plan = cascade(team, 160, levels=["Company", "IC"])
    with pytest.raises(PlanError, match=r"growth: .* where a number above -1 and up to 3 is needed"):
        plan_ahead(plan, team, start="2027-01-01", growth=growth)  # type: ignore[arg-type]
