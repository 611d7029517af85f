"""The command line."""

from revops_xl.hosts.cli.program import cli, main

__all__ = ["cli", "main"]
