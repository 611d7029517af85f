"""A plan as it was read: the inputs of every module, and what deserves to be said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from revops_xl.errors import Problem
from revops_xl.model.codes import Coded
from revops_xl.model.commits import CommitHistory, CommitRules, CurrentCommits
from revops_xl.model.deals import Deals, Usage
from revops_xl.model.forecast import Cohorts, Scenario
from revops_xl.model.inputs import QuotaInputs
from revops_xl.model.overlays import OverlayInputs
from revops_xl.model.parts import Part
from revops_xl.model.pipeline import ClosedDeals, PipelineInputs
from revops_xl.model.planning import PlanningInputs
from revops_xl.model.rates import PlanMoney
from revops_xl.model.settings import PlanSettings


@dataclass(frozen=True)
class KnownTable:
    """A table of a workbook, read or not.

    Attributes:
        sheet: Sheet it stands on.
        headers: Texts of its header row.
        room: How many columns it can get at its right before the next table.
        top: Sheet row (from 1) of its headers.
        left: Sheet column (from 0) of the first of them.
    """

    sheet: str
    headers: tuple[str, ...]
    room: int = 0
    top: int = 4
    left: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a workbook that changes no number but deserves to be known.

    Attributes:
        name: What it is.
        count: How many of them.
        where: Sheets and cells, or names.
        advice: What it means and what to do about it.
        warns: It deserves a look.
    """

    name: str
    count: int
    where: str
    advice: str
    warns: bool = False


@dataclass(frozen=True)
class Watched:
    """A column of an input, or a setting, with its checksum.

    Attributes:
        label: What the input is called in a sentence.
        table: Its table.
        column: The column, or the setting.
        formula: The checksum of what stands there now; it fails where the value is of another kind.
        value: The checksum at the run.
        parts: Parts of a run that read it.
        followed: Whether quotas follow it at once where they are formulas.
    """

    label: str
    table: str
    column: str
    formula: str
    value: float
    parts: frozenset[Part]
    followed: bool = False


@dataclass(frozen=True)
class Watch:
    """What is watched.

    Attributes:
        inputs: With their checksums.
        left_out: Columns that count and are not watched.
    """

    inputs: tuple[Watched, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class OddDeals:
    """Deals that are read otherwise than the others, by their cells.

    Attributes:
        backwards: Close dates before the day of creation.
        backwards_amount: What these deals are worth.
        downsells: Amounts below 0.
        downsells_amount: Their sum.
    """

    backwards: tuple[str, ...] = ()
    backwards_amount: float = 0.0
    downsells: tuple[str, ...] = ()
    downsells_amount: float = 0.0


@dataclass(frozen=True)
class DealInputs:
    """The deals of a plan, and what deserves to be said about them.

    Attributes:
        deals: All of them.
        cohort: Cohort of each.
        closed: Closed deals by IC.
        strangers: Closed deals of each rep who is no IC of the plan.
        without_amount: Closed deals without an amount.
        open_strangers: Open deals of each rep who is nobody in the plan.
        notes: Columns that are read in another way than their cells suggest.
        usage: What accounts use; None: not known.
        columns: Sheet and cell of each header.
        sheet: The sheet on which the table stands.
        odd: Deals that are read otherwise than the others.
        has_ids: Whether they have ids of their own, by which they are known again.
    """

    deals: Deals
    cohort: Coded
    closed: ClosedDeals | None
    strangers: dict[str, int]
    without_amount: int
    open_strangers: dict[str, int]
    notes: tuple[Problem, ...]
    usage: Usage | None
    columns: dict[str, str]
    sheet: str
    odd: OddDeals = OddDeals()
    has_ids: bool = True


@dataclass(frozen=True)
class Outlook:
    """What the forecast assumes.

    Attributes:
        cohorts: Unseen pipeline.
        scenarios: Scenarios in order.
        live_cohorts: Whether a spreadsheet can calculate with the cells of Cohorts.
        live_scenarios: The same for Scenarios; False where the standard ones are used.
        has_lag: Whether Cohorts has the column for the lag.
    """

    cohorts: Cohorts
    scenarios: tuple[Scenario, ...]
    live_cohorts: bool
    live_scenarios: bool
    has_lag: bool


@dataclass(frozen=True)
class CommitInputs:
    """Everything the commit review needs, and what deserves to be said about it.

    Attributes:
        history: Past periods.
        current: The running period.
        rules: How commits are judged.
        nodes: Positions in the tree of each manager that stands there; several for a split IC.
        unknown: Cell of each manager that does not.
        zero_commits: Cells of commits of 0 in closed periods.
        periods_dated: Whether the periods could be placed in time.
        periods_mixed: Whether they are of several lengths.
        alike: Names that differ only by blanks, case or look-alike letters.
        live: Whether formulas find the same rows: amounts are numbers, and managers are written as results name them.
    """

    history: CommitHistory
    current: CurrentCommits
    rules: CommitRules
    nodes: Mapping[str, list[int]]
    unknown: Mapping[str, str]
    zero_commits: tuple[str, ...] = ()
    periods_dated: bool = True
    periods_mixed: bool = False
    alike: tuple[Problem, ...] = ()
    live: bool = True


@dataclass(frozen=True)
class PlanningParts:
    """Planning's inputs, and what reading them showed.

    Attributes:
        inputs: For the engine.
        columns: Columns of Hierarchy that were read.
        history_clear: Whether the headers, or the setting, say how long the periods of the history are.
        untiered: ICs without a tier, where there are tiers.
        unplaced: ICs without a territory, where others have one.
        idle_territories: Territories that no IC of Hierarchy is in, where others are.
    """

    inputs: PlanningInputs
    columns: tuple[str, ...]
    history_clear: bool
    untiered: tuple[str, ...]
    unplaced: tuple[str, ...]
    idle_territories: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A plan that can be computed.

    Attributes:
        settings: Typed settings.
        inputs: What the cascade needs.
        pipeline: What pipeline health and redistribution need; None: no pipeline columns.
        pipeline_columns: Columns of Hierarchy that make the pipeline.
        deals: Open and closed deals; None: no deals.
        outlook: Unseen pipeline and scenarios.
        commits: What the commit review needs; None: no commits.
        planning: What quota planning needs.
        notes: Things to look at that do not stop a run, such as near-duplicate names.
        readings: How inputs are read otherwise than they are written, and what is left out.
        rows: Rows of each input table that is in the workbook.
        missing: Input tables of this version that are not in the workbook.
        named: Texts that name nodes, by table.
        unused: Filled inputs that nothing reads, as (where, what).
        remarks: What deserves to be known about the workbook itself.
        known_tables: All tables of the workbook; empty: not known.
        watch: Checksums of the inputs.
        not_for_formulas: What in the cells formulas cannot read as a run does; "" if nothing.
        digest: Same inputs, same digest.
        money: The currencies; None: there is no rate.
        people_rows: Sheet row of each row of the tree in Hierarchy.
        overlays: People who carry quota beside the tree; None: nobody.
    """

    settings: PlanSettings
    inputs: QuotaInputs
    pipeline: PipelineInputs | None
    pipeline_columns: tuple[str, ...]
    deals: DealInputs | None
    outlook: Outlook
    commits: CommitInputs | None
    planning: PlanningParts
    notes: tuple[Problem, ...]
    readings: tuple[Problem, ...]
    rows: Mapping[str, int]
    missing: tuple[str, ...]
    named: Mapping[str, tuple[str, ...]]
    unused: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...]
    known_tables: Mapping[str, KnownTable]
    watch: Watch
    not_for_formulas: str
    digest: str
    money: PlanMoney | None = None
    people_rows: tuple[int, ...] = ()
    overlays: OverlayInputs | None = None
