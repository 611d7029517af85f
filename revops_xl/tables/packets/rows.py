"""The rows of a packet's tables: what is locked, what can be entered, and formulas with what they calculate to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revops_xl.model.money import Unit, round_half_away
from revops_xl.tables.packets import form
from revops_xl.tables.packets.content import Packet, Row
from revops_xl.tables.schema.result import Formula, rounded, this_row


@dataclass(frozen=True)
class Entries:
    """What a manager entered, by key; nothing in a packet that goes out.

    Attributes:
        proposed: Proposed quotas by key of the row.
        texts: Other entries by (table, key, column).
    """

    proposed: Mapping[str, float] = field(default_factory=dict)
    texts: Mapping[tuple[str, str, str], Any] = field(default_factory=dict)


def team_rows(packet: Packet, entries: Entries | None = None) -> list[Row]:
    """Rows of the sheet Team by header."""
    unit = _unit(packet)
    found = []
    for row in packet.team:
        proposed = (entries or Entries()).proposed.get(row["Key"])
        new = row["Quota"] if proposed is None else proposed
        change = _tidy(new - row["Quota"], unit)
        pipeline, last = row["Pipeline"], row["Last year"]
        found.append(
            {name: row[name] for name in form.TEAM.headers if name in row}
            | {
                "Growth": Formula(_GROWTH, row["Quota"] / last - 1 if last else form.NOTHING),
                "Proposed quota": proposed,
                "New quota": Formula(_NEW, new),
                "Change": Formula(rounded(f"{_team('New quota')}-{_team('Quota')}", unit), change),
                "Change %": Formula(_PERCENT, change / row["Quota"] if row["Quota"] else form.NOTHING),
                "Coverage": Formula(_COVERAGE, pipeline / new if pipeline is not None and new > 0 else form.NOTHING),
                "Comment": None,
                "Open": row["Open"],
            }
        )
    return found


def check_rows(packet: Packet, entries: Entries | None = None) -> list[Row]:
    """Rows of the sheet Checks by header."""
    unit = _unit(packet)
    new = {row["Key"]: row["New quota"].value for row in team_rows(packet, entries)}
    found = []
    for team in packet.team:
        if team["Hedge"] is None:
            continue
        key = team["Key"]
        handed = _to_unit(new[key] * team["Hedge"], unit)
        carried = _tidy(sum(new[row["Key"]] for row in packet.team if row["Team key"] == key), unit)
        off = _tidy(carried - handed, unit)
        status = form.ADDS_UP if abs(off) < _half(unit) else form.TOO_MUCH if off > 0 else form.MISSING
        at = f"MATCH({_check('Key')},Team[Key],0)"
        handed_text = rounded(f"INDEX(Team[New quota],{at})*INDEX(Team[Hedge],{at})", unit)
        carried_text = rounded(f"SUMIFS(Team[New quota],Team[Team key],{_check('Key')})", unit)
        off_text = rounded(f"{_check('Team carries')}-{_check('Hands down')}", unit)
        found.append(
            {
                "Key": key,
                "Team": team["Name"],
                "Hands down": Formula(handed_text, handed),
                "Team carries": Formula(carried_text, carried),
                "Difference": Formula(off_text, off),
                "Status": Formula(
                    f'IF(ABS({_check("Difference")})<{_half(unit):.12f},"{form.ADDS_UP}",IF({_check("Difference")}>0,"{form.TOO_MUCH}","{form.MISSING}"))',
                    status,
                ),
            }
        )
    return found


def ask_rows() -> list[Row]:
    """Rows of the sheet Requests by header."""
    return [{"No": number, "For": None, "Asked quota": None, "Reason": None} for number in range(1, form.ASK_ROWS + 1)]


def commit_rows(packet: Packet) -> list[Row]:
    """Rows of the sheet Commit by header."""
    return [{**row, "Commit now": None, "Remark": None} for row in packet.commits]


def rows_of(packet: Packet, entries: Entries | None = None) -> dict[str, list[Row]]:
    """Every table's rows by name of the table."""
    return {
        form.ANSWER.name: [{"No": 1, "Your answer": None}],
        form.TEAM.name: team_rows(packet, entries),
        form.ASKS.name: ask_rows(),
        form.COMMIT.name: commit_rows(packet),
        form.CHECKS.name: check_rows(packet, entries),
    }


def verdict(checks: Sequence[Row]) -> Formula:
    """One line that says whether the proposals add up, and by how much they do not."""
    left = -sum(float(row["Difference"].value) for row in checks)
    total = "-SUM(TeamChecks[Difference])"
    wrong = sum(row["Status"].value != form.ADDS_UP for row in checks)
    bad = f'SUMPRODUCT(--(TeamChecks[Status]<>"{form.ADDS_UP}"))'
    amounts = f'IF({total}>0,"{MARKS[1]} "&FIXED({total},0)&" left to hand out","{MARKS[2]} "&FIXED(-({total}),0)&" too much")'
    text = f'IF({bad}=0,"{WELL}",IF({bad}>1,"{MARKS[1]} "&{bad}&" teams do not add up: see Checks",{amounts}))'
    if not wrong:
        return Formula(text, WELL)
    if wrong > 1:
        return Formula(text, f"{MARKS[1]} {wrong} teams do not add up: see Checks")
    said = f"{MARKS[1]} {left:,.0f} left to hand out" if left > 0 else f"{MARKS[2]} {-left:,.0f} too much"
    return Formula(text, said)


#: What verdicts begin with, and what is said where all is well.
MARKS = ("●", "▲", "■")
WELL = "● Adds up: nothing left to hand out"


def is_verdict(text: object) -> bool:
    """Whether a text of a packet is such a line, in whatever language its numbers are written."""
    return isinstance(text, str) and text[:2] in {f"{mark} " for mark in MARKS}


def _team(name: str) -> str:
    return this_row(form.TEAM.name, name)


def _check(name: str) -> str:
    return this_row(form.CHECKS.name, name)


_NEW = f'IF({_team("Proposed quota")}="",{_team("Quota")},{_team("Proposed quota")})'
_GROWTH = f'IF(N({_team("Last year")})<=0,"{form.NOTHING}",{_team("Quota")}/{_team("Last year")}-1)'
_PERCENT = f'IF({_team("Quota")}=0,"{form.NOTHING}",{_team("Change")}/{_team("Quota")})'
_COVERAGE = (
    f'IF(OR({_team("Pipeline")}="",{_team("New quota")}<=0),"{form.NOTHING}",{_team("Pipeline")}/{_team("New quota")})'
)


def _unit(packet: Packet) -> Unit | None:
    return Unit.of(packet.unit) if packet.unit else None


def _half(unit: Unit | None) -> float:
    return 1e-6 if unit is None else float(unit.size) / 2


def _to_unit(amount: float, unit: Unit | None) -> float:
    if unit is None:
        return amount
    return float(unit.to_amount(round_half_away(unit.in_units(amount))))


def _tidy(amount: float, unit: Unit | None) -> float:
    """A sum or difference of amounts, to the unit; what a manager enters may be finer than the unit."""
    return _to_unit(amount, unit)
