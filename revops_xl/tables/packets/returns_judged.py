"""Returns and requests judged together: what contradicts, what is decided, what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from revops_xl.tables.packets.ledger import Sent, newest
from revops_xl.tables.packets.returns import (
    ALTERED,
    CONFLICT,
    DECIDED,
    DUPLICATE,
    IN_FORCE,
    MISSING,
    OLDER,
    OPEN,
    READ,
    REJECT,
    REPLACED,
    Request,
    Return,
)


def with_status(returns: Sequence[Return], ledger: Sequence[Sent]) -> list[Return]:
    """Returns judged together: the same twice, two that differ, and what has not come back.

    Args:
        returns: Each with its status as a file of its own, in the order in which they were read.
        ledger: What was sent.
    """
    current = {sent.packet: sent for sent in newest(ledger).values()}
    said: dict[str, set[str]] = defaultdict(set)
    for each in returns:
        if each.packet in current and each.status in READ:
            said[each.packet].add(each.entries)
    found: list[Return] = []
    seen: set[tuple[str, str, bool]] = set()
    for each in returns:
        status, what = each.status, each.what
        if each.status in READ:
            if each.packet not in current:
                status, what = OLDER, "A newer packet was made for this node: ask for that one."
            elif (each.packet, each.entries, bool(each.altered)) in seen:
                status, what = DUPLICATE, "The same as another return."
            elif len(said[each.packet]) > 1:
                other = "Another return of this packet says otherwise: decide request by request."
                status, what = CONFLICT, f"{other} {each.what}".strip()
            seen.add((each.packet, each.entries, bool(each.altered)))
        found.append(replace(each, status=status, what=what))
    back = {each.packet for each in found if each.status in READ}
    found += [
        Return("", sent.packet, sent.node, sent.version, MISSING, what=f"Sent to {sent.recipient}." if sent.recipient else "")
        for sent in current.values()
        if sent.packet not in back
    ]  # fmt: skip
    return found


def settled(returns: Sequence[Return], requests: Sequence[Request]) -> list[Return]:
    """Returns of which everything that was asked is decided need no look any more."""
    asked = {request.packet for request in requests}
    waiting = {request.packet for request in requests if request.state == OPEN}
    done = asked - waiting
    return [
        replace(each, status=DECIDED, what="")
        if each.packet in done and each.status in {CONFLICT, OLDER, ALTERED}
        else each
        for each in returns
    ]


def merged(before: Sequence[Request], new: Sequence[Request], undecided: Mapping[str, bool]) -> list[Request]:
    """Requests as they stand with those that came in: one that is there already keeps its decision.

    Args:
        before: As they stand.
        new: That came in.
        undecided: Packets whose returns were altered or contradict each other: their commits wait for a decision.
    """
    kept = {request.key: request for request in before}
    fresh = {
        request.key: request
        for request in new
        if request.key not in kept
        or kept[request.key].state == REPLACED  # said again after something else was in force
    }
    judged = with_conflicts([*(each for each in before if each.key not in fresh), *fresh.values()])
    in_force = {each.about: each.asked for each in before if each.state == IN_FORCE}
    waits = {
        each.key
        for each in judged
        if each.key in fresh
        and (each.conflict or undecided.get(each.packet) or in_force.get(each.about, each.asked) != each.asked)
    }
    return [replace(each, decision="") if each.key in waits else each for each in judged]


def with_conflicts(requests: Sequence[Request]) -> list[Request]:
    """Each request with the others that would set the same number to something else."""
    groups: dict[tuple[bool, str], list[Request]] = defaultdict(list)
    for request in requests:
        if request.state == OPEN and request.decision != REJECT:
            groups[request.about].append(request)
    found = []
    for request in requests:
        others = [each for each in groups[request.about] if each.asked != request.asked]
        mine = request.state == OPEN and request.decision != REJECT
        text = "; ".join(f"{each.kind} {each.asked:,.2f} in {each.file}" for each in others[:3]) if mine else ""
        found.append(replace(request, conflict=text))
    return found
