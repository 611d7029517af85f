"""Checks of pipeline health and redistribution: what must tie, and what deserves a look."""

from __future__ import annotations

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.outcome import Outcome
from revops_xl.model.pipeline import PipelineHealth, PipelineInputs, Reason, Redistribution, Role, Status, reaches
from revops_xl.model.wording import counted
from revops_xl.tables.quotas.meant import copied_to_teams
from revops_xl.tables.schema.check import ALARM, NOTE, WARNING, Check, clean, half_a_unit, named, some, zero
from revops_xl.tables.schema.result import LIVE_CHECK_ROWS, all_distinct_criteria

TABLE = "QuotaAdjustments"


def pipeline_checks(outcome: Outcome) -> list[Check]:
    """What must hold of pipeline health and adjustments; one note without pipeline columns."""
    inputs, health, moved = outcome.plan.pipeline, outcome.health, outcome.moved
    accepted = outcome.plan.inputs.adjustments
    checks = []
    if accepted:
        total = sum(entry.change for entry in accepted if entry.change > 0)
        advice = f"Quotas contain {total:,.2f} moved inside teams. Delete the rows of AcceptedAdjustments, or run `accept --withdraw`, to undo it."
        nodes = [entry.node for entry in accepted]
        checks.append(
            Check("Accepted adjustments", NOTE, len(accepted), None, some(outcome.quotas.inputs.tree, nodes), advice)
        )
    if inputs is None or health is None or moved is None:
        advice = "The setting Pipeline columns is blank, so no coverage was computed."
        return [*checks, Check("Pipeline health skipped", NOTE, None, None, "Settings", advice)]
    return [
        *_identities(outcome, inputs, moved),
        *checks,
        *copied_to_teams(outcome.quotas, "pipeline", inputs.pipeline[outcome.quotas.inputs.tree.is_ic]),
        *_coverage(outcome, inputs, health),
        *_win_rates(outcome, inputs, health),
        *_moves(outcome, inputs, moved),
    ]


def _identities(outcome: Outcome, inputs: PipelineInputs, moved: Redistribution) -> list[Check]:
    plan = outcome.quotas
    tree, unit = plan.inputs.tree, plan.inputs.unit
    ics = np.flatnonzero(tree.is_ic)
    managers = np.unique(tree.parent[ics])
    live = len(tree) <= LIVE_CHECK_ROWS and all_distinct_criteria(map(tree.reference, managers.tolist()))
    off = _team_sums(tree.parent[ics], moved.change[ics], len(tree)) + _team_sums(
        tree.parent[ics], moved.base_change[ics], len(tree)
    )

    def team(column: str) -> str:
        return f"SUMIFS({TABLE}[{column}],{TABLE}[Manager],{TABLE}[Manager])"

    formula = (
        f"ROUND(SUMPRODUCT(ABS({team('Adjusted quota')}-{team('Quota')})"
        f"+ABS({team('Adjusted base quota')}-{team('Base quota')})),6)"
    )
    cap = inputs.max_change
    most = plan.cascaded_quota * cap + half_a_unit(unit)
    beyond = np.abs(moved.change) > most
    in_force = np.abs(plan.accepted) > most if plan.accepted is not None else np.zeros(len(tree), dtype=bool)
    limit = f"{TABLE}[Quota]*Max_adjustment+{half_a_unit(unit)!r}"
    return [
        zero(
            "Quotas of Pipeline health are those of Quotas",
            "ROUND(SUM(PipelineHealth[Quota])-SUM(Quotas[Quota]),6)",
            0.0,
            half_a_unit(unit),
            "PipelineHealth, Quotas",
            "A quota was changed since the run. Run again.",
        ),
        zero(
            "Teams keep their totals in redistribution",
            formula if live else None,
            clean(float(off.sum())),
            half_a_unit(unit),
            f"{TABLE}: {len(managers):,} team{'s' * (len(managers) != 1)}",
            "Sum of the differences, on both layers, between a team's quotas before and after.",
        ),
        zero(
            "No quota moves beyond the limit",
            f"SUMPRODUCT(--(ABS({TABLE}[Adjusted quota]-{TABLE}[Quota])>{limit}))",
            int(beyond.sum()),
            0,
            some(tree, np.flatnonzero(beyond).tolist()) or TABLE,
            f"Quotas that would move by more than {cap:.4g} of themselves (the setting Max adjustment %).",
        ),
        zero(
            "Accepted changes are within the limit",
            f"SUMPRODUCT(--(ABS({TABLE}[Accepted change])>{limit}))",
            int(in_force.sum()),
            0,
            some(tree, np.flatnonzero(in_force).tolist()) or "AcceptedAdjustments",
            "Above Max adjustment %: target, hedges or limit have changed since, or a re-split goes further. Accept anew, withdraw, or raise it.",
            ALARM,
        ),
    ]  # fmt: skip


def _team_sums(parents: np.ndarray[tuple[int, ...], np.dtype[np.int32]], change: Floats, size: int) -> Floats:
    return np.abs(np.bincount(parents, weights=change, minlength=size))


def _coverage(outcome: Outcome, inputs: PipelineInputs, health: PipelineHealth) -> list[Check]:
    tree, plan = outcome.quotas.inputs.tree, outcome.quotas
    words = list(Status)
    below = np.isin(health.status, [words.index(Status.AT_RISK), words.index(Status.CRITICAL)])
    weak, weak_teams = tree.is_ic & below, ~tree.is_ic & below
    blank = tree.is_ic & np.isnan(inputs.pipeline) & (plan.quota > 0)
    without = tree.is_ic & (plan.quota <= 0) & (np.nan_to_num(inputs.pipeline) > 0)
    entries = (
        ("Teams below at risk", WARNING, weak_teams, "The pipeline of these teams does not support their quota. Build pipeline, or lower the target."),
        ("ICs below at risk", WARNING, weak, "The pipeline of these ICs does not support their quota. Redistribution moves quota to colleagues who have more."),
        ("ICs without a known pipeline", WARNING, blank, "Every pipeline column is blank for them. Not known is not 0: they stay out of redistribution, and their team's coverage is too low."),
        ("Pipeline without quota", NOTE, without, "They have pipeline but no quota, so coverage is undefined for them; it counts for their team."),
    )  # fmt: skip
    return [
        Check(name, status, int(flags.sum()), None, some(tree, np.flatnonzero(flags).tolist()), advice)
        for name, status, flags, advice in entries
        if flags.any()
    ]


def _win_rates(outcome: Outcome, inputs: PipelineInputs, health: PipelineHealth) -> list[Check]:
    tree, deals = outcome.quotas.inputs.tree, outcome.plan.deals
    if deals is None:
        return []
    checks = []
    low = ~tree.is_ic & (health.needed > inputs.thresholds.healthy)
    if low.any():
        nodes = np.flatnonzero(low).tolist()
        worst = max(nodes, key=lambda node: float(health.needed[node] - inputs.thresholds.healthy[node]))
        advice = (
            f"{tree.reference(worst)} wins {health.win_rate[worst]:.0%} of the amount it closes, so its quota takes {health.needed[worst]:.1f}× pipeline; "
            f"healthy is set to {inputs.thresholds.healthy[worst]:g}×. Raise the threshold, or check the deals."
        )
        checks.append(
            Check(
                "Healthy coverage below what the win rate needs", WARNING, len(nodes), None, some(tree, nodes), advice
            )
        )
    hopeless = np.flatnonzero(~tree.is_ic & (health.win_rate == 0)).tolist()
    if hopeless:
        advice = "Not one of their closed deals was won, so no coverage would do."
        checks.append(Check("Teams that win nothing", WARNING, len(hopeless), None, some(tree, hopeless), advice))
    if deals.strangers:
        advice = "Closed deals of reps who are no ICs of the plan: they are in no win rate."
        checks.append(
            Check(
                "Closed deals of unknown reps",
                NOTE,
                sum(deals.strangers.values()),
                None,
                named(sorted(deals.strangers)),
                advice,
            )
        )
    if deals.without_amount:
        advice = "Closed deals whose amount is blank or 0: they are in no win rate."
        checks.append(Check("Closed deals without an amount", NOTE, deals.without_amount, None, "Deals", advice))
    return checks


def _moves(outcome: Outcome, inputs: PipelineInputs, moved: Redistribution) -> list[Check]:
    tree, plan = outcome.quotas.inputs.tree, outcome.quotas
    roles = Redistribution.ROLES
    donors = moved.role == roles.index(Role.DONOR)
    receivers = moved.role == roles.index(Role.RECEIVER)
    if not inputs.redistribute:
        advice = "Adjustment mode is flag only: the roles show who could give and take quota, and nothing is moved."
        where = f"{int(donors.sum())} donors, {int(receivers.sum())} receivers"
        return [Check("Redistribution", NOTE, 0, None, where, advice), *_pinned(outcome, inputs)]
    checks = _proposals(outcome, moved)
    after = outcome.quotas.cascaded_quota + moved.change
    with np.errstate(divide="ignore", invalid="ignore"):
        sunk = receivers & (moved.change > 0) & ~reaches(inputs.pipeline / after, inputs.thresholds.healthy)
    if sunk.any():
        advice = (
            "They take so much quota that their coverage falls below healthy. Lower Max adjustment %, or lock them."
        )
        checks.append(
            Check(
                "Receivers below healthy afterwards",
                NOTE,
                int(sunk.sum()),
                None,
                some(tree, np.flatnonzero(sunk).tolist()),
                advice,
            )
        )
    fixed = np.zeros(len(tree), dtype=bool)
    fixed[[entry.node for entry in plan.inputs.fixed]] = True
    pinned = np.flatnonzero(fixed & (moved.change != 0)).tolist()
    if pinned:
        advice = "These amounts were fixed in Overrides without a lock, so redistribution moves them. Write TRUE under Lock to keep them."
        checks.append(Check("Redistribution moves overrides", WARNING, len(pinned), None, some(tree, pinned), advice))
    checks += _pinned(outcome, inputs)
    stuck = np.flatnonzero(moved.reason == Redistribution.REASONS.index(Reason.NO_RECEIVER)).tolist()
    if stuck:
        advice = "Below at risk, but nobody in their team is healthy and free to take quota."
        checks.append(Check("Donors without a receiver", NOTE, len(stuck), None, some(tree, stuck), advice))
    return checks


def _pinned(outcome: Outcome, inputs: PipelineInputs) -> list[Check]:
    """Accepted changes of who should not be moved any more."""
    plan = outcome.quotas
    if plan.accepted is None:
        return []
    fixed = np.zeros(len(plan.quota), dtype=bool)
    fixed[[entry.node for entry in plan.inputs.fixed]] = True
    moved = plan.accepted != 0
    checks = []
    held = np.flatnonzero(moved & (inputs.locked | fixed)).tolist()
    if held:
        advice = "An adjustment in force changes the quota of ICs that Overrides fixes or locks. Withdraw it, or delete the override."
        checks.append(
            Check(
                "Accepted adjustments of fixed or locked ICs",
                WARNING,
                len(held),
                None,
                some(plan.inputs.tree, held),
                advice,
            )
        )
    if not inputs.redistribute:
        advice = "They stay in force until you withdraw them, whatever the mode."
        checks.append(
            Check(
                "Adjustments in force although the mode is flag only",
                WARNING,
                int(moved.sum()),
                None,
                "AcceptedAdjustments",
                advice,
            )
        )
    return checks


def _proposals(outcome: Outcome, moved: Redistribution) -> list[Check]:
    """What is proposed and not in force: in teams that accepted nothing yet, and in teams that accepted something else."""
    tree, plan = outcome.quotas.inputs.tree, outcome.quotas
    in_force = plan.accepted if plan.accepted is not None else np.zeros(len(tree))
    deciding = np.zeros(len(tree), dtype=bool)
    deciding[tree.parent[in_force != 0]] = True
    decided = tree.is_ic & deciding[tree.parent]
    fresh = outcome.open_changes & ~decided
    checks = []
    if fresh.any():
        amount = float(moved.change[fresh & (moved.change > 0)].sum())
        giving, taking = int((moved.change[fresh] < 0).sum()), int((moved.change[fresh] > 0).sum())
        where = f"from {counted(giving, 'rep')} to {taking:,} in {counted(len(np.unique(tree.parent[fresh])), 'team')}"
        advice = "Quota that would move inside teams. Quotas stay as they are until you accept it."
        checks.append(Check("Redistribution proposed", NOTE, amount, None, where, advice))
    differs = np.flatnonzero(outcome.open_changes & decided).tolist()
    if differs:
        advice = "In teams that have accepted, the pipeline now suggests other changes than those in force. Run `accept` to take them over, or leave it."
        checks.append(
            Check(
                "Accepted adjustments differ from the proposal",
                WARNING,
                len(differs),
                None,
                some(tree, differs),
                advice,
            )
        )
    return checks
