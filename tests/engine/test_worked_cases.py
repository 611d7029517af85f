"""The worked org: numbers anybody can check by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from revops_xl import Metric, cascade

NODES = ("NA", "EMEA", "Dir_1", "Dir_2", "Dir_3", "Ann", "Bob", "Cy", "Dee", "Eli", "Fay")
BLEND = [Metric("Attainment"), Metric("CloudSeats", weight=0.5), Metric("DCSeats", direction="inverse", weight=0.4)]
CASES: dict[str, tuple[dict[str, Any], tuple[float, ...]]] = {
    "A no hedge": ({}, (771.428571, 228.571429, 342.857143, 428.571429, 228.571429, 142.857143, 85.714286, 114.285714, 428.571429, 142.857143, 85.714286)),
    "B hedge 1.05 everywhere": ({"hedge": 1.05}, (810, 240, 378, 472.5, 252, 165.375, 99.225, 132.3, 496.125, 165.375, 99.225)),
    "C hedge by node": ({"hedge": {"Global": 1.05, "NA": 1.10}}, (810, 240, 396, 495, 240, 165, 99, 132, 495, 150, 90)),
    "D Bob fixed": ({"hedge": 1.05, "overrides": {"Bob": 100}, "override_basis": "hedged"}, (810, 240, 378, 472.5, 252, 164.6, 100, 132.3, 496.125, 165.375, 99.225)),
    "E metrics": ({"metrics": BLEND, "new_hires": "none"}, (738.030848, 261.969152, 311.090565, 426.940283, 261.969152, 123.121532, 155.38397, 32.585063, 426.940283, 147.828031, 114.141122)),
    "F metrics and new hires": ({"metrics": BLEND}, (738.030848, 261.969152, 311.090565, 426.940283, 261.969152, 82.293995, 125.099715, 103.696855, 426.940283, 147.828031, 114.141122)),
}  # fmt: skip


def quotas(frame: pd.DataFrame) -> dict[str, float]:
    return dict(zip(frame["node"], frame["quota"], strict=True))


@pytest.mark.parametrize("case", CASES)
def test_worked_case(case: str, worked: pd.DataFrame, levels: list[str]) -> None:
    arguments, expected = CASES[case]
    found = quotas(cascade(worked, 1000, levels=levels, unit=None, **arguments).quotas)
    assert [found[node] for node in NODES] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_rounded_case_adds_up_and_stays_close(case: str, worked: pd.DataFrame, levels: list[str]) -> None:
    arguments, expected = CASES[case]
    plan = cascade(worked, 1000, levels=levels, **arguments).plan
    tree = plan.inputs.tree
    found = {str(name): round(100 * value) for name, value in zip(tree.names, plan.quota, strict=True)}
    assert [found[node] / 100 for node in NODES] == pytest.approx(expected, abs=0.03)
    assert round(100 * plan.base[tree.is_ic].sum()) == 100_000


def test_influence_is_weight_over_sum(worked: pd.DataFrame, levels: list[str]) -> None:
    weights = cascade(worked, 1000, levels=levels, metrics=BLEND).weights
    assert list(weights["influence"].round(4)) == [0.5263, 0.2632, 0.2105]


def test_five_layers_of_five_percent_compound() -> None:
    org = pd.DataFrame({"a": ["a"], "b": ["b"], "c": ["c"], "d": ["d"], "e": ["e"], "f": ["f"], "Q1_Attainment": [1.0]})
    plan = cascade(org, 100_000_000, levels=list("abcdef"), hedge=1.05)
    assert plan.quotas["over_assignment"].iloc[-1] == pytest.approx(1.05**5 - 1)
    assert round(plan.quotas["over_assignment"].iloc[-1], 4) == 0.2763


def test_a_region_called_na_is_data(worked: pd.DataFrame, levels: list[str]) -> None:
    assert "NA" in set(cascade(worked, 1000, levels=levels).quotas["node"])
