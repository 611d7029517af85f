"""Links to elsewhere, and what tells of people and machines, taken out of a package."""

from __future__ import annotations

import posixpath

from revops_xl.workbook.file import xml
from revops_xl.workbook.file.contents import head_of, root_of
from revops_xl.workbook.file.package import Package
from revops_xl.workbook.travelling.freeze_cells import Change

#: Relations whose target goes: links to elsewhere, and what tells of a person or a machine.
_DROPPED = {
    "externalLink": "link to another workbook",
    "connections": "data connections",
    "queryTable": "query table",
    "printerSettings": "settings of a printer",
    "customXml": "custom data of other programs",
    "custom-properties": "custom properties",
    "thumbnail": "picture of the first page",
    "webextension": "Office add-in",
    "webextensiontaskpanes": "Office add-in",
    "attachedToolbars": "toolbars",
    "customProperty": "custom property of a sheet",
}
_WEB = ("http://", "https://", "mailto:", "#")


def _now(package: Package, changed: dict[str, bytes], part: str) -> bytes:
    """A part as it will be, so far."""
    return changed.get(part) or package.read(part)


def without_links(package: Package, changed: dict[str, bytes], dropped: set[str], changes: list[Change]) -> None:
    """Links to elsewhere, and parts that tell of a machine."""
    for part in [name for name in package.zip.namelist() if name.endswith(".rels")]:
        root = xml.parse(_now(package, changed, part), xml.MOST_BYTES_OF_A_LIST)
        source = posixpath.join(posixpath.dirname(posixpath.dirname(part)), posixpath.basename(part)[:-5])
        ids = []
        for relation in list(root):
            kind, target = (relation.get("Type") or "").rpartition("/")[2], relation.get("Target") or ""
            outside = relation.get("TargetMode") == "External"
            if kind in _DROPPED and not outside:
                full = (
                    target[1:]
                    if target.startswith("/")
                    else posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
                )
                dropped.add(package.actual(full))
                changes.append(Change(f"{_DROPPED[kind]} taken out", posixpath.basename(full), ""))
            elif not (outside and not (kind == "hyperlink" and target.lower().startswith(_WEB))):
                continue
            else:
                changes.append(Change("link taken out", posixpath.basename(source), target))
            ids.append(relation.get("Id"))
            root.remove(relation)
        if ids:
            changed[part] = xml.serialised(root)
            if source in package.zip.NameToInfo and source not in dropped:
                _forget(package, changed, source, set(ids))


def _forget(package: Package, changed: dict[str, bytes], part: str, ids: set[str | None]) -> None:
    """Elements that name relations which are gone."""
    content = _now(package, changed, part)
    root = xml.parse_bare(content)
    for element in list(root.iter()):
        named = [key for key, value in element.attrib.items() if key.startswith("{http") and value in ids]
        if not named:
            continue
        if element.tag.endswith("}pageSetup"):
            for key in named:
                del element.attrib[key]
        elif element.getparent() is not None:
            parent = element.getparent()
            parent.remove(element)
            if parent.tag.endswith("}hyperlinks") and not len(parent):
                parent.getparent().remove(parent)
    changed[part] = xml.serialised(root)


def without_people(
    package: Package, changed: dict[str, bytes], dropped: set[str], changes: list[Change], *, sheets_gone: bool
) -> None:
    """Names of people in properties, comments and caches."""
    for part in package.zip.namelist():
        if part in dropped or not part.endswith((".xml", ".psmdcp")):
            continue
        root = root_of(head_of(package.zip, package.zip.NameToInfo[part]))  # by what it is, not by what it is called
        if root in {"coreProperties", "Properties"}:
            _properties(package, changed, changes, part, sheets_gone=sheets_gone)
        elif root in {"comments", "personList", "pivotCacheDefinition"} or (
            root == "worksheet" and b"<scenario" in _now(package, changed, part)
        ):
            _anonymous(package, changed, changes, part)


def _properties(
    package: Package, changed: dict[str, bytes], changes: list[Change], part: str, *, sheets_gone: bool
) -> None:
    root = xml.parse(_now(package, changed, part))
    told = []
    for element in list(root):
        tag = element.tag.rpartition("}")[2]
        if tag in {
            "creator",
            "lastModifiedBy",
            "Company",
            "Manager",
            "HyperlinkBase",
            "Template",
            "HLinks",
        } and "".join(element.itertext()):
            told.append(f"{tag} {element.text or ''}".strip())
            if tag == "HLinks":
                root.remove(element)
                continue
            element.text = ""
        if tag in {"HeadingPairs", "TitlesOfParts"} and sheets_gone:
            root.remove(element)
    if told or sheets_gone:
        changes += [Change("property blanked", posixpath.basename(part), text) for text in told]
        changed[part] = xml.serialised(root)


def _anonymous(package: Package, changed: dict[str, bytes], changes: list[Change], part: str) -> None:
    root = xml.parse(_now(package, changed, part))
    named = 0
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2]
        if tag == "author" and element.text:
            element.text, named = "", named + 1
        elif tag == "person" and element.get("displayName"):
            for key in ("displayName", "userId", "providerId"):
                element.set(key, "None" if key == "providerId" else "Author")
            named += 1
        elif tag == "pivotCacheDefinition" and element.get("refreshedBy"):
            del element.attrib["refreshedBy"]
            named += 1
    if named:
        changed[part] = xml.serialised(root)
        changes.append(Change("names of people blanked", posixpath.basename(part), str(named)))
