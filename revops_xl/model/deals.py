"""Deals as arrays: what is known of each, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from revops_xl.model.calendar import CALENDAR_YEAR, Calendar
from revops_xl.model.codes import Coded
from revops_xl.model.deal_history import ColumnHistory
from revops_xl.model.money import Floats
from revops_xl.model.org import Bools

Ints = npt.NDArray[np.int64]


#: Features that are made of other columns; a column of the user's with such a name is read under another.
DERIVED_NAMES = (
    "Amount", "Rep probability", "Stage", "Region", "Quarter created", "Age (days)", "Rep", "Account", "Rep's win rate so far", "Rep's closed deals so far",
    "Account's win rate so far", "Account's closed deals so far", "Account's revenue so far", "Child nodes", "Usage", "Usage entropy",
)  # fmt: skip


class DealStatus(IntEnum):
    """Where a deal stands."""

    OPEN = 0
    WON = 1
    LOST = 2


class FeatureKind(StrEnum):
    """What the cells of a feature column hold."""

    NUMBER = "number"
    FLAG = "TRUE/FALSE"
    TEXT = "text"
    DATE = "date"


@dataclass(frozen=True)
class Feature:
    """One column of what is known about deals.

    Attributes:
        name: Its header.
        kind: What it holds.
        values: One per deal; NaN where missing. Days since 1970 for dates, 0 and 1 for flags, codes for texts.
        levels: The texts that the codes stand for.
    """

    name: str
    kind: FeatureKind
    values: Floats
    levels: tuple[str, ...] = ()

    def take(self, rows: Bools | Ints) -> Feature:
        """The same column for some of the deals."""
        return replace(self, values=self.values[rows])


@dataclass(frozen=True)
class Deals:
    """Deals; arrays with one entry per deal. Days count from 1970-01-01; NaN is not known.

    Attributes:
        ids: Deal ID.
        account: Account, coded.
        rep: Rep, coded.
        region: Branch of the org that the rep belongs to, coded.
        status: A DealStatus.
        amount: By the rep, in currency.
        won_amount: What a won deal brought: its own column, else the amount; NaN unless won.
        rep_probability: By the rep, 0 to 1.
        created: Day it was created.
        close: Day it was closed, or is expected to close.
        stage: Stage in the CRM.
        features: Everything else that is known.
        has_won_amounts: Whether what won deals brought stands in a column of its own.
        history: What columns said on past days.
        serial: Position of each deal in the table that the history speaks of; empty without one.
        calendar: Whose quarters they are counted in.
    """

    ids: npt.NDArray[np.object_]
    account: Coded
    rep: Coded
    region: Coded
    status: npt.NDArray[np.int8]
    amount: Floats
    won_amount: Floats
    rep_probability: Floats
    created: Floats
    close: Floats
    stage: Feature
    features: tuple[Feature, ...] = ()
    has_won_amounts: bool = False
    history: tuple[ColumnHistory, ...] = ()
    serial: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    calendar: Calendar = CALENDAR_YEAR

    def __len__(self) -> int:
        return len(self.status)

    @property
    def is_open(self) -> Bools:
        """Neither won nor lost."""
        return np.asarray(self.status == DealStatus.OPEN)

    @property
    def is_closed(self) -> Bools:
        """Won or lost."""
        return np.asarray(self.status != DealStatus.OPEN)

    @property
    def is_won(self) -> Bools:
        """Won."""
        return np.asarray(self.status == DealStatus.WON)

    def take(self, rows: Bools | Ints) -> Deals:
        """Some of the deals."""

        def some(coded: Coded) -> Coded:
            return Coded(coded.codes[rows], coded.names)

        return Deals(
            self.ids[rows],
            some(self.account),
            some(self.rep),
            some(self.region),
            self.status[rows],
            self.amount[rows],
            self.won_amount[rows],
            self.rep_probability[rows],
            self.created[rows],
            self.close[rows],
            self.stage.take(rows),
            tuple(feature.take(rows) for feature in self.features),
            self.has_won_amounts,
            self.history,
            self.serial[rows] if self.history else self.serial,
            self.calendar,
        )

    def on(self, days: Floats) -> Deals:
        """The deals with what their columns said on a day each, as far as that was kept."""
        if not self.history:
            return self
        seen = {each.name: each for each in self.history}

        def then(name: str, now: Floats) -> Floats:
            return seen[name].on(self.serial, days, now) if name in seen else now

        return replace(
            self,
            amount=then("Amount", self.amount),
            rep_probability=then("Rep probability", self.rep_probability),
            stage=replace(self.stage, values=then(self.stage.name, self.stage.values)),
            features=tuple(replace(each, values=then(each.name, each.values)) for each in self.features),
        )

    @classmethod
    def none(cls) -> Deals:
        """No deals."""
        nan, nobody = np.zeros(0), Coded(np.zeros(0, dtype=np.int32), [])
        stage = Feature("Stage", FeatureKind.TEXT, nan)
        ids, status = np.zeros(0, dtype=object), np.zeros(0, dtype=np.int8)
        return cls(ids, nobody, nobody, nobody, status, nan, nan, nan, nan, nan, stage)

    def in_order(self) -> Deals:
        """By creation, closing and id: so that the order of the rows never shows in a result."""
        return self.take(np.lexsort((self.ids.astype(str), self.close, self.created)).astype(np.int64))


@dataclass(frozen=True)
class Usage:
    """What accounts use; one entry per row of the table.

    Attributes:
        account: Account.
        child: Subsidiary, site or workspace.
        amount: Usage, 0 or more.
    """

    account: Coded
    child: Coded
    amount: Floats
