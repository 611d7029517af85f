"""A workbook with everything in it that finance people collect over the years, built part by part."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import xlsxwriter

from tests.packages import RELATIONS, TYPES, chain, tamper, with_relation, with_type

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
VBA = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 500 + "_VBA_PROJECT".encode("utf-16-le") + b"\0" * 500

PIVOT_CACHE = f"""<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{RELATIONS}" r:id="rId1" refreshedBy="x" refreshedDate="45000" createdVersion="6" refreshedVersion="6" minRefreshableVersion="3" recordCount="2"><cacheSource type="worksheet"><worksheetSource ref="A1:B3" sheet="Data"/></cacheSource><cacheFields count="2"><cacheField name="Region" numFmtId="0"><sharedItems count="2"><s v="North"/><s v="South"/></sharedItems></cacheField><cacheField name="Sales" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1" containsInteger="1" minValue="1" maxValue="2"/></cacheField></cacheFields></pivotCacheDefinition>"""
PIVOT_RECORDS = f'<pivotCacheRecords xmlns="{MAIN}" count="2"><r><x v="0"/><n v="1"/></r><r><x v="1"/><n v="2"/></r></pivotCacheRecords>'
PIVOT_TABLE = f"""<pivotTableDefinition xmlns="{MAIN}" name="PivotTable1" cacheId="7" applyNumberFormats="0" applyBorderFormats="0" applyFontFormats="0" applyPatternFormats="0" applyAlignmentFormats="0" applyWidthHeightFormats="1" dataCaption="Values" updatedVersion="6" minRefreshableVersion="3" createdVersion="6"><location ref="G3:H6" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields count="2"><pivotField axis="axisRow" showAll="0"><items count="3"><item x="0"/><item x="1"/><item t="default"/></items></pivotField><pivotField dataField="1" showAll="0"/></pivotFields><rowFields count="1"><field x="0"/></rowFields><rowItems count="3"><i><x/></i><i><x v="1"/></i><i t="grand"><x/></i></rowItems><colItems count="1"><i/></colItems><dataFields count="1"><dataField name="Sum of Sales" fld="1" baseField="0" baseItem="0"/></dataFields></pivotTableDefinition>"""
SLICER_CACHE = """<slicerCacheDefinition xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" name="Slicer_Region" sourceName="Region"><pivotTables><pivotTable tabId="1" name="PivotTable1"/></pivotTables><data><tabular pivotCacheId="7"><items count="2"><i x="0" s="1"/><i x="1" s="1"/></items></tabular></data></slicerCacheDefinition>"""
PERSONS = '<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><person displayName="Jo" id="{11111111-1111-1111-1111-111111111111}" userId="jo" providerId="None"/></personList>'
CONNECTIONS = f'<connections xmlns="{MAIN}"><connection id="1" name="Ledger" type="5" refreshedVersion="6"><dbPr connection="Provider=x" command="y"/></connection></connections>'
LEVELS = '<c:cat><c:multiLvlStrRef><c:f>Quotas!$A$5:$B$5</c:f><c:multiLvlStrCache><c:ptCount val="1"/><c:lvl/><c:lvl/></c:multiLvlStrCache></c:multiLvlStrRef></c:cat>'
CUSTOM = b'<?xml version="1.0"?><budget xmlns="urn:example"><line>1</line></budget>'


def rich_book(path: Path, *, macros: bool = False) -> Path:
    """Charts, pictures, comments, form controls, sparklines, formats, pivots, slicers, custom XML, macros."""
    options = {"strings_to_urls": True}
    book = xlsxwriter.Workbook(path, options)
    page = book.add_worksheet("Data")
    bold = book.add_format({"bold": True, "bg_color": "#FFEEDD", "num_format": '#,##0.0 "kg"', "border": 1})
    page.write_row(0, 0, ["Region", "Sales", "Trend"], bold)
    page.write_row(1, 0, ["North", 1])
    page.write_row(2, 0, ["South", 2])
    page.write_formula(3, 1, "=SUM(B2:B3)", bold, 3)
    page.write_dynamic_array_formula("D2:D3", "=B2:B3*2", None, 2)
    page.write_number(2, 3, 4)
    page.write_url(5, 0, "https://example.com/", string="site")
    page.write_comment(1, 1, "legacy note")
    page.add_sparkline(1, 2, {"range": "Data!B2:B3"})
    page.conditional_format("B2:B3", {"type": "data_bar", "data_bar_2010": True})
    page.conditional_format("B2:B3", {"type": "icon_set", "icon_style": "3_traffic_lights"})
    page.data_validation("A2:A3", {"validate": "list", "source": ["North", "South"]})
    page.insert_image(8, 0, "dot.png", {"image_data": io.BytesIO(_DOT), "description": "a dot"})
    page.embed_image(8, 4, "dot.png", {"image_data": io.BytesIO(_DOT)})
    page.insert_textbox(8, 6, "Remember")
    page.insert_checkbox(12, 0, True)
    page.insert_button(14, 0, {"caption": "Press"})
    page.freeze_panes(1, 1)
    page.set_column("A:A", 22)
    page.set_row(20, 40)
    page.merge_range("A22:C22", "merged", bold)
    page.print_area("A1:E30")
    page.set_header("&L&G", {"image_left": "dot.png", "image_data_left": io.BytesIO(_DOT)})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"categories": "=Data!$A$2:$A$3", "values": "=Data!$B$2:$B$3"})
    page.insert_chart(0, 8, chart)
    ours = book.add_chart({"type": "column", "subtype": "stacked"})
    ours.add_series({"name": "Quota", "categories": "=Data!$A$5:$B$5", "values": "=Data!$J$5:$J$5"})
    page.insert_chart(20, 8, ours)
    hidden = book.add_worksheet("Settings")  # a name that a plan uses too
    hidden.write(0, 0, "mine")
    hidden.very_hidden()
    book.define_name("Sales", "=Data!$B$2:$B$3")
    book.set_custom_property("Ledger", "4711")
    if macros:
        book.add_vba_project(str(_vba(path)), is_stream=False)
    book.close()
    return _with_more(path)


def _vba(path: Path) -> Path:
    project = path.with_suffix(".bin")
    project.write_bytes(VBA)
    return project


def _with_more(path: Path) -> Path:
    """What XlsxWriter cannot make: pivots, slicers, people, connections, custom XML, a part of no known kind."""
    pivot = b'<pivotCaches><pivotCache cacheId="7" r:id="rId950"/></pivotCaches></workbook>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    empty = f'<Relationships xmlns="{package}"></Relationships>'.encode()
    return tamper(
        path,
        {
            "xl/pivotCache/pivotCacheDefinition1.xml": PIVOT_CACHE.encode(),
            "xl/pivotCache/pivotCacheRecords1.xml": PIVOT_RECORDS.encode(),
            "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": with_relation("pivotCacheRecords", "pivotCacheRecords1.xml", number=1)(empty),
            "xl/pivotTables/pivotTable1.xml": PIVOT_TABLE.encode(),
            "xl/pivotTables/_rels/pivotTable1.xml.rels": with_relation("pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml", number=1)(empty),
            "xl/worksheets/_rels/sheet1.xml.rels": with_relation("pivotTable", "../pivotTables/pivotTable1.xml"),
            "xl/slicerCaches/slicerCache1.xml": SLICER_CACHE.encode(),
            "xl/persons/person.xml": PERSONS.encode(),
            "xl/connections.xml": CONNECTIONS.encode(),
            "customXml/item1.xml": CUSTOM,
            "xl/unheard/of.dat": bytes(range(256)) * 4,
            "xl/charts/chart2.xml": lambda content: re.sub(rb"<c:cat>.*?</c:cat>", LEVELS.encode(), content.replace(b"Data!", b"Quotas!")),
            "xl/workbook.xml": lambda content: content.replace(b"</workbook>", pivot),
            "xl/_rels/workbook.xml.rels": chain(
                with_relation("pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml", number=950),
                with_relation("http://schemas.microsoft.com/office/2007/relationships/slicerCache", "slicerCaches/slicerCache1.xml", number=951),
                with_relation("http://schemas.microsoft.com/office/2017/10/relationships/person", "persons/person.xml", number=952),
                with_relation("connections", "connections.xml", number=953),
                with_relation("customXml", "../customXml/item1.xml", number=954),
            ),
            TYPES: chain(
                with_type("xl/pivotCache/pivotCacheDefinition1.xml", f"{_OFFICE}.pivotCacheDefinition+xml"),
                with_type("xl/pivotCache/pivotCacheRecords1.xml", f"{_OFFICE}.pivotCacheRecords+xml"),
                with_type("xl/pivotTables/pivotTable1.xml", f"{_OFFICE}.pivotTable+xml"),
                with_type("xl/slicerCaches/slicerCache1.xml", "application/vnd.ms-excel.slicerCache+xml"),
                with_type("xl/persons/person.xml", "application/vnd.ms-excel.person+xml"),
                with_type("xl/connections.xml", f"{_OFFICE}.connections+xml"),
                with_type("xl/unheard/of.dat", "application/octet-stream"),
            ),
        },
    )  # fmt: skip
