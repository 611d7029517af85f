"""Currencies as people write them beside an amount, in a column of their own, or in a cell's format."""

from __future__ import annotations

import re
from functools import lru_cache

#: Signs that stand for one currency.
_SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND",
    "₴": "UAH", "₦": "NGN", "₱": "PHP", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "R$": "BRL", "US$": "USD",
    "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD",
    "MX$": "MXN", "CN¥": "CNY", "JP¥": "JPY", "Fr.": "CHF", "元": "CNY", "円": "JPY",
}  # fmt: skip
#: Signs that several currencies share.
_SHARED = {
    "$": frozenset(["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP", "TWD"]),
    "¥": frozenset({"JPY", "CNY"}),
    "￥": frozenset({"JPY", "CNY"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
    "kr.": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}
_WORDS = "|".join(map(re.escape, sorted([*_SIGNS, *_SHARED], key=len, reverse=True)))
_TOKEN = rf"(?:[A-Z]{{3}}(?![A-Za-z])|{_WORDS})"
_BEFORE = re.compile(rf"^([(\-\u2212+\s]*)({_TOKEN})(?=[\s\d.,(\-\u2212+])")
_BEHIND = re.compile(rf"(?<=[\d\s.,)])({_TOKEN})([)\s\-\u2212]*)$")
#: Headers of columns that say the currency of a row's amounts, without blanks and signs.
_HEADERS = re.compile(
    r"(amount|opportunity|deal|account|quota|sales|transaction)?currency(iso)?(code)?|currencyofvalue|w[äa]hrung|devise|moneda"
)


def parted(text: str) -> tuple[str, str]:
    """An amount as text without its currency, and the currency: a code or a sign; "" if none is there.

    Example:
        >>> parted("JPY 10,000"), parted("-€ 5"), parted("1.000 kr"), parted("12")
        (('10,000', 'JPY'), ('- 5', '€'), ('1.000', 'kr'), ('12', ''))
    """
    bare = text.strip()
    before = _BEFORE.search(bare)
    if before is not None and _is_known(before[2]):
        return (before[1].strip() + " " + bare[before.end() :].strip()).strip(), before[2]
    behind = _BEHIND.search(bare)
    if behind is not None and _is_known(behind[1]):
        return (bare[: behind.start()].strip() + behind[2].strip()).strip(), behind[1]
    return bare, ""


def is_currency_of(seen: str, plan: str) -> bool:
    """Whether a code or sign can be that of a plan."""
    if seen in _SHARED:
        return plan in _SHARED[seen]
    return _SIGNS.get(seen, seen).upper() == plan.upper()


def named(seen: str) -> str:
    """A code or sign for a message: the code where there is one."""
    return _SIGNS.get(seen, seen)


def names_a_currency(header: str) -> bool:
    """Whether a column of this name says the currency of a row's amounts.

    Example:
        >>> [names_a_currency(text) for text in ("Amount Currency", "CurrencyIsoCode", "Amount", "Currency risk")]
        [True, True, False, False]
    """
    return _HEADERS.fullmatch(re.sub(r"[^a-zà-ÿ]", "", header.lower())) is not None


@lru_cache
def _is_known(token: str) -> bool:
    if token in _SIGNS or token in _SHARED or token in {"USD", "EUR", "GBP", "JPY", "CHF"}:
        return True
    from babel.numbers import is_currency  # noqa: PLC0415  (only where a code stands in a cell)

    return bool(is_currency(token))


def is_code(text: str) -> bool:
    """Whether a text is the code of a currency."""
    return re.fullmatch("[A-Z]{3}", text) is not None and _is_known(text)


def is_named(text: str) -> bool:
    """Whether a text is a currency's code or sign, and nothing else.

    Example:
        >>> is_named("EUR"), is_named("$"), is_named("Sin_Factura")
        (True, True, False)
    """
    return text in _SIGNS or text in _SHARED or is_code(text.upper())


_FORMAT_TOKEN = re.compile(r'\[\$([^\]\-]+)(?:-[0-9A-Fa-f]+)?\]|"([^"]{1,4})"|([$€£¥₹₩])')


def in_format(code: str) -> str:
    """The currency that a number format shows; "" if it shows none.

    Example:
        >>> in_format('[$¥-411]#,##0'), in_format('#,##0.00 "€"'), in_format("#,##0.00"), in_format('0.0"×"')
        ('¥', '€', '', '')
    """
    for match in _FORMAT_TOKEN.finditer(re.sub(r"\[\$-[^\]]*\]", "", code)):  # [$-409] is a language
        token = str(next(filter(None, match.groups()))).strip()
        if token in _SIGNS or token in _SHARED or is_code(token):
            return token
    return ""
