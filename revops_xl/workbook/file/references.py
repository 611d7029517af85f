"""References to cells of a named sheet."""

from __future__ import annotations

from revops_xl.workbook.file.address import Area


def split_reference(text: str) -> tuple[str, Area | None]:
    """Sheet name and area of a reference; None if it is no single area of a named sheet.

    Example:
        >>> sheet, area = split_reference("'Jo''s plan'!$A$5:$B$9")
        >>> sheet, str(area)
        ("Jo's plan", 'A5:B9')
    """
    sheet, _, cells = text.rpartition("!")
    if sheet.startswith("'") and sheet.endswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, Area.parse(cells) if sheet else None
