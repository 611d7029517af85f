"""Exports of deals: the status made of stage and flags, columns kept for the forecast, columns left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from revops_xl.errors import Problem
from revops_xl.tables.evidence.outcomes import LOST, OPEN, WON, flag_says, is_closing, outcome_of
from revops_xl.tables.forecast.deals import STATUSES
from revops_xl.tables.imports.columns import LEFT_OUT
from revops_xl.tables.schema.cell_values import TRUE_WORDS, is_blank
from revops_xl.tables.schema.raw import RawTable

#: Letters of the usual cell from which a column is prose.
PROSE = 60
STATUS, STAGE = "Status", "Stage"


def with_status(raw: RawTable, problems: list[Problem]) -> tuple[RawTable, str]:
    """The deals with a status in our words, and how it was found; "" where the file has it so.

    Args:
        raw: The file's table with our names.
        problems: Gets rows whose status cannot be told.
    """
    if STATUS in raw.headers:
        return _in_our_words(raw)
    flags = {header: said for header in raw.headers if (said := flag_says(header)) is not None}
    if flags:
        made = _by_flags(raw, flags, problems)
        _refuse_contradictions(raw, made, " and ".join(flags), problems)
        return _added(raw, made), f"made of {' and '.join(flags)}"
    if STAGE in raw.headers:
        words = {text: is_closing(text) or OPEN for text in set(map(str, raw.column(STAGE))) if not is_blank(text)}
        ended = [word for word, outcome in words.items() if outcome != OPEN]
        told = f"made of Stage: {', '.join(ended)} closed, the rest open" if ended else "made of Stage: none says won or lost, so all are open"  # fmt: skip
        blank = [row for row, cell in enumerate(raw.column(STAGE)) if is_blank(cell)]
        if blank:
            where = ", ".join(raw.cell(row, STAGE) for row in blank[:3])
            problems.append(Problem(raw.sheet, where, "the stage is blank, and nothing else says whether the deal is won", "Fill it in, or leave the row out."))  # fmt: skip
        return _added(raw, [words.get(str(cell), "") for cell in raw.column(STAGE)]), told
    message = "nothing says which deals are won, lost or open: no column Status, Stage, Is Won or Is Closed"
    problems.append(
        Problem(raw.sheet, raw.header_cell(), message, 'Name the column that does: --map "ITS NAME=Status".')
    )
    return raw, ""


def _in_our_words(raw: RawTable) -> tuple[RawTable, str]:
    """Words of other programs for won, lost and open as ours; a word that is none of them is left to be refused."""
    cells = raw.column(STATUS)
    words: dict[str, str] = {}
    for cell in cells:
        text = "" if is_blank(cell) else str(cell).strip()
        if text and text.casefold() not in {each.casefold() for each in STATUSES} and outcome_of(text):
            words[str(cell)] = outcome_of(text)
    if not words:
        return raw, ""
    at = raw.headers.index(STATUS)
    said = [words.get(str(cell), cell) for cell in cells]
    told = ", ".join(f"{theirs} is {ours}" for theirs, ours in words.items())
    return replace(raw, columns=(*raw.columns[:at], said, *raw.columns[at + 1 :])), told


def _by_flags(raw: RawTable, flags: dict[str, tuple[str, bool]], problems: list[Problem]) -> list[str]:
    found = []
    for row in range(len(raw)):
        said: dict[str, bool] = {}
        for header, (outcome, yes) in flags.items():
            flag = _flag(raw.column(header)[row])
            if flag is None:
                fix = "Write TRUE or FALSE."
                problems.append(Problem(raw.sheet, raw.cell(row, header), f"{header} is neither TRUE nor FALSE", fix))
                continue
            said[outcome] = flag is yes
        found.append(_outcome(said))
    return found


def _refuse_contradictions(raw: RawTable, made: Sequence[str], flags: str, problems: list[Problem]) -> None:
    """Refuse deals whose stage says another end than the flags."""
    for row, cell in enumerate(raw.column(STAGE) if STAGE in raw.headers else ()):
        said = "" if is_blank(cell) else is_closing(str(cell))
        if said and said != made[row]:
            message = f'{STAGE} is "{cell}", but {flags} say that the deal is {made[row]}'
            problems.append(Problem(raw.sheet, raw.cell(row, STAGE), message, "Correct the one that is out of date."))


def _outcome(said: dict[str, bool]) -> str:
    if said.get(WON):
        return WON
    if said.get(LOST) or said.get(OPEN) is False:
        return LOST
    return OPEN


def _flag(cell: Any) -> bool | None:
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float) and cell in {0, 1}:
        return bool(cell)
    return TRUE_WORDS.get(cell.strip().lower()) if isinstance(cell, str) else None


def _added(raw: RawTable, status: Sequence[str]) -> RawTable:
    return replace(raw, headers=(*raw.headers, STATUS), columns=(*raw.columns, status))


def reason_to_leave_out(cells: Sequence[Any]) -> str:
    """Why a column that nobody asked for is not brought along; "" if it may tell something of deals."""
    filled = [cell for cell in cells if not is_blank(cell)]
    if not filled:
        return f"{LEFT_OUT}: blank"
    lengths = sorted(len(str(cell)) for cell in filled if isinstance(cell, str))
    if lengths and lengths[len(lengths) // 2] > PROSE:
        return f"{LEFT_OUT}: prose"
    return ""
