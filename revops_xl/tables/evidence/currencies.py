"""Currencies as people write them beside an amount, in a column of their own, or in a cell's format."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

#: Signs that stand for one currency.
_SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND",
    "₴": "UAH", "₦": "NGN", "₱": "PHP", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "R$": "BRL", "US$": "USD",
    "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD",
    "MX$": "MXN", "S/": "PEN", "R": "ZAR", "SFr.": "CHF", "SFr": "CHF", "Fr": "CHF", "CN¥": "CNY", "JP¥": "JPY", "Fr.": "CHF", "元": "CNY", "円": "JPY",
}  # fmt: skip
#: Signs that several currencies share.
_SHARED = {
    "$": frozenset(
        [
            "USD",
            "CAD",
            "AUD",
            "NZD",
            "HKD",
            "SGD",
            "MXN",
            "ARS",
            "CLP",
            "COP",
            "TWD",
            "UYU",
            "DOP",
            "BBD",
            "FJD",
            "JMD",
            "BSD",
            "BZD",
            "TTD",
            "XCD",
        ]
    ),
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
    r"[a-z]*currency(iso)?(code)?|currencyofvalue|(amount|deal|local|billing|contract|pay)?(ccy|curr?|fx)|w[äa]hrung|devise|moneda|valuta"
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
        rest = (before[1].strip() + " " + bare[before.end() :].strip()).strip()
        inner, second = parted(rest)
        # "$12 MXN" and "USD $12" say one thing twice
        codes = [token for token in (before[2], second) if token not in _SHARED]
        if (
            second
            and len(codes) <= 1
            and all(is_currency_of(token, codes[0]) for token in (before[2], second) if codes)
        ):
            return inner, codes[0] if codes else second
        return rest, before[2]
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


def nearest_code(text: str) -> str:
    """The code that a slip of a code most likely means; "" for none.

    Example:
        >>> nearest_code("EURO"), nearest_code("POUND")
        ('EUR', '')
    """
    close = difflib.get_close_matches(text.upper(), ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "CNY", "INR", "SEK", "NOK", "DKK", "PLN", "BRL", "MXN", "SGD", "HKD", "NZD", "ZAR"), n=1, cutoff=0.75)  # fmt: skip
    return close[0] if close else ""


def is_named(text: str) -> bool:
    """Whether a text is a currency's code or sign, and nothing else.

    Example:
        >>> is_named("EUR"), is_named("$"), is_named("Sin_Factura")
        (True, True, False)
    """
    return text in _SIGNS or text in _SHARED or is_code(text.upper())


_FORMAT_TOKEN = re.compile(r'\[\$([^\]\-]+)(?:-[0-9A-Fa-f]+)?\]|"([^"]{1,8})"|([$€£¥₹₩])')


def in_format(code: str) -> str:
    """The currency that a number format shows; "" if it shows none.

    Example:
        >>> in_format('[$¥-411]#,##0'), in_format('#,##0.00 "€"'), in_format("#,##0.00"), in_format('0.0"×"')
        ('¥', '€', '', '')
    """
    plain = re.sub(r"\[\$-[^\]]*\]", "", code)  # [$-409] is a language
    plain = re.sub(r"(?:\\.)+", lambda each: '"' + each[0].replace("\\", "") + '"', plain)  # \C\H\F says CHF
    for match in _FORMAT_TOKEN.finditer(plain):
        token = str(next(filter(None, match.groups()))).strip()
        token = re.split(r"[ /]", token)[0] if len(token) > 3 else token
        if token in _SIGNS or token in _SHARED or is_code(token):
            return token
    return ""
