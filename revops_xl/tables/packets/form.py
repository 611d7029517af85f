"""The tables of a packet: the workbook that a manager gets, fills in and sends back."""

from __future__ import annotations

from revops_xl.tables.schema.declare import COVERAGE, WHOLE_MONEY, Column, Kind, Sheet, Table

#: Longest text that a manager can enter.
LONGEST_TEXT = 500
#: Rows for requests.
ASK_ROWS = 12

TEAM = Table(
    "Team",
    "Your team. Enter a proposed quota beside anybody whose quota you would change; what one gets, another gives.",
    (
        Column("Name", Kind.NODE, "Team or person.", width=24),
        Column("Last year", Kind.MONEY, "What was reached in the same length of time before, as recorded.", unit="currency", width=13, number_format=WHOLE_MONEY),
        Column("Quota", Kind.MONEY, "Quota as handed down.", unit="currency", width=13, number_format=WHOLE_MONEY),
        Column("Growth", Kind.PERCENT, "Quota / last year - 1.", unit="%", width=9, number_format="+0%;-0%;0%"),
        Column("Pipeline", Kind.MONEY, "Pipeline of the plan; blank if the plan has none.", unit="currency", width=13, number_format=WHOLE_MONEY),
        Column("Coverage", Kind.NUMBER, "Pipeline / new quota.", unit="×", width=9, number_format=COVERAGE),
        Column("Why", Kind.TEXT, "How the quota came about: the part of the team's history and other measures, or the rule.", width=44),
        Column("Proposed quota", Kind.MONEY, "Your proposal; blank: as handed down.", unit="currency", minimum=0, width=14),
        Column("New quota", Kind.MONEY, "Your proposal, else the quota.", unit="currency", width=13, number_format=WHOLE_MONEY),
        Column("Change", Kind.MONEY, "New quota less quota.", unit="currency", width=12, number_format='+#,##0;[Red]-#,##0;"–"'),
        Column("Comment", Kind.TEXT, "Why, or anything else.", width=28),
        Column("Level", Kind.TEXT, "Level of the node.", width=10),
        Column("Reports to", Kind.NODE, "The team it belongs to.", width=18),
        Column("Hedge", Kind.FACTOR, "1.05 means that its members carry 5 % more than the team.", unit="×", width=8),
        Column("Change %", Kind.PERCENT, "Change / quota.", unit="%", width=9, number_format='+0.0%;[Red]-0.0%;"–"'),
        Column("Key", Kind.TEXT, "How the row is recognised when the file comes back.", width=9),
        Column("Team key", Kind.TEXT, "Key of the team it belongs to.", width=9),
    ),
)  # fmt: skip
TEAM_INPUTS = ("Proposed quota", "Comment")

AGREE, SPLIT, LESS = "I agree", "Another split", "We ask for less"
ANSWER = Table(
    "Answer",
    "Your answer.",
    (
        Column("Your answer", Kind.CHOICE, "Choose from the list; blank: what you entered says it.", choices=(AGREE, SPLIT, LESS), width=24),
        Column("No", Kind.INTEGER, "Number of the answer.", width=13),
    ),
)  # fmt: skip
ANSWER_INPUTS = ("Your answer",)

ASKS = Table(
    "Asks",
    "Ask for another amount than your team can move by itself: for you, a team or a person. It is decided by whoever sent this.",
    (
        Column("No", Kind.INTEGER, "Number of the request.", width=6),
        Column("For", Kind.NODE, "Name, from the sheet Team.", width=28),
        Column("Asked quota", Kind.MONEY, "The quota you ask for.", unit="currency", minimum=0, width=18),
        Column("Reason", Kind.TEXT, "Why; needed.", width=60),
    ),
)
ASK_INPUTS = ("For", "Asked quota", "Reason")

COMMIT = Table(
    "CommitNow",
    "What you and your managers commit for the running period.",
    (
        Column("Key", Kind.TEXT, "How the row is recognised when the file comes back.", width=11),
        Column("Manager", Kind.NODE, "Who commits.", width=28),
        Column("Last commit", Kind.MONEY, "As we have it.", unit="currency", width=18),
        Column("Commit now", Kind.MONEY, "Your commit; blank: as it was.", unit="currency", minimum=0, width=18),
        Column("Remark", Kind.TEXT, "Anything that belongs to it.", width=50),
    ),
)
COMMIT_INPUTS = ("Commit now", "Remark")

CHECKS = Table(
    "TeamChecks",
    "Each team has to carry what is handed down to it, to the cent.",
    (
        Column("Key", Kind.TEXT, "Key of the team.", width=11),
        Column("Team", Kind.NODE, "The team.", width=28),
        Column("Hands down", Kind.MONEY, "New quota x hedge.", unit="currency", width=18),
        Column("Team carries", Kind.MONEY, "New quotas of its members.", unit="currency", width=18),
        Column("Difference", Kind.MONEY, "Carried less handed down.", unit="currency", width=16),
        Column("Status", Kind.TEXT, "Adds up, or how it does not.", width=16),
    ),
)
ADDS_UP, TOO_MUCH, MISSING = "Adds up", "Too much", "Missing"

#: Tables of a packet and what can be entered in each.
INPUTS: dict[Table, tuple[str, ...]] = {
    ANSWER: ANSWER_INPUTS,
    TEAM: TEAM_INPUTS,
    ASKS: ASK_INPUTS,
    COMMIT: COMMIT_INPUTS,
    CHECKS: (),
}
#: The column that tells a table's rows apart.
KEYS = {ANSWER.name: "No", TEAM.name: "Key", ASKS.name: "No", COMMIT.name: "Key", CHECKS.name: "Key"}
#: Tables of so many rows; what stands below them is not theirs.
ROWS = {ANSWER.name: 1}
#: Where a formula has no number to show: a blank text would look like a formula that was never calculated.
NOTHING = "–"
#: Marks the cells of the last sheet that hold what was sent.
SEAL = "revops-packet"
#: Characters of what was sent in one cell.
SEAL_PIECE = 30_000
SEAL_HELP = "By these lines the file is recognised when it comes back. Please leave them as they are."

READ_ME = Sheet("How to answer", "", ())
YOUR_TEAM = "Team"
SEALED = Sheet("Packet", "How the file is recognised", ())
SHEETS = (
    Sheet("Team", "Propose quotas inside your team", (ANSWER, TEAM)),
    Sheet("Requests", "Ask for another amount", (ASKS,)),
    Sheet("Commit", "What you commit", (COMMIT,)),
    Sheet("Checks", "Whether each team carries what is handed down", (CHECKS,)),
    READ_ME,
    SEALED,
)
HOW_TO = (
    ("1", "Team: choose your answer; to split otherwise, propose quotas, in whole rounding units (cents). Yellow cells are yours; what one gets, another of the same team gives. Checks shows whether it adds up: members carry the quota of their team times its hedge."),
    ("2", "Requests: ask for an amount that your team cannot move by itself, with the reason."),
    ("3", "Commit: enter what you commit for the running period."),
    ("4", "Save, and reply to the e-mail with the file. Any name will do; Excel, LibreOffice and others can save it."),
    ("", "Nothing to change? Choose “I agree”, or send it back as it is. Grey cells are settled elsewhere; everything that is not yellow is locked, and a change there is seen."),
)  # fmt: skip
