"""Commits added up along the org: against a recursion over the edges, and what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from revops_xl.engine.commits.bias import review
from revops_xl.engine.commits.roll_up import roll_up
from revops_xl.model.codes import Coded
from revops_xl.model.commits import CommitHistory, CommitReview, CommitRules, CurrentCommits
from revops_xl.model.org import OrgTree
from revops_xl.model.org_build import build_tree
from tests.oracles import Org
from tests.strategies import RandomOrg, orgs

NONE = np.zeros(0, dtype=np.int32)
NO_HISTORY = CommitHistory((), (), (), NONE, NONE, np.zeros(0), np.zeros(0))


def tree_of(rows: list[list[str | None]], levels: list[str], split: list[float] | None = None) -> OrgTree:
    columns = [Coded.of([row[i] for row in rows]) for i in range(len(levels))]
    return build_tree(levels, columns, np.array(split or [1.0] * len(rows)), frozenset())


def reviewed(commits: dict[str, float]) -> CommitReview:
    names = tuple(sorted(commits))
    current = CurrentCommits(names, np.array([commits[name] for name in names]), np.full(len(names), np.nan))
    return review(NO_HISTORY, current, CommitRules())


def recursion(org: Org, commits: dict[str, float]) -> tuple[dict[str, float], set[str]]:
    """Value of each node that has one, and the nodes that are complete."""
    value: dict[str, float] = {}
    complete: set[str] = set()

    def visit(node: str) -> None:
        below = org.children.get(node, [])
        for child in below:
            visit(child)
        ics = [child for child in below if not org.children.get(child)]
        expected = [child for child in below if child not in ics]
        expected += ics if any(child in value for child in ics) else []
        everybody = bool(expected) and all(child in complete for child in expected)
        some = [value[child] for child in below if child in value]
        if some and (everybody or node not in commits):
            value[node] = sum(some)
        elif node in commits:
            value[node] = commits[node]
        if node in commits or everybody:
            complete.add(node)

    visit(org.root)
    return value, complete


@given(orgs(), st.data())
def test_matches_a_recursion(org: RandomOrg, data: st.DataObject) -> None:
    names = sorted({str(name) for row in org.rows for name in row if name})
    commits = {
        name: float(data.draw(st.integers(1, 900)))
        for name in data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    }
    tree = tree_of(org.rows, org.levels)
    found = roll_up(tree, reviewed(commits), {name: tree.find(name) for name in commits})
    expected, complete = recursion(Org.of_rows(org.rows), commits)
    ours = {tree.reference(int(node)): float(amount) for node, amount in zip(found.node, found.commit, strict=True)}
    assert ours == pytest.approx(expected)
    for i, node in enumerate(found.node.tolist()):
        children = [tree.reference(child) for child in tree.children(node)]
        assert found.committed[i] == sum(child in complete for child in children)


def test_an_incomplete_team_does_not_replace_a_commit() -> None:
    """EMEA has committed, NA has one of two directors: Global keeps its own commit."""
    rows: list[list[str | None]] = [
        ["Global", "NA", "Dir_1", "a"],
        ["Global", "NA", "Dir_2", "b"],
        ["Global", "EMEA", "Dir_3", "c"],
    ]
    tree = tree_of(rows, ["Top", "Region", "Director", "IC"])
    commits = {"Global": 1000.0, "EMEA": 400.0, "Dir_1": 10.0}
    found = roll_up(tree, reviewed(commits), {name: tree.find(name) for name in commits})
    assert dict(zip(map(tree.reference, found.node.tolist()), found.commit.tolist(), strict=True)) == {
        "Global": 1000, "EMEA": 400, "NA": 10, "Dir_1": 10,
    }  # fmt: skip
    assert (found.counted[0], found.committed[0], found.expected[0]) == (0, 1, 2)


def test_the_commit_of_a_split_ic_is_divided() -> None:
    rows: list[list[str | None]] = [["Top", "A", "x"], ["Top", "B", "x"], ["Top", "B", "y"]]
    tree = tree_of(rows, ["Top", "Team", "IC"], [0.35, 0.65, 1.0])
    found = roll_up(tree, reviewed({"x": 100.01, "y": 50.0}), {"x": tree.find("x"), "y": tree.find("y")})
    sums = dict(zip(map(tree.reference, found.node.tolist()), found.commit.tolist(), strict=True))
    assert (sums["Top"], sums["A"], sums["B"]) == (150.01, 35.0, 115.01)
