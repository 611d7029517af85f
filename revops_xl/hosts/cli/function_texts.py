"""The worksheet functions described: for the terminal and in Markdown."""

from __future__ import annotations

import difflib
from itertools import groupby

from revops_xl.errors import PlanError, Problem
from revops_xl.functions.declare import Function, Parameter
from revops_xl.functions.registry import BY_NAME, FUNCTIONS


def find(name: str) -> Function:
    """A function by its name, with or without REVOPS_ and in any case.

    Raises:
        PlanError: There is none of this name.
    """
    key = name.upper().replace("-", "_")
    found = BY_NAME.get(key) or BY_NAME.get(f"REVOPS_{key}")
    if found is None:
        close = difflib.get_close_matches(key, [*BY_NAME, *(each.removeprefix("REVOPS_") for each in BY_NAME)], n=1)
        fix = f"Did you mean {close[0]}?" if close else "`revops-xl functions` lists them."
        raise PlanError([Problem("function", "", f'there is no function "{name}"', fix)])
    return found


def listed() -> str:
    """All functions, one a line."""
    width = max(len(function.name) for function in FUNCTIONS)
    lines = []
    for category, group in groupby(FUNCTIONS, key=lambda function: function.category):
        lines += ["", str(category), *(f"  {function.name:<{width}}  {function.help}" for function in group)]
    return "\n".join([*lines[1:], "", "revops-xl functions NAME shows the arguments."])


def in_full(function: Function) -> str:
    """One function with its arguments."""
    width = max(len(each.name) for each in function.parameters)
    arguments = [f"  {each.name:<{width}}  {about(each)}" for each in function.parameters]
    parts = [function.signature, f"  {function.help}", "", *arguments, "", f"Gives: {function.gives}"]
    return "\n".join([*parts, f"In a plan workbook: {function.formula}"])


def about(parameter: Parameter) -> str:
    """What an argument means, with what it may be."""
    allowed = f" One of {', '.join(parameter.choices)}." if parameter.choices else ""
    default = f" Blank: {parameter.default}." if parameter.choices else ""
    return f"{parameter.help}{allowed}{default}"


def markdown() -> str:
    """All functions as tables in Markdown."""
    lines = []
    for category, group in groupby(FUNCTIONS, key=lambda function: function.category):
        lines += ["", f"**{category}**", "", "| function | gives | |", "|---|---|---|"]
        lines += [f"| `{f.signature}` | {f.gives} | {f.help.replace('|', '/')} |" for f in group]
    return "\n".join(lines).strip()
