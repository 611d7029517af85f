"""What a manager has entered in a packet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from revops_xl.tables.packets import form
from revops_xl.tables.packets.content import Packet
from revops_xl.tables.packets.findings import Ask, Finding, Returned, entered_text, same, shown
from revops_xl.tables.packets.places import Found
from revops_xl.tables.packets.rows import Entries
from revops_xl.tables.schema.raw import CellError, NotCalculated

#: Largest amount that is taken for one.
_LARGEST = 1e13


def read_entries(tables: Mapping[str, Sequence[Found]], packet: Packet, returned: Returned) -> Entries:
    """What the manager entered."""
    proposed: dict[str, float] = {}
    team = {row["Key"]: row for row in packet.team}
    for key, _, values in _each(tables[form.TEAM.name]):
        row = team.get(key)
        if row is None:
            continue
        comment = _comment(values.get("Comment"), f"{row['Name']}: comment", returned)
        amount = _amount(values.get("Proposed quota"), f"{row['Name']}: proposed quota", returned)
        if amount is not None and row["Open"]:
            proposed[key] = amount
            if not same(row["Quota"], amount):
                returned.asks.append(Ask("re-split", row["Name"], row["Quota"], amount, comment))
        if comment:
            returned.comments[row["Name"]] = comment
    for _, _, values in _each(tables[form.ANSWER.name]):
        answer = _comment(values.get("Your answer"), "your answer", returned)
        if answer:
            returned.comments["Answer"] = answer
    _read_asks(tables[form.ASKS.name], packet, returned)
    _read_commits(tables[form.COMMIT.name], packet, returned)
    return Entries(proposed)


def _read_asks(places: Sequence[Found], packet: Packet, returned: Returned) -> None:
    team = {entered_text(row["Name"]): row for row in packet.team}
    for key, sheet, values in _each(places):
        name, reason = entered_text(values.get("For")), entered_text(values.get("Reason"))
        amount = _amount(values.get("Asked quota"), f"request {key}: asked quota", returned)
        if not name and amount is None and not reason:
            continue
        problem = ""
        row = team.get(name)
        if row is None:
            problem = f'"{name}" is nobody in the team' if name else "the recipient is blank"
        elif not row["Whole"]:
            problem = f'"{name}" is split between teams, so no team asks for the whole'
        elif amount is None:
            problem = "the amount is blank or no amount"
        elif not reason:
            problem = "the reason is blank"
        if problem:
            returned.findings.append(
                Finding("unreadable", sheet, f"request {key}", "", "for, amount and reason", problem)
            )
        elif amount is not None and row is not None:
            returned.asks.append(Ask("override", row["Name"], row["Quota"], amount, reason))


def _read_commits(places: Sequence[Found], packet: Packet, returned: Returned) -> None:
    commits = {row["Key"]: row for row in packet.commits}
    for key, _, values in _each(places):
        row = commits.get(key)
        if row is None:
            continue
        remark = _comment(values.get("Remark"), f"{row['Manager']}: remark", returned)
        amount = _amount(values.get("Commit now"), f"{row['Manager']}: commit", returned)
        if amount is not None and not math.isclose(amount, round(amount, 2), abs_tol=1e-9):
            returned.findings.append(
                Finding("unreadable", "", f"{row['Manager']}: commit", "", "whole cents", shown(amount))
            )
        elif amount is not None:
            returned.asks.append(Ask("commit", row["Manager"], row["Last commit"], amount, remark))
        if remark:
            returned.comments[f"{row['Manager']} (commit)"] = remark


def _each(places: Sequence[Found]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for place in places[:1]:
        for key, (_, values) in place.rows.items():
            yield key, place.sheet, values


def _amount(value: Any, what: str, returned: Returned) -> float | None:
    """An entered amount; what is none is said."""
    if value in ("", None):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LARGEST:
        return float(value)
    returned.findings.append(Finding("unreadable", "", what, "", "a number of 0 or more", shown(value)))
    return None


def _comment(value: Any, what: str, returned: Returned) -> str:
    """An entered comment; one that shows an error, or nothing yet, is said."""
    if isinstance(value, CellError | NotCalculated):
        returned.findings.append(Finding("unreadable", "", what, "", "a text", shown(value)))
    return entered_text(value)
