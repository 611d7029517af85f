"""Make, compare and record what the product makes.

python -m tests.golden make DIR [NAME]…  make everything, or some products, into a folder
python -m tests.golden compare [REV]    what differs from the code of a revision; by default the one that was recorded
python -m tests.golden accept           show what differs, then put the new digests on record
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.golden.before import made_by, recorded_revision
from tests.golden.differences import differences
from tests.golden.digests import digests, on_record, put_on_record
from tests.golden.products import PRODUCTS, make


def everything(folder: Path, names: Sequence[str] = ()) -> Path:
    """All products, or those of these names, in a folder."""
    for name in names or PRODUCTS:
        make(name, folder)
    return folder


def compare(revision: str | None, folder: Path) -> list[str]:
    """What this code makes otherwise than the code of a revision, here and now."""
    known = revision or recorded_revision()
    made = everything(folder / "now")
    if known is None:
        return [f"new: {name}" for name in digests(made)]
    return differences(made_by(known, folder / "before"), made)


def main(arguments: list[str]) -> int:
    """Do what is asked for; the exit code is 1 where something differs."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        match arguments:
            case ["make", target, *names]:
                everything(Path(target), names)
            case ["compare", *rest] if len(rest) <= 1:
                lines = compare(rest[0] if rest else None, folder)
                print("\n".join(lines) or "Nothing differs.")
                return int(bool(lines))
            case ["accept"]:
                print("\n".join(compare(None, folder)) or "Nothing differs.")
                made = digests(folder / "now")
                changed = made.items() ^ on_record().items()
                put_on_record(made)
                print(
                    f"Recorded: {len(made)} files, {len({name for name, _ in changed})} of them new, changed or gone."
                )
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
