"""What people write for a deal that is won, lost or open: words of CRMs in English, German, French, Spanish and Portuguese."""

from __future__ import annotations

import re

WON, LOST, OPEN = "Won", "Lost", "Open"
_WORDS = {
    WON: (
        "won", "closed won", "closedwon", "won deal", "win", "signed", "booked", "gewonnen", "gagné", "gagne", "gagnée",
        "ganado", "ganada", "cerrado ganado", "cerrada ganada", "ganho", "ganha", "fechado ganho", "受注", "выиграна",
    ),
    LOST: (
        "lost", "closed lost", "closedlost", "lost deal", "loss", "dead", "abandoned", "disqualified", "cancelled", "canceled",
        "omitted", "closed no decision", "no decision", "verloren", "perdu", "perdue", "perdido", "perdida", "cerrado perdido",
        "cerrada perdida", "fechado perdido", "失注", "проиграна",
    ),
    OPEN: (
        "open", "offen", "in progress", "new", "ouvert", "ouverte", "abierto", "abierta", "aberto", "aberta", "active", "pending",
        "in bearbeitung", "en cours", "on hold", "negotiation", "prospecting", "proposal", "qualified", "qualification",
    ),
}  # fmt: skip
_BY_WORD = {word: outcome for outcome, words in _WORDS.items() for word in words}
#: A number before a stage, as in "6 - Closed Won", and what follows an outcome, as in "Won - Renewal".
_NUMBER = re.compile(r"^\W*\d+\W+")


def outcome_of(text: str) -> str:
    """Won, Lost or Open if a text says it; "" otherwise.

    Example:
        >>> [outcome_of(text) for text in ("6 - Closed Won", "Closed - Lost", "Won (Renewal)", "Proposal", "Delivered")]
        ['Won', 'Lost', 'Won', 'Open', '']
    """
    plain = re.sub(r"[\W_]+", " ", _NUMBER.sub("", text.strip().casefold())).strip()
    if plain in _BY_WORD:
        return _BY_WORD[plain]
    first = plain.partition(" ")[0]
    closed = re.fullmatch(r"closed (won|lost)\b.*", plain)
    if closed is not None:
        return WON if closed[1] == "won" else LOST
    return {"won": WON, "lost": LOST}.get(first, "")


def is_closing(text: str) -> str:
    """Won or Lost if a stage says that a deal has ended so, in words that no stage before has; "" otherwise.

    Example:
        >>> [is_closing(text) for text in ("Closed Won", "Pending", "Dead", "Win back")]
        ['Won', '', 'Lost', '']
    """
    found = outcome_of(text)
    return "" if found == OPEN else found


def flag_says(header: str) -> tuple[str, bool] | None:
    """What a TRUE/FALSE column beside the status says, by its name: ("Won", True) for won, ("Open", False) for closed.

    Example:
        >>> flag_says("IsWon"), flag_says("is_closed"), flag_says("Renewal")
        (('Won', True), ('Open', False), None)
    """
    plain = re.sub(r"[\W_]", "", header.casefold())
    if plain in {"iswon", "wonflag", "winflag"}:
        return WON, True
    if plain in {"islost", "lostflag"}:
        return LOST, True
    return (OPEN, False) if plain in {"isclosed", "closedflag"} else None
