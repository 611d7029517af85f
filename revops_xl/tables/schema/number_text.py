"""Numbers that were typed as text, read under one locale or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from revops_xl.tables.evidence.separators import readings

MINUS = "-\u2212"
SPACES = " \u00a0\u202f\u2009"
APOSTROPHES = "'\u2019"


@dataclass(frozen=True)
class ReadNumber:
    """A number read from text, and whether it was written as a percentage."""

    value: float
    percent: bool


@dataclass(frozen=True)
class NumberLocale:
    """How a workbook writes numbers: its separators and its currency.

    Attributes:
        name: Locale such as en-US.
        currency: ISO code such as USD.

    Example:
        >>> NumberLocale("en-US", "USD").read("($1,234.50)")
        ReadNumber(value=-1234.5, percent=False)
        >>> NumberLocale("de-DE", "EUR").read("1.234,5 €").value
        1234.5
        >>> NumberLocale("en-US", "USD").read("1.234,5") is None
        True
    """

    name: str = "en-US"
    currency: str = "USD"

    @cached_property
    def _separators(self) -> tuple[str, str, bool]:
        """Decimal separator, group separators, and whether groups above the first have two digits."""
        if self.name.replace("_", "-") == "en-US":  # spare the default the import of babel
            return ".", ",", False
        from babel import Locale  # noqa: PLC0415  (only needed for texts under another locale)
        from babel.numbers import get_decimal_symbol, get_group_symbol  # noqa: PLC0415

        locale = Locale.parse(self.name.replace("-", "_"))
        group = get_group_symbol(locale)
        for family in (SPACES, APOSTROPHES):
            if group in family:
                group = family
        return get_decimal_symbol(locale), group, locale.decimal_formats[None].grouping == (3, 2)

    @cached_property
    def _symbols(self) -> str:
        """The currency's spellings as alternatives of a pattern."""
        symbols = {self.currency}
        if self.currency == "USD" and self.name == "en-US":
            symbols.add("$")
        else:
            from babel import Locale  # noqa: PLC0415
            from babel.numbers import get_currency_symbol  # noqa: PLC0415

            for locale in (Locale.parse(self.name.replace("-", "_")), Locale("en")):
                symbol = get_currency_symbol(self.currency, locale)
                symbols |= {symbol, symbol[-1]} if symbol[-1] in "$£¥" else {symbol}
        return "|".join(map(re.escape, sorted(symbols, key=len, reverse=True)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        decimal, group, pairs = self._separators
        g = f"[{re.escape(group)}]"
        grouped = rf"\d{{1,2}}(?:{g}\d{{2}})*{g}\d{{3}}" if pairs else rf"\d{{1,3}}(?:{g}\d{{3}})+"
        body = rf"(?P<whole>{grouped}|\d+)?(?:{re.escape(decimal)}(?P<part>\d+))?"
        space, money = f"[{SPACES}]?", self._symbols
        return re.compile(
            rf"(?P<open>\()?{space}(?P<sign>[{MINUS}+])?{space}(?P<before>{money})?{space}(?P<inner>[{MINUS}])?"
            rf"{body}{space}(?P<after>{money}|%)?{space}(?P<close>\))?"
        )

    def read(self, text: str) -> ReadNumber | None:
        """The one number this text can mean under the locale, or None."""
        match = self._pattern.fullmatch(text.strip(SPACES + "\t"))
        if match is None:
            return None
        found = match.groupdict()
        negative = [bool(found["open"]), found["sign"] is not None and found["sign"] in MINUS, bool(found["inner"])]
        signs = sum((bool(found["open"]), found["sign"] is not None, bool(found["inner"])))
        ends = [found["before"], found["after"]]
        if bool(found["open"]) != bool(found["close"]) or signs > 1 or all(ends):
            return None
        if found["whole"] is None and found["part"] is None:
            return None
        digits = re.sub(r"\D", "", found["whole"] or "0")
        if len(digits.lstrip("0")) > 15:  # a spreadsheet would have cut it, so nobody can have meant it
            return None
        percent = found["after"] == "%"
        value = float(f"{digits}.{found['part'] or 0}")
        if percent:
            value = float(f"{digits}.{found['part'] or 0}e-2")
        return ReadNumber(-value if any(negative) else value, percent)

    @property
    def decimal(self) -> str:
        """Its decimal separator."""
        return self._separators[0]

    @property
    def example(self) -> str:
        """How the locale writes a number, for messages."""
        decimal, group, _ = self._separators
        return f"1{group[0]}234{decimal}56"


_UNSIGNED = re.compile(rf"\d{{1,3}}(?:[{SPACES}]\d{{3}})+|\d{{1,3}}(?:[{APOSTROPHES}]\d{{3}})+")


def read_number(text: str, decimal: str) -> ReadNumber | None:
    """The number that a text means with this decimal separator, however it groups; None if it means none.

    Args:
        text: Without a currency.
        decimal: "." or ",".

    Example:
        >>> read_number("(1.234,5)", ",").value, read_number("1'234.50", ".").value, read_number("12,5 %", ",").value
        (-1234.5, 1234.5, 0.125)
    """
    bare = text.strip(SPACES + "\t")
    percent = bare.endswith("%")
    bare = bare.removesuffix("%").strip(SPACES)
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare[1:-1].strip(SPACES) if negative else bare
    if bare[:1] and bare[0] in MINUS + "+":
        if negative:
            return None
        negative, bare = bare[0] in MINUS, bare[1:].strip(SPACES)
    elif bare[-1:] and bare[-1] in MINUS:
        if negative:
            return None
        negative, bare = True, bare[:-1].strip(SPACES)
    whole = bare.partition(decimal)[0]
    if _UNSIGNED.fullmatch(whole):
        bare = re.sub(rf"[{SPACES}{APOSTROPHES}]", "", whole) + bare[len(whole) :]
    if re.search(r"[^\d.,]", bare):
        return None
    value = readings(bare)[decimal == ","]
    if value is None or len(re.sub(r"\D", "", bare.partition(decimal)[0]).lstrip("0")) > 15:
        return None
    value = float(f"{value!r}e-2") if percent else value
    return ReadNumber(-value if negative else value, percent)


@lru_cache
def is_locale(name: str) -> bool:
    """Whether babel knows the locale."""
    if name == "en-US":
        return True
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


@lru_cache
def is_currency(code: str) -> bool:
    """Whether this is an ISO currency code."""
    if code == "USD":
        return True
    from babel.numbers import is_currency as known  # noqa: PLC0415

    return known(code)
