"""Functions of pipeline health and redistribution."""

from __future__ import annotations

from functools import partial

import numpy as np

from revops_xl.engine.pipeline.coverage import pipeline_health as health_of
from revops_xl.engine.pipeline.coverage import statuses
from revops_xl.engine.pipeline.redistribution import redistribute
from revops_xl.errors import PlanError, Problem
from revops_xl.functions import examples
from revops_xl.functions.answers import of_table, of_texts, together
from revops_xl.functions.arguments import Arguments
from revops_xl.functions.cells import Answer
from revops_xl.functions.declare import Category, Function, Parameter, Takes
from revops_xl.functions.plan import MAX_CHANGE, NEEDED, OPTIONAL, PIPELINE, PIPELINE_FORMULA, THRESHOLDS, planned
from revops_xl.model.pipeline import DEFAULT_AT_RISK, DEFAULT_HEALTHY, PipelineInputs, Status
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.pipeline import pipeline_health

_function = partial(Function, category=Category.PIPELINE)


def _inputs(arguments: Arguments) -> tuple[QuotaPlan, PipelineInputs]:
    plan, result = planned(arguments)
    if plan.pipeline is None:
        raise PlanError([Problem("pipeline", "", "no column is named so")])
    return result, plan.pipeline


def _coverage(arguments: Arguments) -> Answer:
    result, inputs = _inputs(arguments)
    health = health_of(result.inputs.tree, result.quota, inputs)
    return of_table(pipeline_health.render(result, inputs, health, sheet=False))


def _coverage_status(arguments: Arguments) -> Answer:
    names = ("pipeline", "quota", "healthy", "at_risk")
    ranges = [arguments.numbers(name) for name in names]
    pipeline, quota, healthy, at_risk = together(names, ranges, arguments.problem)
    if (at_risk > healthy).any():
        arguments.problem("at_risk", "above healthy", "Correct one of them.")
    arguments.refuse()
    words = list(Status)
    codes = statuses(pipeline, np.nan_to_num(quota), healthy, at_risk)
    blank = np.isnan(pipeline) & np.isnan(quota)
    return of_texts([[None if gone else str(words[c]) for c, gone in zip(*rows, strict=True)] for rows in zip(codes, blank, strict=True)])  # fmt: skip


def _redistribute(arguments: Arguments) -> Answer:
    result, inputs = _inputs(arguments)
    return of_table(pipeline_health.render_adjustments(result, inputs, redistribute(result, inputs), sheet=False))


_PARAMETERS = (*NEEDED, PIPELINE, THRESHOLDS, *OPTIONAL)
FUNCTIONS = (
    _function(
        "REVOPS_COVERAGE",
        help="Pipeline against quota for every node: coverage, status, and what is missing to be healthy.",
        parameters=_PARAMETERS,
        gives="table PipelineHealth, one row per node",
        formula=f"=REVOPS_COVERAGE({PIPELINE_FORMULA})",
        example=(examples.HIERARCHY, 1000, examples.LEVELS, "Pipeline", examples.THRESHOLDS, None, 1.05),
        act=_coverage,
    ),
    _function(
        "REVOPS_COVERAGE_STATUS",
        help="Healthy, Moderate, At risk or Critical: pipeline / quota against what is healthy and at risk. Without a quota or a pipeline it says so.",
        parameters=(
            Parameter("pipeline", Takes.NUMBERS, "Pipeline in currency; a blank is not known.", needed=True, blank=True, minimum=0),
            Parameter("quota", Takes.NUMBERS, "Quota in currency.", needed=True, blank=True, minimum=0),
            Parameter("healthy", Takes.NUMBERS, "Coverage from which it is healthy. Blank: 2.", default=DEFAULT_HEALTHY, above=0),
            Parameter("at_risk", Takes.NUMBERS, "Coverage below which it is at risk. Blank: 1.", default=DEFAULT_AT_RISK, above=0),
        ),
        gives="text, or texts in the shape of the ranges",
        formula="=REVOPS_COVERAGE_STATUS(D2:D9,E2:E9,2,1)",
        example=(((250,), (80,), (130,), (None,)), ((100,), (100,), (100,), (50,)), 2, 1),
        act=_coverage_status,
    ),
    _function(
        "REVOPS_REDISTRIBUTE",
        help="Moves quota inside each team from ICs below at risk to healthy ones; every team keeps its total to the cent.",
        parameters=(*_PARAMETERS, MAX_CHANGE),
        gives="table QuotaAdjustments, one row per IC and manager",
        formula=f"=REVOPS_REDISTRIBUTE({PIPELINE_FORMULA})",
        example=(examples.HIERARCHY, 1000, examples.LEVELS, "Pipeline", (("Node", "Healthy", "At risk"), ("(default)", 0.8, 0.6))),
        act=_redistribute,
    ),
)  # fmt: skip
