"""A workbook of one sheet with every part in its usual place: what a fast reader gets when the file itself is unusual."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

SHEET = "Sheet"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FORMAT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def bare_book(sheet: bytes, shared: Mapping[str, bytes], *, counts_from_1904: bool) -> io.BytesIO:
    """Put a sheet with its texts and styles into a fresh package.

    Args:
        sheet: XML of the sheet.
        shared: Contents by kind of relation: sharedStrings, styles.
        counts_from_1904: How the workbook counts days.
    """
    kinds = {"worksheet": ("worksheets/sheet1", sheet), **{kind: (kind, content) for kind, content in shared.items()}}
    types = "".join(
        f'<Override PartName="/xl/{place}.xml" ContentType="{_FORMAT}.{kind}+xml"/>'
        for kind, (place, _) in kinds.items()
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{kind}" Target="{place}.xml"/>'
        for i, (kind, (place, _)) in enumerate(kinds.items(), start=1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_FORMAT}.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="{int(counts_from_1904)}"/>'
        f'<sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        for name, text in parts.items():
            out.writestr(name, text)
        for place, content in kinds.values():
            out.writestr(f"xl/{place}.xml", content)
    file.seek(0)
    return file
