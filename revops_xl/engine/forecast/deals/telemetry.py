"""What accounts use, as features of their deals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from revops_xl.model.deals import Deals, Feature, FeatureKind, Ints, Usage
from revops_xl.model.money import Floats

CHILD_NODES, USAGE, ENTROPY = "Child nodes", "Usage", "Usage entropy"


def with_usage(deals: Deals, usage: Usage | None) -> Deals:
    """Deals that also know child nodes, total usage, and the Shannon entropy of the usage shares, in bits.

    Several rows of one child node are added up. An account without rows has no known usage, which is not 0.
    """
    if usage is None:
        return deals
    known = (usage.account.codes >= 0) & (usage.child.codes >= 0)
    width = max(len(usage.child.names), 1)
    key = usage.account.codes[known].astype(np.int64) * width + usage.child.codes[known]
    pairs, place = np.unique(key.astype(np.int64), return_inverse=True)
    amounts = np.bincount(place.reshape(-1), weights=usage.amount[known], minlength=len(pairs))
    found = shannon(
        np.array(pairs // width, dtype=np.int64), np.asarray(amounts, dtype=np.float64), len(usage.account.names)
    )
    number = {name: i for i, name in enumerate(usage.account.names)}
    row = np.array([*(number.get(name, -1) for name in deals.account.names), -1], dtype=np.int64)[deals.account.codes]
    features = [
        Feature(name, FeatureKind.NUMBER, np.append(values, np.nan)[row])
        for name, values in zip((CHILD_NODES, USAGE, ENTROPY), found, strict=True)
    ]
    return replace(deals, features=(*deals.features, *features))


def shannon(group: Ints, amounts: Floats, groups: int) -> tuple[Floats, Floats, Floats]:
    """Members, sum, and entropy in bits of the shares of each group; NaN for an empty one.

    Example:
        >>> count, total, bits = shannon(np.array([0, 0, 1]), np.array([5.0, 5.0, 8.0]), 3)
        >>> bits.tolist()
        [1.0, 0.0, nan]
    """
    count = np.bincount(group, minlength=groups).astype(np.float64)
    total = np.bincount(group, weights=amounts, minlength=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = amounts / total[group]
        bits = np.where(share > 0, -share * np.log2(share), 0.0)
    entropy = np.bincount(group, weights=bits, minlength=groups) + 0.0
    empty = count == 0
    return np.where(empty, np.nan, count), np.where(empty, np.nan, total), np.where(empty, np.nan, entropy)
