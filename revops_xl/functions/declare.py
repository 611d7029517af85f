"""How a worksheet function is declared: once, for every host, the function wizard and the reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from revops_xl.functions.cells import Answer
from revops_xl.model.bounds import Bounds
from revops_xl.tables.schema.declare import Table

#: Words that Basic keeps for itself.
BASIC_WORDS = frozenset(
    [
        "addressof",
        "alias",
        "and",
        "any",
        "as",
        "attribute",
        "base",
        "binary",
        "boolean",
        "byref",
        "byte",
        "byval",
        "call",
        "case",
        "cbool",
        "cbyte",
        "ccur",
        "cdate",
        "cdbl",
        "cint",
        "clng",
        "compare",
        "const",
        "csng",
        "cstr",
        "currency",
        "cvar",
        "date",
        "decimal",
        "declare",
        "default",
        "deftype",
        "dim",
        "do",
        "double",
        "each",
        "else",
        "elseif",
        "empty",
        "end",
        "enum",
        "eqv",
        "erase",
        "error",
        "event",
        "exit",
        "explicit",
        "false",
        "float",
        "for",
        "friend",
        "function",
        "get",
        "global",
        "gosub",
        "goto",
        "if",
        "imp",
        "implements",
        "in",
        "input",
        "integer",
        "is",
        "let",
        "lib",
        "like",
        "line",
        "local",
        "lock",
        "long",
        "loop",
        "lset",
        "me",
        "mid",
        "mod",
        "name",
        "new",
        "next",
        "not",
        "nothing",
        "null",
        "object",
        "on",
        "open",
        "option",
        "optional",
        "or",
        "output",
        "paramarray",
        "preserve",
        "print",
        "private",
        "property",
        "public",
        "put",
        "randomize",
        "redim",
        "rem",
        "resume",
        "return",
        "rset",
        "seek",
        "select",
        "set",
        "single",
        "static",
        "step",
        "stop",
        "string",
        "sub",
        "system",
        "tab",
        "text",
        "then",
        "time",
        "to",
        "true",
        "type",
        "typeof",
        "until",
        "variant",
        "wend",
        "while",
        "width",
        "with",
        "write",
        "xor",
    ]
)


class Takes(StrEnum):
    """What an argument is."""

    TABLE = "range with a header row"
    TABLE_OR_NUMBER = "number, or range with a header row"
    TABLE_OR_TEXTS = "names, or range with a header row"
    NUMBERS = "number or range of numbers"
    NAMES = "text or range of texts"
    DAYS = "day or range of days"
    NUMBER = "number"
    WHOLE = "whole number"
    TEXT = "text"
    DAY = "day"
    FLAG = "TRUE or FALSE"


class Category(StrEnum):
    """Where the function wizard lists it."""

    QUOTAS = "RevOps quotas"
    COMMITS = "RevOps commits"
    PIPELINE = "RevOps pipeline"
    FORECAST = "RevOps forecast"
    PLANNING = "RevOps planning"


@dataclass(frozen=True)
class Parameter:
    """One argument.

    Attributes:
        name: As in the function wizard.
        takes: What it is.
        help: What it means, in one or two short sentences.
        needed: It cannot be left out.
        blank: It is needed, but its cells may all be blank.
        default: What a blank means, where that is a value.
        tables: Declarations of the table that it may be: their days are read as days.
        minimum: Smallest number.
        above: The number must be greater than this.
        maximum: Largest number.
        choices: Allowed texts.
    """

    name: str
    takes: Takes
    help: str
    needed: bool = False
    blank: bool = False
    default: Any = None
    tables: tuple[Table, ...] = ()
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a name that Excel's or LibreOffice's Basic could not take: the whole add-in would not compile."""
        if not re.fullmatch("[a-z][a-z0-9_]*", self.name) or self.name in BASIC_WORDS:
            raise ValueError(
                f'"{self.name}" cannot name an argument: it is a word of Basic, or not made of small letters'
            )

    @property
    def bounds(self) -> Bounds:
        """What its numbers may be."""
        return Bounds(self.minimum, self.above, self.maximum, whole=self.takes is Takes.WHOLE)


@dataclass(frozen=True)
class Function:
    """One worksheet function.

    Attributes:
        name: REVOPS_ and what it gives.
        category: Where the wizard lists it.
        help: What it gives, in at most 255 characters.
        parameters: In order, the needed ones first.
        gives: Shape of the result, in words.
        formula: How it is written in a plan workbook.
        example: Arguments that show it, as cells.
        act: Computes it from its `Arguments`.
    """

    name: str
    category: Category
    help: str
    parameters: tuple[Parameter, ...]
    gives: str
    formula: str
    example: tuple[Any, ...]
    act: Callable[[Any], Answer]

    @property
    def signature(self) -> str:
        """Name and arguments, optional ones in brackets."""
        listed = [each.name if each.needed else f"[{each.name}]" for each in self.parameters]
        return f"{self.name}({', '.join(listed)})"
