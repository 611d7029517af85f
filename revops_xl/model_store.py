"""Fitted deal models, kept for the next run: in a folder of the user's own, by a digest of everything they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from revops_xl.engine.deals.fit import fit_deals
from revops_xl.engine.deals.model import DealModel
from revops_xl.model.deals import Deals, Feature
from revops_xl.version import __version__

#: Folder for the models instead of the user's cache folder; "off": keep none.
FOLDER_VARIABLE = "REVOPS_CACHE"
#: Older ones are deleted.
MOST_KEPT = 20
#: Fitting fewer deals is quicker than looking a model up.
WORTH_KEEPING = 200
#: What a kept model may consist of, beside what skops trusts: anything else is refused, whoever wrote the file.
TRUSTED = [
    "numpy.dtype",
    "functools.partial",  # of the next one, and of nothing else that is not listed here
    "sklearn.utils.validation.check_array",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    *(
        f"revops_xl.{name}"
        for name in (
            "engine.deals.calibration.Calibration",
            "engine.deals.features.Plan",
            "engine.deals.model.DealModel",
            "engine.deals.model.Tried",
            "engine.deals.values.ValueModel",
            "model.deal_model.Candidate",
            "model.deal_model.ColumnUse",
            "model.deal_model.Standing",
            "model.deal_model.ValueStanding",
        )
    ),
]


def fitted(deals: Deals, as_of: float) -> DealModel | None:
    """`fit_deals`, or the model that it gave for the same deals before.

    A kept model is no pickle: skops reads it, which runs no code of the file and builds only types that are trusted. One
    that cannot be read is fitted again.
    """
    folder = _folder()
    if folder is None or deals.is_closed.sum() < WORTH_KEEPING:
        return fit_deals(deals, as_of)
    path = folder / f"{_digest(deals, as_of)}.skops"
    kept = _load(path)
    if kept is not None:
        return kept
    model = fit_deals(deals, as_of)
    if model is not None:
        with contextlib.suppress(OSError):  # a full disk, or a home that cannot be written: fitted again next time
            _keep(path, model)
    return model


def _folder() -> Path | None:
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    if chosen.lower() == "off":
        return None
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("revops-xl", appauthor=False) / "models"


def _digest(deals: Deals, as_of: float) -> str:
    """A fingerprint of the deals, the day, and the versions of everything that fits."""
    import scipy  # noqa: PLC0415  (slow, and needed anyway when there are deals to learn from)
    import sklearn  # noqa: PLC0415

    ordered = deals.in_order()
    state = hashlib.sha256(repr((__version__, sklearn.__version__, np.__version__, scipy.__version__, as_of)).encode())
    for coded in (ordered.account, ordered.rep, ordered.region):
        state.update(_texts(coded.names) + coded.codes.tobytes())
    state.update(_texts(ordered.ids.tolist()))
    for values in (
        ordered.status,
        ordered.amount,
        ordered.won_amount,
        ordered.rep_probability,
        ordered.created,
        ordered.close,
    ):
        state.update(values.tobytes())
    for feature in (ordered.stage, *ordered.features):
        state.update(_feature(feature))
    return state.hexdigest()[:32]


def _feature(feature: Feature) -> bytes:
    return _texts([feature.name, feature.kind, *feature.levels]) + feature.values.tobytes()


def _texts(texts: Iterable[str]) -> bytes:
    return "\x1f".join(f"{len(text)}:{text}" for text in texts).encode("utf-8", "surrogatepass") + b"\x1e"


def _load(path: Path) -> DealModel | None:
    import skops.io  # noqa: PLC0415
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415

    if not path.is_file():
        return None
    try:
        model = skops.io.loads(path.read_bytes(), trusted=TRUSTED)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, UntrustedTypesFoundException):
        return None
    if not isinstance(model, DealModel):
        return None
    with contextlib.suppress(OSError):
        path.touch()
    return model


def _keep(path: Path, model: DealModel) -> None:
    """Write beside the place first, so that nobody reads half a model; then delete the oldest."""
    import skops.io  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix=".model-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(skops.io.dumps(model))
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    kept = sorted(path.parent.glob("*.skops"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in kept[MOST_KEPT:]:
        old.unlink(missing_ok=True)
