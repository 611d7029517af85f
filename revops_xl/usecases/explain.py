"""Why a node, or a deal, has its number: the derivations of every part of a plan in one."""

from __future__ import annotations

from dataclasses import replace

from revops_xl.engine.commits.explain import explain_commit
from revops_xl.engine.forecast.explain import explain_deal, explain_nodes
from revops_xl.engine.pipeline.explain import explain_pipeline
from revops_xl.engine.planning.explain import explain_planning
from revops_xl.engine.quotas.explain import explain
from revops_xl.engine.quotas.overlays import explain_overlay
from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.model.results import Explanation, Step
from revops_xl.tables.schema.nodes import find_node

#: Whoever means a deal that is called like a node writes this before it.
DEAL = "Deal: "


def explanation(outcome: Outcome, node: str) -> Explanation:
    """Why a node, or a deal, of a computed plan has its number.

    Raises:
        PlanError: Nothing, or too much, is called so.
    """
    tree, commits = outcome.quotas.inputs.tree, outcome.plan.commits
    if commits is not None and outcome.review is not None and node in commits.unknown:
        steps = explain_commit(outcome.review, outcome.roll_up, tree, commits.rules, node)
        return Explanation(node, "not in Hierarchy", None, None, tuple(steps))
    wanted = node.removeprefix(DEAL)
    asked = wanted != node or not _is_node(tree, node)
    deal = explain_deal(outcome.revenue, wanted) if outcome.revenue is not None and asked else None
    if deal is not None:
        return deal
    overlay = explain_overlay(outcome.overlays, outcome.quotas, node) if not _is_node(tree, node) else None
    if overlay is not None:
        return overlay
    positions = find_node(tree, node)
    explanation = explain(outcome.quotas, positions)
    more: list[Step] = []
    if outcome.revenue is not None:
        more += explain_nodes(outcome.revenue, explanation.node, positions)
    if outcome.plan.pipeline is not None and outcome.health is not None and outcome.moved is not None:
        more += explain_pipeline(outcome.quotas, outcome.plan.pipeline, outcome.health, outcome.moved, positions)
    more += explain_planning(outcome.quotas, outcome.planning, positions)
    if commits is not None and outcome.review is not None:
        more += explain_commit(outcome.review, outcome.roll_up, tree, commits.rules, explanation.node)
    return replace(explanation, steps=(*explanation.steps, *more))


def _is_node(tree: OrgTree, name: str) -> bool:
    """Whether somebody who names this means a node."""
    try:
        return bool(tree.find(name))
    except LookupError:
        return True
