"""The list of commands: grouped by what one wants, each with one line and an example."""

from __future__ import annotations

import click

#: Commands by what they are for, in the order of a plan's life; one line each, short enough that none is cut.
GROUPS: dict[str, dict[str, str]] = {
    "Start": {
        "demo": "Run the sample plan: the main job in one command.",
        "new": "Save a fresh plan, or add one to a workbook of yours.",
        "import": "Bring your own files into a plan.",
        "guide": "Show a guide; without TOPIC the list of guides.",
        "doctor": "See what is installed and what works here.",
    },
    "Plan": {
        "check": "List every problem of a plan with its cell.",
        "run": "Compute everything and write it into the workbook.",
        "explain": "Show why a node or an open deal has its number.",
        "accept": "Put the proposed redistribution in force, or take it back.",
        "suggest-weights": "Show which metric weights the data suggest.",
        "diff": "Show what changed between two plans, and why.",
        "parts": "Show the parts of a plan; add or hide their sheets.",
        "upgrade": "Bring a plan of an earlier version up to date.",
    },
    "Share": {
        "packets": "Make one workbook and e-mail draft per manager.",
        "collect": "Read returned packets back into the plan.",
        "freeze": "Save a copy that is ready to send.",
        "print": "Print the pages that matter as a PDF.",
        "export": "Write results as CSV, Parquet, JSON or to a database.",
    },
    "Worksheet functions": {
        "addin": "Install, remove or check the add-in.",
        "functions": "Show the worksheet functions, or all about one.",
        "call": "Compute a worksheet function outside a spreadsheet.",
        "schema": "Show sheets, tables, columns and settings.",
    },
}
EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("revops-xl demo", "revops-xl demo -o try-it"),
    "new": ("revops-xl new plan.xlsx", "revops-xl new plan.xlsx --with forecast", "revops-xl new --into forecast.xlsx"),
    "import": (
        "revops-xl import plan.xlsx people.csv deals.xlsx",
        "revops-xl import plan.xlsx export.csv --map 'Owner Alias=Rep' --yes",
        "revops-xl import plan.xlsx --undo",
    ),
    "guide": ("revops-xl guide", "revops-xl guide quotas"),
    "doctor": ("revops-xl doctor --quick",),
    "check": ("revops-xl check plan.xlsx", "revops-xl check returned.xlsx --untrusted"),
    "run": ("revops-xl run plan.xlsx", "revops-xl run plan.xlsx -o results.xlsx --only quotas"),
    "explain": ('revops-xl explain plan.xlsx "EMEA Team B"', "revops-xl explain plan.xlsx D0002"),
    "accept": ("revops-xl accept plan.xlsx", 'revops-xl accept plan.xlsx "EMEA" --withdraw'),
    "suggest-weights": ("revops-xl suggest-weights plan.xlsx",),
    "diff": ("revops-xl diff plan_may.xlsx plan_june.xlsx",),
    "parts": ("revops-xl parts plan.xlsx", "revops-xl parts plan.xlsx --add forecast --hide machinery"),
    "upgrade": ("revops-xl upgrade plan.xlsx --backup",),
    "packets": ("revops-xl packets plan.xlsx -o packets",),
    "collect": ("revops-xl collect plan.xlsx returned",),
    "freeze": (
        "revops-xl freeze plan.xlsx -o plan_to_send.xlsx",
        "revops-xl freeze plan.xlsx -o for_cfo.xlsx --for cfo",
    ),
    "print": ("revops-xl print plan.xlsx", "revops-xl print plan.xlsx --for board -o board.pdf"),
    "export": ("revops-xl export plan.xlsx -o results", "revops-xl export plan.xlsx -o results.json"),
    "addin": ("revops-xl addin install", "revops-xl addin install --libreoffice"),
    "functions": ("revops-xl functions", "revops-xl functions REVOPS_QUOTA"),
    "call": ("revops-xl call REVOPS_RISK attainability=0.8",),
    "schema": ("revops-xl schema --markdown",),
}
COMPLETION = """\b
Completion of commands by Tab, for this terminal:
  bash  eval "$(_REVOPS_XL_COMPLETE=bash_source revops-xl)"
  zsh   eval "$(_REVOPS_XL_COMPLETE=zsh_source revops-xl)"
  fish  _REVOPS_XL_COMPLETE=fish_source revops-xl | source"""


class Grouped(click.Group):
    """Commands listed by what they are for."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click calls it so)
        """Write the list, group by group."""
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=20)


def describe(group: click.Group) -> None:
    """Give every command its line and its examples."""
    for commands in GROUPS.values():
        for name, text in commands.items():
            command = group.commands[name]
            command.short_help = text
            lines = EXAMPLES[name]
            command.epilog = "\b\n" + "\n".join([f"Example{'s' * (len(lines) > 1)}:", *(f"  {line}" for line in lines)])
