"""Cached deal valuations, kept for the next run: numbers and texts, in a folder of the user's own."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from revops_xl.engine.forecast.deals.ages import AgeRates
from revops_xl.engine.forecast.deals.calibration import Calibration
from revops_xl.engine.forecast.deals.choice import Choice
from revops_xl.engine.forecast.deals.model import Tried
from revops_xl.engine.forecast.deals.past_quarters import Forecasted
from revops_xl.engine.forecast.deals.training import ValueForm
from revops_xl.engine.forecast.deals.valuation import value_deals
from revops_xl.model import deal_model, forecast, revenue
from revops_xl.model.deals import Deals, Feature
from revops_xl.model.forecast import ForecastRules
from revops_xl.model.revenue import Valuation
from revops_xl.version import __version__

#: Folder for what is kept instead of the user's cache folder; "off": keep nothing.
FOLDER_VARIABLE = "REVOPS_CACHE"
#: Older ones are deleted.
MOST_KEPT = {"deals": 20, "trials": 100}
#: A larger file is none of ours.
LARGEST_FILE = 2**30
#: Fewer deals are valued as quickly as they are looked up.
WORTH_KEEPING = 100
#: Types that a file may name; everything else in it is numbers and texts.
TYPES: dict[str, type] = {
    each.__name__: each
    for each in (
        deal_model.Bin, deal_model.Candidate, deal_model.ColumnUse, deal_model.Effect, deal_model.Family, deal_model.Form,
        deal_model.ModelSummary, deal_model.ReportPart, deal_model.Parts, deal_model.Quality, deal_model.Report, deal_model.Standing,
        deal_model.Treatment, deal_model.Use, deal_model.ValueStanding,
        forecast.Correlation, forecast.RiskFlag, forecast.ScoredDeals, revenue.Valuation,
        AgeRates, Calibration, Choice, Forecasted, Tried, ValueForm,
    )
}  # fmt: skip
FACTS = "facts.json"


def valued(deals: Deals, rules: ForecastRules, as_of: float) -> Valuation:
    """`value_deals`, or what it said about the same deals before; trials of past days are kept apart, for they change seldom.

    Nothing that could run is kept or read: texts as JSON, numbers as NumPy arrays without pickles. A file that cannot be
    read is made anew.
    """
    folder = _folder()
    if folder is None or len(deals) < WORTH_KEEPING:
        return value_deals(deals, rules, as_of)
    path = folder / f"deals-{digest(deals, (as_of, rules.amount_spread, rules.quarters))}.zip"
    kept = load(path)
    if isinstance(kept, Valuation) and _fits(kept, deals):
        return kept

    def trial(name: str, known: Deals, make: Callable[[], Any]) -> Any:
        place = folder / f"trials-{digest(known, (name,))}.zip"
        found = load(place)
        if _is_trial(found, known):
            return found
        made = make()
        if made is not None:
            _keep(place, made)
        return made

    valuation = value_deals(deals, rules, as_of, trial)
    _keep(path, valuation)
    return valuation


def _is_trial(found: object, known: Deals) -> bool:
    """Whether what was kept can be a trial of these deals."""
    if isinstance(found, Choice):
        return isinstance(found.candidate, deal_model.Candidate) and isinstance(found.calibration, Calibration)
    count = int(known.is_open.sum())
    return isinstance(found, Forecasted) and all(len(each) == count for each in (found.chance, found.age, found.value))


def _keep(path: Path, found: object) -> None:
    with contextlib.suppress(OSError):  # a full disk, or a home that cannot be written: said again next time
        keep(path, found)


def _folder() -> Path | None:
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    if chosen.lower() == "off":
        return None
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("revops-xl", appauthor=False) / "deals"


def digest(deals: Deals, asked: tuple[object, ...]) -> str:
    """A fingerprint of the deals in their order, of what is asked, and of the versions of everything that learns."""
    from importlib.metadata import version  # noqa: PLC0415  (importing them would take a second)

    versions = [version(name) for name in ("numpy", "scipy", "scikit-learn")]
    state = hashlib.sha256(repr((__version__, versions, asked, deals.calendar)).encode())
    for source in _what_computes():
        state.update(source.read_bytes())  # whoever changes how deals are valued wants them valued anew
    for coded in (deals.account, deals.rep, deals.region):
        state.update(_texts(coded.names) + coded.codes.tobytes())
    state.update(_texts(deals.ids.tolist()))
    for values in (deals.status, deals.amount, deals.won_amount, deals.rep_probability, deals.created, deals.close):
        state.update(values.tobytes())
    for seen in deals.history:
        state.update(_texts([seen.name]) + repr(seen.last).encode())
        state.update(seen.deal.tobytes() + seen.day.tobytes() + seen.value.tobytes())
    state.update(deals.serial.tobytes() + b"own" * deals.has_won_amounts)
    for feature in (deals.stage, *deals.features):
        state.update(_feature(feature))
    return state.hexdigest()[:32]


def _what_computes() -> list[Path]:
    """The code that a valuation depends on: the forecast's, what domains share, and the model's types and thresholds."""
    package = Path(str(files("revops_xl")))
    folders = (package / "engine" / "forecast", package / "engine" / "common", package / "model")
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def _feature(feature: Feature) -> bytes:
    return _texts([feature.name, feature.kind, *feature.levels]) + feature.values.tobytes()


def _texts(texts: Iterable[str]) -> bytes:
    return "".join(f"{len(text)}:{text}" for text in texts).encode("utf-8", "surrogatepass") + b";"


def load(path: Path) -> object:
    """What a file holds; None if there is none, or none that can be read."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        with zipfile.ZipFile(path) as file:
            arrays = {
                name: np.load(io.BytesIO(file.read(name)), allow_pickle=False)
                for name in file.namelist()
                if name != FACTS
            }
            found = _decoded(json.loads(file.read(FACTS)), arrays)
    except Exception:  # noqa: BLE001  (whatever is wrong with it, it is made anew)
        return None
    with contextlib.suppress(OSError):
        path.touch()
    return found


def _fits(valuation: Valuation, deals: Deals) -> bool:
    """Whether a kept valuation speaks of these deals: every open one once, and nothing else."""
    scored = valuation.scored
    count = int(deals.is_open.sum())
    columns = [getattr(scored, each.name) for each in fields(scored) if each.name != "parts"]
    arrays = [column for column in columns if isinstance(column, np.ndarray)]
    return (
        all(len(column) == count for column in columns)
        and all(array.dtype.kind in "fib" and array.ndim == 1 + (array is scored.won_in) for array in arrays)
        and scored.row.dtype.kind == "i"
        and set(scored.row.tolist()) == set(np.flatnonzero(deals.is_open).tolist())
    )


def keep(path: Path, found: object) -> None:
    """Write beside the place first, so that nobody reads half a file; then delete the oldest."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    facts = json.dumps(_encoded(found, arrays))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix=".deals-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w") as file:
            file.writestr(FACTS, facts)
            for key, values in arrays.items():
                buffer = io.BytesIO()
                np.save(buffer, values, allow_pickle=False)
                file.writestr(key, buffer.getvalue())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    kind = path.name.split("-")[0]
    kept = sorted(
        path.parent.glob(f"{kind}-{'[0-9a-f]' * 32}.zip"), key=lambda each: each.stat().st_mtime, reverse=True
    )
    for old in kept[MOST_KEPT[kind] :]:
        old.unlink(missing_ok=True)


def _encoded(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """As plain JSON: arrays by their name, our own types by theirs."""
    if isinstance(value, np.ndarray):
        name = f"{len(arrays)}.npy"
        arrays[name] = value
        return {"array": name}
    if is_dataclass(value) and not isinstance(value, type):
        return {
            "type": type(value).__name__,
            **{f.name: _encoded(getattr(value, f.name), arrays) for f in fields(value)},
        }
    if isinstance(value, StrEnum):
        return {"type": type(value).__name__, "value": str(value)}
    if isinstance(value, tuple):
        return [_encoded(each, arrays) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _decoded(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(each, arrays) for each in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    made = TYPES[value["type"]]
    if issubclass(made, StrEnum):
        return made(value["value"])
    return made(**{name: _decoded(each, arrays) for name, each in value.items() if name != "type"})
