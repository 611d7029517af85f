"""The rules once more, as slow plain Python over one node at a time, written from the specification."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass
class Org:
    """A tree by its edges."""

    children: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parent: dict[str, str] = field(default_factory=dict)
    ics: list[str] = field(default_factory=list)
    root: str = ""

    @classmethod
    def of_rows(cls, rows: list[list[str | None]]) -> Org:
        org = cls()
        for row in rows:
            path = [name for name in row if name]
            org.root = path[0]
            org.ics.append(path[-1])
            for above, below in pairwise(path):
                if below not in org.parent:
                    org.parent[below] = above
                    org.children[above].append(below)
        return org

    def leaves(self, node: str) -> list[str]:
        if not self.children.get(node):
            return [node]
        return [leaf for child in self.children[node] for leaf in self.leaves(child)]


def capacity(periods: list[float | None]) -> float:
    """Sum of the periods, zero or blank ones replaced by the average of the others."""
    present = [p for p in periods if p is not None and p != 0]
    if not present:
        return 0.0
    average = sum(present) / len(present)
    return sum(average if p is None or p == 0 else p for p in periods)


def shares(values: dict[str, dict[str, float]], metrics: list[dict[str, Any]], members: list[str]) -> dict[str, float]:
    """Blend of the metrics among these siblings; equal if none has a signal."""
    total = dict.fromkeys(members, 0.0)
    weights = 0.0
    for metric in metrics:
        mine = {m: max(values[metric["name"]][m], 0.0) for m in members}
        if metric["direction"] == "inverse":
            largest = max(mine.values())
            if largest <= 0:
                continue
            mine = {m: 1 / (v + 0.01 * largest) for m, v in mine.items()}
        whole = sum(mine.values())
        if whole <= 0 or metric["weight"] == 0:
            continue
        weights += metric["weight"]
        for m in members:
            total[m] += metric["weight"] * mine[m] / whole
    if weights == 0:
        return {m: 1 / len(members) for m in members}
    return {m: share / weights for m, share in total.items()}


def cascade(
    org: Org,
    target: float,
    ic_values: dict[str, dict[str, float]],
    metrics: list[dict[str, Any]],
    hedge: dict[str, float] | None = None,
    fixed: dict[str, float] | None = None,
    gated_ics: frozenset[str] = frozenset(),
    *,
    hedged: bool,
    basis: str = "base",
) -> dict[str, float]:
    """Exact quotas of one layer."""
    hedge, fixed = hedge or {}, fixed or {}
    nodes = [org.root, *org.parent]
    values = {m["name"]: {n: sum(ic_values[m["name"]][ic] for ic in org.leaves(n)) for n in nodes} for m in metrics}

    def gated(node: str) -> bool:
        if node in fixed:
            return False
        below = org.children.get(node)
        return all(gated(child) for child in below) if below else node in gated_ics

    def is_new(node: str) -> bool:
        return not org.children.get(node) and all(values[m["name"]][node] == 0 for m in metrics)

    quotas = {org.root: target}
    chain = {org.root: 1.0}

    def hand_down(node: str, *, relaxed: bool) -> None:
        below = org.children.get(node, [])
        if not below:
            return
        pool = quotas[node] * (hedge.get(node, 1.0) if hedged else 1.0)
        for child in below:
            chain[child] = chain[node] * hedge.get(node, 1.0)
        out = [child for child in below if gated(child)]
        pinned = [child for child in below if child in fixed]
        if out and len(out) + len(pinned) == len(below) and (node == org.root or not gated(node)):
            relaxed = True
        out = [] if relaxed else out
        for child in out:
            quotas[child] = 0.0
        left = pool
        for child in pinned:
            amount = fixed[child]
            if hedged and basis == "base":
                amount *= chain[child]
            if not hedged and basis == "hedged":
                amount /= chain[child]
            quotas[child] = amount
            left -= amount
        open_children = [child for child in below if child not in out and child not in pinned]
        new = [child for child in open_children if is_new(child)]
        others = [child for child in open_children if child not in new]
        if new:
            each = min(pool / (len(below) - len(out)), left / len(new)) if others else left / len(new)
            for child in new:
                quotas[child] = each
            left -= each * len(new)
        if others:
            share = shares(values, metrics, others)
            for child in others:
                quotas[child] = left * share[child]
        for child in below:
            hand_down(child, relaxed=relaxed and gated(child))

    hand_down(org.root, relaxed=False)
    return quotas


def round_half_away(value: float) -> int:
    return int(math.copysign(math.floor(abs(value) + 0.5), value))
