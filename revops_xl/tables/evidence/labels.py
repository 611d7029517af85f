"""Labels that stand once per group, as reports print them: a blank below means the label above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

#: A label that stands again for its group, as on a new page, by label that is left away.
_PAGES = 0.34


class Labels(StrEnum):
    """How a level column is written."""

    WRITTEN = "written"
    ONCE = "once"
    JAGGED = "jagged"
    TWO_READINGS = "two readings"
    NO_FIRST = "no first label"


@dataclass(frozen=True)
class FilledLabels:
    """Level columns with their labels.

    Attributes:
        verdicts: How each column but the last is written.
        columns: The columns, filled down where labels stand once, or could.
        filled: Rows that were filled, by column.
    """

    verdicts: Mapping[str, Labels]
    columns: Mapping[str, list[str | None]]
    filled: Mapping[str, tuple[int, ...]]


def labels_once(columns: Mapping[str, Sequence[str | None]], *, fill: bool | None = None) -> FilledLabels:
    """Tell labels that stand once from branches that skip a level.

    A column has its labels once if it has blanks, no label stands twice in its group to the left, and a blank follows a
    label. A blank top level settles it, and settles it for the columns beside; else there are two readings.

    Args:
        columns: Level columns, the top first, the ICs last.
        fill: What is decided about columns with two readings; None: nothing.
    """
    *levels, last = columns
    done: dict[str, list[str | None]] = {}
    verdicts: dict[str, Labels] = {}
    rows: dict[str, tuple[int, ...]] = {}
    groups: list[tuple[str | None, ...]] = [()] * len(columns[last])
    for i, name in enumerate(levels):
        cells = list(columns[name])
        if all(cells):
            verdicts[name] = Labels.WRITTEN
        else:
            verdicts[name], cells, rows[name] = _one(
                cells, groups, top=i == 0, settled=Labels.ONCE in verdicts.values(), fill=fill
            )
        done[name] = cells
        groups = [(*group, cell) for group, cell in zip(groups, cells, strict=True)]
    return FilledLabels(verdicts, {**done, last: list(columns[last])}, {name: r for name, r in rows.items() if r})


def _one(
    cells: list[str | None],
    groups: Sequence[tuple[str | None, ...]],
    *,
    top: bool,
    settled: bool,
    fill: bool | None,
) -> tuple[Labels, list[str | None], tuple[int, ...]]:
    """A column with blanks: how it is written, its cells, and the rows that were filled."""
    seen: set[tuple[tuple[str | None, ...], str]] = set()
    last: dict[tuple[str | None, ...], str] = {}
    filled = list(cells)
    rows = []
    repeated, again = False, 0
    for row, cell in enumerate(cells):
        if cell:
            if last.get(groups[row]) == cell:
                again += 1  # once more for the same group, as after a page break
            else:
                repeated = repeated or (groups[row], cell) in seen
            seen.add((groups[row], cell))
            last[groups[row]] = cell
        elif groups[row] in last:
            filled[row] = last[groups[row]]
            rows.append(row)
    if top and not cells[0]:
        return Labels.NO_FIRST, cells, ()
    if not rows or repeated or again > _PAGES * len(rows):
        return Labels.JAGGED, cells, ()
    if top or settled or fill:
        return Labels.ONCE, filled, tuple(rows)
    return (Labels.JAGGED, cells, ()) if fill is False else (Labels.TWO_READINGS, filled, tuple(rows))
