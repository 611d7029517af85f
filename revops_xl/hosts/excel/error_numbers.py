"""Excel's errors as the numbers that reach Python; xlwings knows the first seven of them."""

from __future__ import annotations

#: Excel's errors reach Python as these numbers; xlwings knows the first seven.
ERROR_NUMBERS = {
    -2146826288: "#NULL!", -2146826281: "#DIV/0!", -2146826273: "#VALUE!", -2146826265: "#REF!", -2146826259: "#NAME?",
    -2146826252: "#NUM!", -2146826246: "#N/A", -2146826245: "#GETTING_DATA", -2146826243: "#SPILL!", -2146826242: "#CONNECT!",
    -2146826241: "#BLOCKED!", -2146826240: "#UNKNOWN!", -2146826239: "#FIELD!", -2146826238: "#CALC!",
}  # fmt: skip
FIRST_ERROR, LAST_ERROR = -2146826288, -2146825888
