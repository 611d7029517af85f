"""How large a file may be, and how long the reading of a file from outside may take; settable by whoever deploys the tool."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import Self

from revops_xl.errors import PlanError, Problem


def _limit(default: int, help_text: str) -> int:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Limits of the gate; each can be set with an environment variable.

    Example:
        >>> FileLimits().ratio
        400
    """

    file_mib: int = _limit(512, "MiB that a file may have")
    unpacked_mib: int = _limit(4096, "MiB that its parts may have when unpacked")
    ratio: int = _limit(400, "times its size that a file of more than 50 MiB unpacked may unpack to")
    parts: int = _limit(20_000, "parts that a file may have")
    texts: int = _limit(4_000_000, "different texts that a workbook may have")
    cells: int = _limit(100_000_000, "cells that a sheet may reach over; a sparse sheet is refused from 5 million")
    outside_memory_mib: int = _limit(1024, "MiB of memory for reading a file from outside")
    outside_seconds: int = _limit(60, "seconds for reading a file from outside")

    @classmethod
    def variable(cls, name: str) -> str:
        """Environment variable of a limit.

        Example:
            >>> FileLimits.variable("file_mib")
            'REVOPS_MAX_FILE_MIB'
        """
        return f"REVOPS_MAX_{name.upper()}"

    @classmethod
    def from_environment(cls) -> Self:
        """The defaults, with what the environment says instead.

        Raises:
            PlanError: A variable holds no whole number above 0.
        """
        given, problems = {}, []
        for limit in fields(cls):
            variable = cls.variable(limit.name)
            text = os.environ.get(variable, "").strip()
            if text.isascii() and text.isdecimal() and int(text) > 0:
                given[limit.name] = int(text)
            elif text:
                message = f'"{text}" is no whole number above 0: {limit.metadata["help"]}'
                problems.append(Problem(variable, "", message, "Correct the environment variable, or remove it."))
        if problems:
            raise PlanError(problems)
        return cls(**given)

    @classmethod
    def rows(cls) -> list[tuple[str, int, str]]:
        """Variable, default and meaning of each limit, for the guide of files and `doctor`."""
        return [(cls.variable(limit.name), int(str(limit.default)), limit.metadata["help"]) for limit in fields(cls)]
