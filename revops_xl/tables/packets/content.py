"""What a packet holds: made from the rows that its recipient may see, and from nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from revops_xl.model.money import Floats
from revops_xl.model.org import OrgTree
from revops_xl.model.outcome import Outcome
from revops_xl.tables.packets.form import HOW_TO, INPUTS, READ_ME, SEAL_HELP, SHEETS
from revops_xl.tables.quotas.quotas import rules

#: What the sealed content looks like; a later version of it gets another number.
FORM = 1
Row = dict[str, Any]


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

    @property
    def sealed(self) -> str:
        """Everything that the recipient may not change, as one text."""
        names = ("node", "level", "plan", "period", "currency", "unit", "version", "team", "commits")
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
    """The quota as handed down."""
    return f"Quota as handed down to you: {packet.team[0]['Quota']:,.2f} {packet.currency}"


def fixed_texts(packet: Packet) -> list[str]:
    """Every text that stands outside the rows of a table."""
    steps = [text for step in HOW_TO for text in step if text]
    sheets = [text for sheet in SHEETS if sheet is not READ_ME for text in (sheet.name, f"{sheet.help}.")]
    tables = [text for table in INPUTS for text in (table.help, *table.headers)]
    return [title(packet), subtitle(packet), headline(packet), *steps, *sheets, *tables, SEAL_HELP]


def digest_of(sealed: str) -> str:
    """Fingerprint of sealed content."""
    return hashlib.sha256(sealed.encode()).hexdigest()[:32]


def key_of(level: str, name: str, parent: str) -> str:
    """Key of a row: the same in every packet and version; a letter in front keeps it a text for spreadsheets."""
    return "k" + hashlib.sha256(f"{level}\x1f{name}\x1f{parent}".encode()).hexdigest()[:9]


def contents(outcome: Outcome, nodes: Sequence[int], emails: Mapping[int, str]) -> list[Packet]:
    """The packets of some nodes.

    Args:
        outcome: The computed plan.
        nodes: Positions of teams.
        emails: Addresses by position.
    """
    maker = _Maker(outcome)
    return [maker.packet(node, emails.get(node, "")) for node in nodes]


class _Maker:
    """What all packets of a plan have in common."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.tree = outcome, outcome.quotas.inputs.tree
        self.line = np.empty(len(self.tree), dtype=np.int64)
        self.line[self.tree.outline] = np.arange(len(self.tree))
        self.last = _last_lines(self.tree, self.line)
        self.rules = rules(outcome.quotas)
        self.history = _history(outcome)
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
        )

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
            "History": round(float(self.history[position]), 2) if self.history is not None else None,
            "Pipeline": _known(health.pipeline[position]) if health is not None else None,
            "Note": "" if position == top else self._note(position),
            "Whole": bool(tree.split[position] == 1),
            "Open": position != top and bool(tree.split[position] == 1) and not self.locked[position],
        }

    def _key(self, position: int, top: int) -> str:
        tree = self.tree
        parent = "" if position == top else tree.reference(int(tree.parent[position]))
        return key_of(tree.levels[tree.level[position]], tree.reference(position), parent)

    def _note(self, position: int) -> str:
        """How the quota came about."""
        found = [self.rules.get(position, ""), "locked" if self.locked[position] else ""]
        return "; ".join(filter(None, found))

    def _commit(self, position: int, top: int) -> Row:
        name = self.tree.reference(position)
        return {"Key": self._key(position, top), "Manager": name, "Last commit": self.commit.get(name)}


def _history(outcome: Outcome) -> Floats | None:
    """What the first metric's columns add up to, as they stand: nothing is filled in."""
    tree, blend = outcome.quotas.inputs.tree, outcome.quotas.inputs.blend
    if not blend:
        return None
    of_rows = np.nansum(blend[0].periods, axis=0)
    of_ics = np.zeros(len(tree))
    of_ics[tree.is_ic] = of_rows[tree.row[tree.is_ic]] * tree.split[tree.is_ic]
    return tree.roll_up(of_ics)


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
