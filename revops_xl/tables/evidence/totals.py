"""Rows that are not rows: totals, subtotals, footers and headers that a report put between the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from revops_xl.model.money import Floats

_TOTAL = re.compile(
    r"((grand|overall|report) |sub[- ]?)?totals?:?(?: \(?\d[\d,. ]*\)?)?|insgesamt|合計|итого|eindtotaal|\u03a3|gesamt|gesamtsumme|summe|zwischensumme|ergebnis|gesamtergebnis|teilergebnis"
    r"|total g[ée]n[ée]ral|sous[- ]?total|totale|suma|sumas|total general|subtotaal|totaal",
    re.IGNORECASE,
)
_MEAN = r"averages?|avg\.?|median|durchschnitt|mittelwert|moyenne|promedio"
_OTHER = re.compile(rf"(?:(?:team|group|overall|region) )?(?:{_MEAN})(?: of .+)?:?|[ØØ⌀](?: .*)?", re.IGNORECASE)
#: Words that may be names, too: of people, or of what is for all. They count only with numbers that say the same.
_MAYBE_TOTAL = re.compile(
    r"sum(?: of .+)?|all(?: reps| teams)?|overall|(?:team|group|region|company) total|subtotal .+", re.IGNORECASE
)
_MAYBE_OTHER = re.compile(r"max|min|mean|count|media|anzahl", re.IGNORECASE)
_AROUND = re.compile(
    r"total(?: for| of| de| du)? (?P<after>.+)|(?P<before>.+?)[ :\-–—]+(?:sub[- ]?)?totals?:?"
    r"|(?P<word>.+?)[ :\-–—]+(?:ergebnis|gesamt|summe|zwischensumme)|(?:gesamt|summe|zwischensumme|sous-total|suma)[ :]+(?P<behind>.+)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:grand )?totals? ?\(\d[\d,. ]* (?:records?|rows?|items?)\)", re.IGNORECASE)
_FOOTER = re.compile(
    r"confidential|copyright|©|\(c\) \d{4}|generated (?:by|on)|do not distribute|filtered by|all rights reserved|as of date"
    r"|vertraulich|erstellt am|confidentiel|confidencial",
    re.IGNORECASE,
)
#: How far a sum may be off by the rounding of each of its terms.
_ROUNDING = 0.005
#: Larger numbers are slips, of which the sum says nothing.
_LARGEST = 1e18
#: Sums without a name that are told.
_MOST_SUMS = 100
#: Numbers below it add up by chance.
_FEW_DIGITS = 100.0


class Verdict(StrEnum):
    """What a row is, if it is no row."""

    TOTAL = "total"
    NAME_ONLY = "name only"
    SUM_ONLY = "sum only"
    FOOTER = "footer"
    HEADER = "header"


@dataclass(frozen=True)
class OddRow:
    """A row that is none, or may be none.

    Attributes:
        row: Its index.
        verdict: What it is.
        column: Header of the cell that tells.
        text: That cell; "" if only the numbers tell.
    """

    row: int
    verdict: Verdict
    column: str
    text: str = ""


def odd_rows(
    texts: Mapping[str, Sequence[Any]], numbers: Mapping[str, Floats], key: str = "", *, sums: bool = True
) -> list[OddRow]:
    """The rows of a table that are none, by name and by being a sum.

    A total is called so and is the sum of the rows since the last total, or of all before. A row that is only called so
    may be a total with a slip, or a person; one that is only a sum may be one by chance.

    Args:
        texts: Cells of the columns with names; None or "" is blank.
        numbers: Cells of the columns with numbers; NaN is blank.
        key: Column of ids: a row with an id of its own is no total.
        sums: Whether rows that are sums without being called totals are told.
    """
    columns: list[Any] = [*texts.values(), *numbers.values()]
    count = len(columns[0]) if columns else 0
    if not count:
        return []
    labels, found = _labels(texts), _headers(texts, count)
    called = _called(texts, key, labels, found, count)
    found.update(_footers(texts, numbers, count, called))
    named = {row: odd for row, odd in called.items() if row not in found}
    verdicts = _by_sums(numbers, named, set(found), count, sums=sums)
    for row, verdict in verdicts.items():
        column, text, _ = named.get(row, ("", "", False))
        nameless = bool(texts) and not any(cells[row] for cells in texts.values())
        if verdict is Verdict.SUM_ONLY and nameless:  # nobody is called nothing
            verdict = Verdict.TOTAL  # noqa: PLW2901
        found[row] = OddRow(row, verdict, column, text)
    return [found[row] for row in sorted(found)]


def _labels(texts: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    """How often each text stands anywhere, without regard to case."""
    counts: dict[str, int] = {}
    for cells in texts.values():
        for cell, count in _counted(cells).items():
            if cell:
                low = str(cell).strip().casefold()
                counts[low] = counts.get(low, 0) + count
    return counts


def _counted(cells: Sequence[Any]) -> Counter[Any]:
    """How often each cell stands in a column."""
    try:
        return Counter(cells)
    except TypeError:  # a cell that is no plain value
        return Counter(map(str, cells))


def _headers(texts: Mapping[str, Sequence[Any]], count: int) -> dict[int, OddRow]:
    """Rows that repeat the headers."""
    if len(texts) < 2:
        return {}
    first, *others = texts
    same = [row for row in range(count) if str(texts[first][row] or "").strip() == first]
    return {
        row: OddRow(row, Verdict.HEADER, first, first)
        for row in same
        if any(str(texts[name][row] or "").strip() == name for name in others)
        and all(str(texts[name][row] or "").strip() in {"", name} for name in others)
    }


def _called(
    texts: Mapping[str, Sequence[Any]],
    key: str,
    labels: Mapping[str, int],
    skipped: Mapping[int, OddRow],
    count: int,
) -> dict[int, tuple[str, str, bool]]:
    """Rows with a cell that is called a total: column, text, and whether that is strong evidence."""
    found: dict[int, tuple[str, str, bool]] = {}
    for name, cells in texts.items():
        kinds: dict[str, bool] = {}
        for cell, times in _counted(cells).items():
            if isinstance(cell, str) and cell and times <= max(1, count // 2):  # what most rows have is a label
                strong = _is_called(cell.strip(), labels)
                if strong is not None:
                    kinds[cell] = strong
        for row in range(count) if kinds else ():
            cell = cells[row]
            if not isinstance(cell, str) or cell not in kinds or row in skipped:
                continue
            strong = kinds[cell]
            if row not in found or (strong and not found[row][2]):
                found[row] = (name, cell.strip(), strong)
    if key:
        ids = texts.get(key, ())
        own = {row for row in found if row < len(ids) and ids[row] and not _is_total_word(str(ids[row]).strip())}
        found = {row: odd for row, odd in found.items() if row not in own}
    return found


def _is_total_word(text: str) -> bool:
    return (
        _TOTAL.fullmatch(text.strip("* ")) is not None
        or _OTHER.fullmatch(text) is not None
        or _COUNTED.fullmatch(text) is not None
    )


def _is_called(text: str, labels: Mapping[str, int]) -> bool | None:
    """Whether a text is a total word, or one around a label of the table; False for one around anything; None for none."""
    if _is_total_word(text):
        return True
    if _MAYBE_TOTAL.fullmatch(text) or _MAYBE_OTHER.fullmatch(text):
        return False
    around = _AROUND.fullmatch(text)
    if around is None:
        return None
    label = next(part for part in around.groups() if part).strip().casefold()
    return label in labels


def _footers(
    texts: Mapping[str, Sequence[Any]], numbers: Mapping[str, Floats], count: int, called: Mapping[int, Any]
) -> dict[int, OddRow]:
    """Rows with one text, no number, and words that reports end with; and total rows without any number."""
    candidates: dict[int, list[tuple[str, str]]] = {}
    for name, cells in texts.items():
        ends = {cell for cell in _counted(cells) if isinstance(cell, str) and cell and _FOOTER.search(cell)}
        for row in range(count) if ends else called:
            if isinstance(cells[row], str) and cells[row] and (row in called or cells[row] in ends):
                candidates.setdefault(row, []).append((name, cells[row].strip()))
    found = {}
    for row, hits in candidates.items():
        filled = [name for name, cells in texts.items() if cells[row] not in {None, ""}]
        has_number = any(not np.isnan(values[row]) for values in numbers.values())
        if len(filled) == 1 and not has_number and (numbers or row not in called):
            found[row] = OddRow(row, Verdict.FOOTER, *hits[0])
    return found


def _by_sums(
    numbers: Mapping[str, Floats],
    named: Mapping[int, tuple[str, str, bool]],
    skipped: set[int],
    count: int,
    *,
    sums: bool,
) -> dict[int, Verdict]:
    """Verdicts on the rows that are called totals, and on those that are sums without being called so."""
    found: dict[int, Verdict] = {}
    if not numbers:
        return {row: Verdict.NAME_ONLY for row, (_, _, strong) in named.items() if strong}
    values = np.array([numbers[name] for name in numbers])
    filled = ~np.isnan(values)
    amounts = np.where(filled & (np.abs(values) < _LARGEST), values, 0.0)
    detail = np.ones(count, dtype=bool)
    detail[list({*skipped, *named})] = False
    order = sorted(named)
    block = 0
    for row, following in zip(order, [*order, count][1:], strict=True):
        _, text, strong = named[row]
        # beside others, a group of one has its total too
        fewest = 1 if strong and Verdict.TOTAL in found.values() else 2
        spans = ((block, row), (0, row), (row + 1, following), (row + 1, count))
        blocks = [amounts[:, start:end][:, detail[start:end]] for start, end in spans]
        verdict = _judged(amounts[:, row], filled[:, row], blocks, fewest, text)
        if verdict is Verdict.TOTAL:
            found[row] = verdict
            block = row + 1
        elif strong or verdict is Verdict.NAME_ONLY:
            found[row] = Verdict.NAME_ONLY
        else:
            detail[row] = True
    if sums:
        totals = sorted(row for row, verdict in found.items() if verdict is Verdict.TOTAL)
        rest = _unnamed_sums(amounts, filled, detail, totals, set(named))
        back = _unnamed_sums(
            amounts[:, ::-1], filled[:, ::-1], detail[::-1], [count - 1 - row for row in reversed(totals)],
            {count - 1 - row for row in named},
        )  # fmt: skip
        found |= rest | {count - 1 - row: verdict for row, verdict in back.items()}
    return found


def _judged(
    row: Floats, filled: np.ndarray[Any, np.dtype[np.bool_]], blocks: Sequence[Floats], fewest: int, text: str
) -> Verdict | None:
    """A total if all its numbers are sums of one block; only called so if some are, or if they are another figure of it."""
    large = [block for block in blocks if block.shape[1] >= fewest]
    if not filled.any() or not row[filled].any():
        return None
    if any(_are_sums(row, block)[filled].all() for block in large):
        return Verdict.TOTAL
    there = filled & (row != 0)
    if any(2 * (_are_sums(row, block) & there).sum() >= there.sum() for block in large if block.shape[1] >= 2):
        return Verdict.NAME_ONLY
    if _MAYBE_OTHER.fullmatch(text):
        for block in large:
            for figure in (block.mean, block.max, block.min):
                if np.allclose(figure(axis=1)[filled], row[filled]) and np.ptp(block, axis=1).any():
                    return Verdict.NAME_ONLY
    return None


def _are_sums(row: Floats, block: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which numbers of a row are those of a block added up."""
    off = np.abs(block.sum(axis=1) - row)
    return np.asarray(off <= _ROUNDING * (block.shape[1] + 1) + 1e-9 * np.abs(row))


def _unnamed_sums(
    amounts: Floats,
    filled: np.ndarray[Any, np.dtype[np.bool_]],
    detail: np.ndarray[Any, np.dtype[np.bool_]],
    totals: Sequence[int],
    named: set[int],
) -> dict[int, Verdict]:
    """Rows whose filled numbers are all sums of the rows before: since the last sum, or of all.

    A sum is one of two columns or more, or of three rows or more; behind each the next block begins.
    """
    count = amounts.shape[1]
    detail = detail.copy()
    starts = np.zeros(count, dtype=np.int64)
    for row in totals:
        starts[row + 1 :] = row + 1
    found: dict[int, Verdict] = {}
    for _ in range(_MOST_SUMS):
        hits = [row for row in _hits(amounts, filled, detail, starts, named) if row not in found]
        if not hits:
            break
        found[hits[0]] = Verdict.SUM_ONLY
        detail[hits[0]] = False
        starts[hits[0] + 1 :] = np.maximum(starts[hits[0] + 1 :], hits[0] + 1)
    return found


def _hits(
    amounts: Floats,
    filled: np.ndarray[Any, np.dtype[np.bool_]],
    detail: np.ndarray[Any, np.dtype[np.bool_]],
    starts: np.ndarray[Any, np.dtype[np.int64]],
    named: set[int],
) -> list[int]:
    """Rows that are sums of the rows since their start, or of all before."""
    count = amounts.shape[1]
    counted = np.where(detail, amounts, 0.0)
    before = np.concatenate([np.zeros((len(amounts), 1)), np.cumsum(counted, axis=1)], axis=1)
    rows_before = np.concatenate([[0], np.cumsum(detail & (amounts != 0).any(axis=0))])
    found = set()
    columns = filled.sum(axis=0)
    some = (amounts != 0).any(axis=0) & (columns > 0) & detail
    at = np.arange(count)
    for start in (starts, np.zeros(count, dtype=np.int64)):
        terms = rows_before[at] - rows_before[start]
        sums = before[:, at] - np.take_along_axis(before, np.broadcast_to(start, (len(amounts), count)), axis=1)
        near = (np.abs(sums - amounts) <= _ROUNDING * (terms + 1) + 1e-9 * np.abs(amounts)) | ~filled
        hit = near.all(axis=0) & some & (terms >= 2) & ((columns >= 2) | (terms >= 3))
        for row in np.flatnonzero(hit).tolist():
            above = amounts[np.ix_(filled[:, row], np.flatnonzero(detail[int(start[row]) : row]) + int(start[row]))]
            if row not in named and _is_evidence(above):
                found.add(row)
    return sorted(found)


def _is_evidence(above: Floats) -> bool:
    """Whether a sum of these is no accident: numbers of a few digits add up to one another often.

    Columns that are multiples of each other, such as a number and its double, are evidence once.
    """
    if (above != 0).sum(axis=1).max(initial=0) < 2:
        return False  # every number is there once: a copy, no sum
    rank = int(np.linalg.matrix_rank(above))
    if np.count_nonzero(above.any(axis=0)) < 3 and rank < 2:
        return False
    return bool(np.abs(above).max() >= _FEW_DIGITS) or min(above.shape[0], rank) >= 3
