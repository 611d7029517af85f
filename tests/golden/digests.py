"""The digests of everything the product makes: those on record, and those of a folder of products."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

RECORD = Path(__file__).with_name("digests.json")
#: Their bytes are proven as a whole; other packages part by part, because the packing depends on the zip library.
WHOLE = {".xlam"}


def parts(path: Path) -> dict[str, bytes]:
    """The parts of a package by name; a plain file is one part without a name, a table its rows, however they are packed."""
    if path.suffix == ".parquet":
        import pandas as pd

        return {"": pd.read_parquet(path).to_csv(index=False).encode()}
    if path.suffix in WHOLE or not zipfile.is_zipfile(path):
        return {"": path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist())}


def digest(path: Path) -> str:
    """SHA-256 of a file; of a package, over the names and bytes of its parts."""
    state = hashlib.sha256()
    for name, content in parts(path).items():
        state.update(f"{name}:{len(content)}:".encode() + content)
    return state.hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """The digest of every file below a folder, by its path from there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest(path) for path in files}


def on_record(product: str = "") -> dict[str, str]:
    """The digests on record, of one product or of all."""
    record: dict[str, str] = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    return {name: value for name, value in record.items() if name.startswith(f"{product}/" if product else "")}


def put_on_record(made: dict[str, str]) -> None:
    """Replace the record."""
    RECORD.write_text(json.dumps(dict(sorted(made.items())), indent=1) + "\n", encoding="utf-8")
