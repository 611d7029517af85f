"""What deals said at every run, kept in a file beside the plan: the history from which changing columns are learned."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from revops_xl.model.deal_history import ColumnHistory
from revops_xl.model.deals import Deals, DealStatus, Feature, FeatureKind
from revops_xl.model.outcome import Outcome
from revops_xl.model.plan import Plan
from revops_xl.tables.schema.days import to_date
from revops_xl.workbook.file.save import umask

if TYPE_CHECKING:
    import pandas as pd

ENDING = ".history.parquet"
COLUMNS = ("Day", "Deal ID", "Column", "Value")
#: What is kept beside the columns that a model reads.
STATUS, CLOSE = "Status", "Close date"
#: A larger file is none of ours.
LARGEST_FILE = 2**30


def _texts(feature: Feature) -> list[str]:
    """Values as they are kept; "" for a blank."""
    cells = feature.values.tolist()  # noqa: PD011
    if feature.kind == FeatureKind.TEXT:
        return ["" if np.isnan(code) else feature.levels[int(code)] for code in cells]
    return ["" if np.isnan(value) else f"{value:.15g}" for value in cells]


def _coded(feature: Feature, texts: list[str]) -> tuple[list[float], tuple[str, ...]]:
    """Kept texts as the column holds them; and the column's texts, with those that it has no more."""
    if feature.kind != FeatureKind.TEXT:
        return [_number(text) for text in texts], ()
    number = {level: i for i, level in enumerate(feature.levels)}
    codes = [float(number.setdefault(text, len(number))) if text else np.nan for text in texts]
    return codes, tuple(number)


def _day(text: str) -> str:
    """Days since 1970 of a date as it is kept."""
    try:
        return str(np.datetime64(text, "D").astype(int)) if text else ""
    except ValueError:
        return ""


def _number(text: str) -> float:
    try:
        return float(text) if text else np.nan
    except ValueError:  # the column held texts then
        return np.nan


def beside(plan: Path) -> Path:
    """The file that belongs to a plan."""
    return plan.with_name(plan.stem + ENDING)


def remembered(plan: Plan, path: Path | None) -> Plan:
    """The plan with what its deals said on past days, if that was kept."""
    if path is None or plan.deals is None or not plan.settings.forecast_rules.keep_history:
        return plan
    kept = _load(beside(path))
    if kept is None or not len(kept):
        return plan
    return replace(plan, deals=replace(plan.deals, deals=with_history(plan.deals.deals, kept)))


def with_history(deals: Deals, kept: pd.DataFrame) -> Deals:
    """Deals that know what their columns said on past days."""
    place = {str(name): i for i, name in enumerate(deals.ids.tolist())}
    row = kept["Deal ID"].map(place)
    kept = kept.assign(row=row)[row.notna()]
    last = float(kept["Day"].max()) if len(kept) else np.nan
    by_column = {str(name): part for name, part in kept.groupby("Column", sort=True)}
    histories, levels = [], {}
    for name, column in _columns(deals).items():
        part = by_column.get(name)
        if part is None:
            continue
        part = part.sort_values(["row", "Day"], kind="stable")
        kept_as = part["Value"].tolist()
        values, texts = _coded(column, [_day(each) for each in kept_as] if name == CLOSE else kept_as)
        levels[name] = texts
        histories.append(
            ColumnHistory(
                name, part["row"].to_numpy(np.int64), part["Day"].to_numpy(np.float64), np.array(values), last
            )
        )
    stage = replace(deals.stage, levels=levels.get(deals.stage.name, deals.stage.levels))
    features = tuple(replace(each, levels=levels.get(each.name, each.levels)) for each in deals.features)
    return replace(deals, stage=stage, features=features, history=tuple(histories), serial=np.arange(len(deals)))


def record(outcome: Outcome, source: Path | None, target: Path | None) -> Path | None:
    """Keep what every deal says, where it is new or another than before; a folder that takes no file keeps nothing.

    Nothing is kept of a day before the last one, and a day is kept as it was seen last.

    Args:
        outcome: What was computed.
        source: Where the plan lies.
        target: Where its results lie, beside which the history is kept; a new one begins with that of the plan.

    Returns:
        The file, if anything was added.
    """
    given, revenue = outcome.plan.deals, outcome.revenue
    if (
        target is None
        or given is None
        or revenue is None
        or not given.has_ids
        or not outcome.plan.settings.forecast_rules.keep_history
    ):
        return None
    file = beside(target)
    kept = _load(file)
    if kept is None and _is_there(file):
        return None  # not ours, or of a later version: left as it is
    inherited = kept is None and source is not None and source != target
    if inherited and source is not None:
        kept = _load(beside(source))
    day = int(revenue.as_of)
    if kept is not None and len(kept) and kept["Day"].max() > day:
        return None
    found = updated(given.deals, day, kept)
    found = kept if found is None and inherited else found
    if found is None:
        return None
    try:
        _save(found, file)
    except OSError:
        return None
    return file


def updated(deals: Deals, day: int, kept: pd.DataFrame | None) -> pd.DataFrame | None:
    """What is kept, with a day more; None if nothing changed."""
    import pandas as pd  # noqa: PLC0415

    texts = {name: _texts(column) for name, column in _columns(deals).items()}
    texts |= {STATUS: [DealStatus(each).name.title() for each in deals.status.tolist()]}
    texts |= {CLOSE: [str(to_date(each) or "") for each in deals.close.tolist()]}  # as people read it
    now = pd.concat(
        [
            pd.DataFrame({"Deal ID": deals.ids.astype(str), "Column": name, "Value": each})
            for name, each in texts.items()
        ],
        ignore_index=True,
    )
    before = kept[kept["Day"] < day] if kept is not None else pd.DataFrame(columns=list(COLUMNS))
    last = before.drop_duplicates(["Deal ID", "Column"], keep="last").set_index(["Deal ID", "Column"])["Value"]
    was = last.reindex(pd.MultiIndex.from_frame(now[["Deal ID", "Column"]])).to_numpy()
    new = now[(was != now["Value"].to_numpy()) | pd.isna(was)]
    found = pd.concat([before, new.assign(Day=day)[list(COLUMNS)]], ignore_index=True)
    same = kept is not None and len(found) == len(kept) and bool((found.to_numpy() == kept.to_numpy()).all())
    return None if same else found


def _columns(deals: Deals) -> Mapping[str, Feature]:
    """Everything that may change while a deal is open; days as numbers."""
    numbers = {"Amount": deals.amount, "Rep probability": deals.rep_probability, CLOSE: deals.close}
    columns = [Feature(name, FeatureKind.NUMBER, values) for name, values in numbers.items()]
    return {each.name: each for each in (*columns, deals.stage, *deals.features)}


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long
        return False


def _load(path: Path) -> pd.DataFrame | None:
    """What a file holds; None if there is none, or none that can be read."""
    if not _is_there(path):
        return None
    import pandas as pd  # noqa: PLC0415

    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        found = pd.read_parquet(path)
        if tuple(found.columns) != COLUMNS:
            return None
        return found.astype({"Day": "int64", **dict.fromkeys(COLUMNS[1:], "str")})
    except Exception:  # noqa: BLE001  (whatever is wrong with it, the plan runs without)
        return None


def _save(kept: pd.DataFrame, path: Path) -> None:
    """Written beside its place first, so that nobody reads half a file."""
    handle, name = tempfile.mkstemp(prefix=".history-", suffix=".tmp", dir=path.parent)
    os.close(handle)
    try:
        kept.astype({"Day": "int32"}).to_parquet(name, index=False, compression="zstd")
        Path(name).chmod(0o666 & ~umask())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
