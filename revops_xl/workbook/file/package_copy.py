"""Copying a workbook part by part, and what must hold before any part may change."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from typing import BinaryIO

from isal import isal_zlib

from revops_xl.errors import PlanError, Problem
from revops_xl.workbook.file import contents, xml
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.file.zip_entry import packed, verify

_UTF8_NAME = 0x800
#: New parts carry no time, so that the same input gives the same file.
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)


def refuse_sealed(package: Package) -> None:
    """Refuse to change a workbook that is signed, or that logs its changes part by part.

    Raises:
        PlanError: Names what seals it.
    """
    heads = {entry.filename: contents.head_of(package.zip, entry) for entry in package.zip.infolist()}
    kinds = {each.kind for each in contents.look(package.zip, heads, formulas=False)} & contents.SEALED
    problems = [
        Problem(package.path.name, "", f"the workbook has {kind.value}, which would not hold after a change", fix)
        for kind, fix in (
            (contents.ContentKind.SIGNATURE, "Save a copy and remove the signature: File, Info, View Signatures."),
            (contents.ContentKind.CHANGE_LOG, "Switch sharing off: Review, Unshare Workbook."),
        )
        if kind in kinds
    ]
    if problems:
        raise PlanError(problems)


def without_calculation_chain(package: Package, changed: dict[str, bytes]) -> set[str]:
    """Drop the order of calculation, which lists formula cells that may be gone; spreadsheets build it anew."""
    chains = {target for kind, target in package.relations(package.workbook_part).values() if kind == "calcChain"}
    chains &= set(package.zip.namelist())
    if chains:
        folder, _, name = package.workbook_part.rpartition("/")
        relations = f"{folder}/_rels/{name}.rels".lstrip("/")
        for part, attribute in (("[Content_Types].xml", "PartName"), (relations, "Target")):
            root = xml.parse(changed.get(part) or package.read(part))
            for element in [each for each in root if "calcchain" in each.get(attribute, "").lower()]:
                root.remove(element)
            changed[part] = xml.serialised(root)
    return chains


def copy_package(
    package: Package,
    file: BinaryIO,
    changed: Mapping[str, bytes],
    dropped: Collection[str] = (),
    added: Mapping[str, bytes] | None = None,
) -> None:
    """Write the workbook anew: parts that do not change are copied as the compressed bytes they are.

    Args:
        package: The open workbook.
        file: Where to write.
        changed: New contents of parts.
        dropped: Parts to leave out.
        added: Parts that are new; they come last.
    """
    with zipfile.ZipFile(file, "w", allowZip64=True) as out:
        for entry in package.zip.infolist():
            if entry.filename in dropped:
                continue
            copy = zipfile.ZipInfo(entry.filename, entry.date_time)
            copy.external_attr, copy.internal_attr = entry.external_attr, entry.internal_attr
            copy.create_system = entry.create_system
            if entry.filename in changed:
                _append(out, copy, *_deflated(copy, changed[entry.filename]))
            else:
                copy.compress_type, copy.flag_bits = entry.compress_type, entry.flag_bits & _UTF8_NAME
                copy.CRC, copy.file_size = entry.CRC, entry.file_size
                verify(package.file, entry)  # damage of the old file is not taken for damage of the new one
                _append(out, copy, packed(package.file, entry))
        for name, content in (added or {}).items():
            fresh = zipfile.ZipInfo(name, _FIRST_DATE)
            _append(out, fresh, *_deflated(fresh, content))


def _deflated(entry: zipfile.ZipInfo, content: bytes) -> tuple[bytes, ...]:
    entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, len(content)
    entry.CRC = isal_zlib.crc32(content)
    stream = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)
    return stream.compress(content), stream.flush()


def _append(out: zipfile.ZipFile, entry: zipfile.ZipInfo, *pieces: bytes) -> None:
    """Append an entry of compressed bytes as they are."""
    target = out.fp
    assert target is not None  # noqa: S101  (the archive was opened for writing above)
    entry.compress_size, entry.header_offset = sum(map(len, pieces)), target.tell()
    target.write(entry.FileHeader())
    target.writelines(pieces)
    out.filelist.append(entry)
    out.NameToInfo[entry.filename] = entry
    out.start_dir = target.tell()
