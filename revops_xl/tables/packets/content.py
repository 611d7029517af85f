"""What a packet holds: made from the rows that its recipient may see, and from nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.tables.packets.form import ANSWER, HOW_TO, INPUTS, READ_ME, SEAL_HELP, SHEETS, TEAM, YOUR_TEAM
from revops_xl.tables.quotas.quotas import rules

#: What the sealed content looks like; a later version of it gets another number.
FORM = 2
Row = dict[str, Any]
#: Measures that are named where a quota is explained.
_MEASURES = 3


@dataclass(frozen=True)
class Packet:
    """One packet before it becomes a file.

    Attributes:
        node: The recipient's node, as results name it.
        level: Its level.
        email: Address of the recipient; "": none is known.
        plan: Name of the plan.
        period: What it covers.
        currency: Currency of the amounts.
        decimals: Decimal places of the rounding unit; below 0 for round thousands and the like.
        unit: The rounding unit.
        team: Rows of the sheet Team: the node itself, then everybody below it as an outline.
        commits: Rows of the sheet Commit.
        version: Counts the packets of this node.
        due: Day by which an answer is asked for, in words; "": none is said.
        earlier: What became of earlier requests.
        beside: What overlays who report to the node carry, and what nobody carries while people are away.
    """

    node: str
    level: str
    email: str
    plan: str
    period: str
    currency: str
    decimals: int | None
    unit: str
    team: tuple[Row, ...]
    commits: tuple[Row, ...]
    version: int = 1
    due: str = ""
    earlier: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def sealed(self) -> str:
        """Everything that the recipient may not change, as one text."""
        names = (
            "node",
            "level",
            "plan",
            "period",
            "currency",
            "unit",
            "version",
            "team",
            "commits",
            "due",
            "earlier",
            "beside",
        )
        content = {"form": FORM, "texts": fixed_texts(self), **{name: getattr(self, name) for name in names}}
        return json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """Fingerprint of the sealed content."""
        return digest_of(self.sealed)

    @property
    def id(self) -> str:
        """How the packet is called in the ledger."""
        return self.digest[:12]


def title(packet: Packet) -> str:
    """First line of the packet."""
    return f"Quotas of {packet.node}"


def subtitle(packet: Packet) -> str:
    """What it is about."""
    period = "" if packet.period in packet.plan else packet.period
    about = [packet.plan, period, packet.currency, f"version {packet.version}"]
    return "  ·  ".join(each for each in about if each)


def headline(packet: Packet) -> str:
    """What the team carries, and what of it is the hedge.

    Example: "Your team carries 1,050 = 1,000 handed down to you × 1.05 hedge."
    """
    top = packet.team[0]
    hedge, quota = top["Hedge"] or 1.0, top["Quota"]
    if hedge == 1:
        return f"Your team carries {quota:,.0f} {packet.currency}, as handed down to you."
    carried = sum(row["Quota"] for row in packet.team if row["Team key"] == top["Key"])
    return f"Your team carries {carried:,.0f} {packet.currency} = {quota:,.0f} handed down to you × {hedge:g} hedge."


def context(packet: Packet) -> str:
    """What that is against last year and the pipeline; "" where neither is known."""
    top = packet.team[0]
    said = []
    if top["Last year"]:
        said.append(
            f"That is {top['Quota'] / top['Last year'] - 1:+.0%} on the {top['Last year']:,.0f} it reached last year."
        )
    if top["Pipeline"] and top["Quota"]:
        said.append(f"Open pipeline is {top['Pipeline']:,.0f}, {top['Pipeline'] / top['Quota']:.1f} times your quota.")
    return " ".join(said)


def deadline(packet: Packet) -> str:
    """Until when to answer; "" if nobody says."""
    return f"Please answer by {packet.due}: save the file and reply to the e-mail." if packet.due else ""


def fixed_texts(packet: Packet) -> list[str]:
    """Every text that stands outside the rows of a table."""
    steps = [text for step in HOW_TO for text in step if text]
    others = [sheet for sheet in SHEETS if sheet is not READ_ME and sheet.name != YOUR_TEAM]
    sheets = [text for sheet in others for text in (sheet.name, f"{sheet.help}.")]
    alone = [table.help for table in INPUTS if table not in {TEAM, ANSWER}]
    tables = [*alone, *(header for table in INPUTS for header in table.headers)]
    said = [
        title(packet),
        subtitle(packet),
        headline(packet),
        context(packet),
        deadline(packet),
        *packet.earlier,
        *packet.beside,
    ]
    return [*filter(None, said), READ_ME.name, *steps, *sheets, *tables, SEAL_HELP]


def digest_of(sealed: str) -> str:
    """Fingerprint of sealed content."""
    return hashlib.sha256(sealed.encode()).hexdigest()[:32]


def key_of(level: str, name: str, parent: str) -> str:
    """Key of a row: the same in every packet and version; a letter in front keeps it a text for spreadsheets."""
    return "k" + hashlib.sha256(f"{level}\x1f{name}\x1f{parent}".encode()).hexdigest()[:9]


def contents(
    outcome: Outcome,
    nodes: Sequence[int],
    emails: Mapping[int, str],
    due: str = "",
    earlier: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Packet]:
    """The packets of some nodes.

    Args:
        outcome: The computed plan.
        nodes: Positions of teams.
        emails: Addresses by position.
        due: Day by which an answer is asked for, in words.
        earlier: What became of earlier requests, by the node that made them.
    """
    maker = _Maker(outcome)
    told = earlier or {}
    packets = [maker.packet(node, emails.get(node, "")) for node in nodes]
    return [replace(packet, due=due, earlier=told.get(packet.node, ())) for packet in packets]


class _Maker:
    """What all packets of a plan have in common."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.tree = outcome, outcome.quotas.inputs.tree
        self.line = np.empty(len(self.tree), dtype=np.int64)
        self.line[self.tree.outline] = np.arange(len(self.tree))
        self.last = _last_lines(self.tree, self.line)
        self.rules = rules(outcome.quotas)
        past = outcome.planning.inputs.history
        self.history = None if past is None else past.last_of_nodes(self.tree)
        pipeline = outcome.plan.pipeline
        self.locked = pipeline.locked if pipeline is not None else np.zeros(len(self.tree), dtype=bool)
        commits = outcome.plan.commits
        self.commit: dict[str, float] = {}
        if commits is not None:
            self.commit = dict(zip(commits.current.managers, commits.current.commit.tolist(), strict=True))

    def packet(self, node: int, email: str) -> Packet:
        """The packet of one node."""
        plan, settings, tree = self.outcome.quotas, self.outcome.plan.settings, self.tree
        below = tree.outline[self.line[node] : self.last[node] + 1].tolist()
        unit = plan.inputs.unit
        teams = [position for position in below if not tree.is_ic[position]]
        return Packet(
            tree.reference(node),
            tree.levels[tree.level[node]],
            email,
            settings.plan,
            settings.period,
            settings.currency,
            None if unit is None else unit.decimals,
            "" if unit is None else f"{unit.size:f}",
            tuple(self._row(position, node) for position in below),
            tuple(self._commit(position, node) for position in teams),
            beside=self._beside(node),
        )

    def _beside(self, node: int) -> tuple[str, ...]:
        """What the tree does not say: quota that is relieved, and overlays who report to the node."""
        said = []
        found, view = self.outcome.planning.by_period, self.outcome.overlays
        left = float(found.left[node].sum()) if found is not None else 0.0
        if left:
            said.append(f"{left:,.0f} of the team's quota is carried by nobody while people are away.")
        name = self.tree.reference(node)
        mine = [row for row in view.overlays if row.reports_to == name] if view is not None else []
        return (*said, *(f"Overlay {row.name}, beside the team's quota: {row.quota:,.0f}." for row in mine))

    def _row(self, position: int, top: int) -> Row:
        plan, tree = self.outcome.quotas, self.tree
        health = self.outcome.health
        parent = "" if position == top else tree.reference(int(tree.parent[position]))
        ic = bool(tree.is_ic[position])
        return {
            "Key": self._key(position, top),
            "Team key": "" if position == top else self._key(int(tree.parent[position]), top),
            "Level": tree.levels[tree.level[position]],
            "Name": tree.reference(position),
            "Reports to": parent,
            "Quota": float(plan.quota[position]),
            "Hedge": None if ic else float(plan.inputs.hedges.factor[position]),
            "Last year": _known(self.history[position]) if self.history is not None else None,
            "Pipeline": _known(health.pipeline[position]) if health is not None else None,
            "Why": "" if position == top else self._why(position),
            "Whole": bool(tree.split[position] == 1),
            "Open": position != top and bool(tree.split[position] == 1) and not self.locked[position],
        }

    def _key(self, position: int, top: int) -> str:
        tree = self.tree
        parent = "" if position == top else tree.reference(int(tree.parent[position]))
        return key_of(tree.levels[tree.level[position]], tree.reference(position), parent)

    def _why(self, position: int) -> str:
        """How the quota came about: a rule, else the part of the team's measures."""
        found = list(filter(None, [self.rules.get(position, ""), "locked" if self.locked[position] else ""]))
        by_period = self.outcome.planning.by_period
        if by_period is not None and self.tree.is_ic[position]:
            full, carried = float(by_period.full[position].sum()), float(by_period.carried[position].sum())
            if round(full - carried, 2):
                found.append(f"carries {carried:,.0f} after relief")
        breakdown, blend = self.outcome.quotas.breakdown, self.outcome.quotas.inputs.blend
        if not any(text.startswith(("fixed", "new hire", "gated", "equal")) for text in found):
            shares = breakdown.metric_share[:, position]
            named = [
                (data.metric.name, share) for data, share in zip(blend, shares, strict=True) if not np.isnan(share)
            ]
            found.insert(0, ", ".join(f"{share:.0%} of {name}" for name, share in named[:_MEASURES]))
        return "; ".join(filter(None, found))

    def _commit(self, position: int, top: int) -> Row:
        name = self.tree.reference(position)
        return {"Key": self._key(position, top), "Manager": name, "Last commit": self.commit.get(name)}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 2)


def _last_lines(
    tree: OrgTree, line: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Last line of the outline below each node."""
    last = line.copy()
    for _, managers, starts, stop in tree.sibling_groups(deepest_first=True):
        first = int(starts[0])
        last[managers] = np.maximum.reduceat(last[first:stop], starts - first)
    return last
