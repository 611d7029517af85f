"""Accepted requests as changes of the inputs: overrides, accepted adjustments, and rows of Commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from revops_xl.errors import PlanError, Problem
from revops_xl.model.inputs import Basis
from revops_xl.model.money import tidy, whole_units
from revops_xl.model.org import OrgTree
from revops_xl.model.results import QuotaPlan
from revops_xl.tables.packets.returns import (
    ACCEPT,
    COMMIT,
    IN_FORCE,
    OPEN,
    RE_SPLIT,
    REJECT,
    REJECTED,
    REPLACED,
    Request,
)
from revops_xl.tables.schema.raw import RawTable
from revops_xl.tables.schema.table_edit import Edit

_LONGEST_REASON = 240


def to_apply(requests: Sequence[Request], raw: RawTable | None) -> list[Request]:
    """Requests that were accepted and are not in force yet.

    Raises:
        PlanError: Two that were accepted would set the same number to something else.
    """
    accepted = [request for request in requests if request.decision == ACCEPT and request.state in {OPEN, REJECTED}]
    groups: dict[tuple[bool, str], list[Request]] = defaultdict(list)
    for request in accepted:
        groups[request.about].append(request)
    problems = [
        Problem(
            *(("Requests", "") if raw is None else (raw.sheet, _cells(raw, [request.key]))),
            f"{request.kind} {request.node} {request.asked:,.2f} is in force, so it cannot be rejected any more",
            "Write accept again; to take it back, change its row in Overrides, AcceptedAdjustments or Commits.",
        )
        for request in requests
        if request.state == IN_FORCE and request.decision == REJECT
    ]
    for group in groups.values():
        if len({request.asked for request in group}) > 1:
            listed = "; ".join(f"{each.kind} {each.asked:,.2f} ({each.file})" for each in group)
            where = ("Requests", "") if raw is None else (raw.sheet, _cells(raw, [each.key for each in group]))
            message = f'several requests for "{group[0].node}" are accepted: {listed}'
            problems.append(Problem(*where, message, "Accept one of them, and reject the others."))
    if problems:
        raise PlanError(problems)
    return accepted


def _cells(raw: RawTable, keys: Sequence[str]) -> str:
    listed = [str(key) for key in raw.column("Request")]
    return ", ".join(raw.cell(listed.index(key), "Decision") for key in keys if key in listed)


def decided(requests: Sequence[Request], applied: Sequence[Request]) -> list[Request]:
    """Requests with their state once these are in force."""
    now = {request.key for request in applied}
    about = {request.about for request in applied}
    found = []
    for request in requests:
        state = request.state
        if request.key in now:
            state = IN_FORCE
        elif state == IN_FORCE and request.about in about:
            state = REPLACED
        elif state in {OPEN, REJECTED}:
            state = REJECTED if request.decision == REJECT else OPEN
        found.append(replace(request, state=state))
    return found


def moves(plan: QuotaPlan, requests: Sequence[Request]) -> list[tuple[int, Request]]:
    """Re-splits that leave their team its total: who is moved, by position.

    They become adjustments on top of the cascade, so nobody else's quota moves. An override would take its node out of
    those who share by metric, and the others' shares would become other ones.
    """
    tree, unit = plan.inputs.tree, plan.inputs.unit
    by_team: dict[int, list[tuple[int, Request]]] = defaultdict(list)
    for request in requests:
        positions = _meant(tree, request.node) if request.kind == RE_SPLIT else ()
        if len(positions) == 1 and tree.is_ic[positions[0]]:
            by_team[int(tree.parent[positions[0]])].append((positions[0], request))
    found: list[tuple[int, Request]] = []
    for team in by_team.values():
        if whole_units(np.array([moved_by(request) for _, request in team]), unit).sum() == 0:
            found += team
    return found


def moved_by(request: Request) -> float:
    """By how much a re-split changes a quota: against what was sent, so that it means the same after others have moved."""
    return request.asked - (request.now or 0.0)


def adjustment_edits(raw: RawTable, plan: QuotaPlan, moved: Sequence[tuple[int, Request]]) -> list[Edit]:
    """Rows of AcceptedAdjustments: what each quota differs from the cascaded one by."""
    tree = plan.inputs.tree
    rows: dict[tuple[int, ...], int] = {}
    for row, cell in enumerate(raw.column("Node")):
        rows.setdefault(_meant(tree, _text(cell)), row)
    edits = []
    for position, request in moved:
        before = 0.0 if plan.accepted is None else float(plan.accepted[position])
        change = float(tidy(np.array([before + moved_by(request)]), plan.inputs.unit)[0])
        values: dict[str, object] = {"Change": change, "Reason": _reason(request)}
        there = rows.get((position,))
        if there is None:
            manager = tree.reference(int(tree.parent[position]))
            values |= {"Node": tree.reference(position), "Manager": manager}
        edits.append(Edit(there, values))
    return edits


def override_edits(raw: RawTable, plan: QuotaPlan, requests: Sequence[Request]) -> list[Edit]:
    """Rows of Overrides: an override that is there already gets the new amount, the others are added.

    Where a re-split among teams leaves their parent its total, the siblings that were not named are fixed where they are,
    so that those who were named move and nobody else does.
    """
    tree = plan.inputs.tree
    return _edits(
        raw, "Node", tree, _with_siblings(plan, requests),
        lambda request: {"Node": request.node, "Amount": request.asked, "Basis": str(Basis.HEDGED), "Reason": _reason(request)},
    )  # fmt: skip


def _with_siblings(plan: QuotaPlan, requests: Sequence[Request]) -> list[Request]:
    """Requests with what re-splits of teams come to now, and with the siblings of these teams as they are."""
    tree, unit = plan.inputs.tree, plan.inputs.unit
    named = {places[0]: request for request in requests if len(places := _meant(tree, request.node)) == 1}
    groups: dict[int, list[int]] = defaultdict(list)
    for position, request in named.items():
        if request.kind == RE_SPLIT and position:
            groups[int(tree.parent[position])].append(position)
    now: dict[str, Request] = {}
    kept: list[Request] = []
    fixed = {entry.node for entry in plan.inputs.fixed}
    for parent, positions in groups.items():
        change = np.array([moved_by(named[position]) for position in positions])
        if whole_units(change, unit).sum() or all(tree.is_ic[position] for position in positions):
            continue
        for position in positions:
            amount = tidy(np.array([plan.quota[position] + moved_by(named[position])]), unit)
            now[named[position].key] = replace(named[position], asked=float(amount[0]))
        kept += [
            replace(
                named[positions[0]], node=tree.reference(each), asked=float(plan.quota[each]), reason="kept where it is"
            )
            for each in tree.children(parent)
            if each not in named and each not in fixed and tree.split[each] == 1
        ]
    return [*(now.get(request.key, request) for request in requests), *kept]


def commit_edits(raw: RawTable, tree: OrgTree, requests: Sequence[Request]) -> list[Edit]:
    """Rows of Commits, likewise."""
    return _edits(
        raw, "Manager", tree, [request for request in requests if request.kind == COMMIT],
        lambda request: {"Manager": request.node, "Commit": request.asked},
    )  # fmt: skip


def _edits(
    raw: RawTable,
    header: str,
    tree: OrgTree,
    requests: Sequence[Request],
    values: Callable[[Request], dict[str, object]],
) -> list[Edit]:
    rows: dict[tuple[int, ...], int] = {}
    for row, cell in enumerate(raw.column(header)):
        rows.setdefault(_meant(tree, _text(cell)), row)
    edits = {}
    for request in requests:
        places = _meant(tree, request.node)
        found = rows.get(places) if places else None
        changed = values(request)
        if found is not None:
            del changed[header]  # however it is spelled there
        edits[request.about] = Edit(found, changed)
    return list(edits.values())


def _meant(tree: OrgTree, text: str) -> tuple[int, ...]:
    try:
        return tuple(tree.find(text)) if text else ()
    except LookupError:
        return ()


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _reason(request: Request) -> str:
    said = f": {request.reason}" if request.reason else ""
    return f"{request.kind} asked by {request.origin}{said}"[:_LONGEST_REASON]
