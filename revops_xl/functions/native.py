"""Worksheet functions as native formulas, where one says exactly the same; for workbooks that leave the add-in behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from revops_xl.model.attainability import HIGH_RISK, LOW_RISK, MEDIUM_RISK, Risk
from revops_xl.model.commits import Bias
from revops_xl.model.pipeline import DEFAULT_AT_RISK, DEFAULT_HEALTHY, Status

#: How a file may write one of our functions: plain, with a prefix for unknown ones, or with the add-in's path before it.
CALL = re.compile(
    r"(?:(?:'[^']*'|\[\d+\][\w.]*|[\w.]+\.xla[m]?)!)?(?:_xldudf_|_xlfn\.|_xlws\.|_xll\.)*(REVOPS_[A-Z_]+)\(",
    re.IGNORECASE,
)
#: One cell or one number: a range would give many values.
_ONE = re.compile(
    r"-?\d+(?:\.\d+)?%?|(?:'[^']+'!|[\w.]+!)?\$?[A-Z]{1,3}\$?\d+|\w+\[\[#This Row\],\[[^\[\]]+\]\]|[A-Za-z_][\w.]*",
    re.IGNORECASE,
)


def native(formula: str) -> str | None:
    """A formula without our functions; None where there is none that says the same.

    Args:
        formula: As the file stores it, without the leading equals sign.

    Example:
        >>> native("REVOPS_ATTAINABILITY(D2,E2)*100")
        '(IF(N(E2)>0,IF(D2="","",D2/E2),""))*100'
        >>> native("REVOPS_CASCADE(A1:F9,1000)") is None
        True
    """
    text = formula
    for _ in range(64):
        found = _first_call(text)
        if found is None:
            return text
        start, open_at, name = found
        end = _closing(text, open_at)
        if end < 0:
            return None
        make = _NATIVE.get(name.upper())
        said = make(_arguments(text[open_at + 1 : end])) if make is not None else None
        if said is None:
            return None
        text = f"{text[:start]}({said}){text[end + 1 :]}"
    return None


def uses_ours(formula: str) -> bool:
    """Whether a formula calls one of our functions."""
    return _first_call(formula) is not None


def _first_call(text: str) -> tuple[int, int, str] | None:
    """Where the first call begins, where its bracket opens, and its name; texts in quotes are passed over."""
    quoted = [(match.start(), match.end()) for match in re.finditer(r'"(?:[^"]|"")*"', text)]
    for match in CALL.finditer(text):
        if not any(start <= match.start(1) < end for start, end in quoted):
            return match.start(), match.end() - 1, match[1]
    return None


def _closing(text: str, open_at: int) -> int:
    """Where the bracket closes; -1 if it does not."""
    depth, in_text, in_name = 0, False, False
    for place in range(open_at, len(text)):
        char = text[place]
        if char == '"' and not in_name:
            in_text = not in_text
        elif char == "'" and not in_text:
            in_name = not in_name
        elif not in_text and not in_name:
            depth += (char in "([{") - (char in ")]}")
            if depth == 0:
                return place
    return -1


def _arguments(text: str) -> list[str]:
    """Arguments of a call, blank ones among them."""
    found, start, place = [], 0, 0
    while place <= len(text):
        if place == len(text) or text[place] == ",":
            found.append(text[start:place].strip())
            start = place + 1
        elif text[place] in "([{":
            place = max(_closing(text, place), place)
        elif text[place] in "\"'":
            place = max(text.find(text[place], place + 1), place)
        place += 1
    return found if found != [""] else []


#: A number as such: a cell in its place could be blank, which means the default.
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")
#: One range or cell, without arithmetic.
_RANGE = re.compile(
    r"(?:(?:'[^']+'|[\w.]+)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?|\w+\[[^\[\]]+\]", re.IGNORECASE
)


def _ones(arguments: Sequence[str], defaults: Sequence[str | None]) -> list[str] | None:
    """Each argument as one cell or number, defaults for those left out; None where that cannot be said."""
    if len(arguments) > len(defaults):
        return None
    given = [*arguments, *[""] * (len(defaults) - len(arguments))]
    found = []
    for text, default in zip(given, defaults, strict=True):
        said = text or default
        if said is None or not _ONE.fullmatch(said):
            return None
        found.append(said)
    return found


def _compound(arguments: list[str]) -> str | None:
    if not 1 <= len(arguments) <= 2 or not arguments[0]:
        return None
    layers = arguments[1] if len(arguments) == 2 and arguments[1] else "1"
    whole = _RANGE.fullmatch(arguments[0]) or _NUMBER.fullmatch(arguments[0])
    return f"PRODUCT({arguments[0]})^{layers}" if whole and _NUMBER.fullmatch(layers) else None


def _attainability(arguments: list[str]) -> str | None:
    found = _ones(arguments, (None, None))
    if found is None:
        return None
    history, quota = found
    return f'IF(N({quota})>0,IF({history}="","",{history}/{quota}),"")'


def _risk(arguments: list[str]) -> str | None:
    found = _ones(arguments, (None,))
    if found is None:
        return None
    (value,) = found
    steps = ((LOW_RISK, Risk.LOW), (MEDIUM_RISK, Risk.MEDIUM), (HIGH_RISK, Risk.HIGH))
    text = f'"{Risk.VERY_HIGH}"'
    for limit, risk in reversed(steps):
        text = f'IF({value}>={limit},"{risk}",{text})'
    return f'IF({value}="","{Risk.NO_HISTORY}",{text})'


def _status(arguments: list[str]) -> str | None:
    found = _ones(arguments, (None, None, f"{DEFAULT_HEALTHY:g}", f"{DEFAULT_AT_RISK:g}"))
    if found is None:
        return None
    pipeline, quota, healthy, at_risk = found
    if not (_NUMBER.fullmatch(healthy) and _NUMBER.fullmatch(at_risk)):
        return None
    coverage = f"ROUND({pipeline}/{quota},12)"
    return (
        f'IF(AND({pipeline}="",{quota}=""),"",IF(N({quota})<=0,"{Status.NO_QUOTA}",IF({pipeline}="","{Status.NO_PIPELINE}",IF({coverage}>={healthy},"{Status.HEALTHY}",'
        f'IF({coverage}>={at_risk},"{Status.MODERATE}",IF({coverage}>=1,"{Status.AT_RISK}","{Status.CRITICAL}"))))))'
    )


def _quotient(arguments: list[str]) -> str | None:
    if len(arguments) != 2 or not all(arguments):
        return None  # shrinkage needs the mean of closed periods
    commits, actuals = arguments
    if not (_RANGE.fullmatch(commits) and _RANGE.fullmatch(actuals)):
        return None
    return f"IFERROR(SUM({actuals})/SUMPRODUCT(ISNUMBER({actuals})*{commits}),1)"


def _label(arguments: list[str]) -> str | None:
    found = _ones(arguments, (None, "0.1"))
    if found is None:
        return None
    value, band = found
    if not _NUMBER.fullmatch(band):
        return None
    return (
        f'IF({value}="","",IF(ROUND({value}-1-{band},12)>0,"{Bias.SANDBAGGER}",'
        f'IF(ROUND({value}-1+{band},12)<0,"{Bias.HAPPY_EARS}","{Bias.NEUTRAL}")))'
    )


def _safe_budget(arguments: list[str]) -> str | None:
    if not 1 <= len(arguments) <= 2 or not arguments[0]:
        return None
    limit = arguments[1] if len(arguments) == 2 and arguments[1] else "0.6"
    first = arguments[0]
    usable = _RANGE.fullmatch(first) and ":" in first and _NUMBER.fullmatch(limit)
    return f"ROUND(SUM(INDEX({first},1):INDEX({first},4))*{limit},2)" if usable else None


_NATIVE: dict[str, Callable[[list[str]], str | None]] = {
    "REVOPS_COMPOUND_HEDGE": _compound,
    "REVOPS_ATTAINABILITY": _attainability,
    "REVOPS_RISK": _risk,
    "REVOPS_COVERAGE_STATUS": _status,
    "REVOPS_BIAS_QUOTIENT": _quotient,
    "REVOPS_BIAS_LABEL": _label,
    "REVOPS_SAFE_BUDGET": _safe_budget,
}
