"""A headless LibreOffice Calc with our functions installed; run by LibreOffice's own Python (`python3` with UNO).

usage: calc_session.py PROFILE < commands (JSON lines) > answers (JSON lines)
Commands: open PATH · read SHEET AREA · formulas · script NAME ARGS · convert PATH TARGET FILTER · close
"""

import json
import pathlib
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue


def value(name, what):
    return PropertyValue(name, 0, what, 0)


def connect(profile):
    pipe = f"revops{profile.name.replace('-', '').replace('_', '')}"
    accept = f"pipe,name={pipe};urp;"
    command = [
        "soffice",
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        f"--accept={accept}",
    ]
    office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(240):
        try:
            return office, resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.25)
    raise RuntimeError("LibreOffice does not answer")


class Session:
    def __init__(self, context):
        self.context = context
        self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self.document = None

    def open(self, path):
        # Macros run as for a user who trusts the file: the functions are the user's own, not the file's.
        options = (value("Hidden", True), value("MacroExecutionMode", 4))
        url = pathlib.Path(path).as_uri() if "://" not in path and not path.startswith("private:") else path
        self.document = self.desktop.loadComponentFromURL(url, "_blank", 0, options)
        self.document.calculateAll()
        return [sheet.Name for sheet in self.document.Sheets]

    def convert(self, path, target, form):
        document = self.desktop.loadComponentFromURL(pathlib.Path(path).as_uri(), "_blank", 0, (value("Hidden", True),))
        try:
            document.storeToURL(pathlib.Path(target).as_uri(), (value("FilterName", form),))
        finally:
            document.close(True)
        return target

    def read(self, sheet, area):
        cells = self.document.Sheets.getByName(sheet).getCellRangeByName(area)
        rows = []
        for r in range(cells.Rows.Count):
            row = []
            for c in range(cells.Columns.Count):
                cell = cells.getCellByPosition(c, r)
                if cell.getError():
                    row.append({"error": cell.String})
                elif cell.Type.value == "VALUE":
                    row.append(cell.Value)
                elif cell.FormulaResultType2 == 2 or cell.Type.value == "TEXT":
                    row.append(cell.String)
                else:
                    row.append(cell.Value)
            rows.append(row)
        return rows

    def data(self, sheet, area):
        """Values of many cells at once; errors come as texts."""
        return self.document.Sheets.getByName(sheet).getCellRangeByName(area).getDataArray()

    def set(self, sheet, address, formula):
        start = time.perf_counter()
        cell = self.document.Sheets.getByName(sheet).getCellRangeByName(address)
        cell.setFormula(formula)
        cell.getError()  # a cell is calculated when it is looked at
        return time.perf_counter() - start

    def set_array(self, sheet, area, formula):
        start = time.perf_counter()
        self.document.Sheets.getByName(sheet).getCellRangeByName(area).setArrayFormula(formula)
        return time.perf_counter() - start

    def fill(self, sheet, area, rows):
        cells = self.document.Sheets.getByName(sheet).getCellRangeByName(area)
        cells.setDataArray(tuple(tuple(row) for row in rows))

    def script(self, name, *arguments):
        factory = self.context.getValueByName("/singletons/com.sun.star.script.provider.theMasterScriptProviderFactory")
        where = f"vnd.sun.star.script:revops_xl_calc.py${name}?language=Python&location=user"
        script = factory.createScriptProvider("").getScript(where)
        given = tuple(self.document if each == "DOCUMENT" else each for each in arguments)
        result, _, _ = script.invoke(given, (), ())
        if name == "said":
            self.document = next(iter(self.documents()), None)
            return json.loads(result)
        return result

    def documents(self):
        found = self.desktop.Components.createEnumeration()
        while found.hasMoreElements():
            yield found.nextElement()

    def menu(self):
        provider = self.context.ServiceManager.createInstanceWithContext(
            "com.sun.star.configuration.ConfigurationProvider", self.context
        )
        access = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationAccess",
            (value("nodepath", "/org.openoffice.Office.Addons/AddonUI/OfficeMenuBar"),),
        )
        if not access.hasByName("revops-xl.menu"):
            return []
        entries = access.getByName("revops-xl.menu").getByName("Submenu")
        return [[entries.getByName(name).Title, entries.getByName(name).URL] for name in entries.ElementNames]

    def close(self):
        if self.document is not None:
            self.document.close(True)
            self.document = None


def main():
    office, context = connect(pathlib.Path(sys.argv[1]))
    session = Session(context)
    try:
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            try:
                answer = {"value": getattr(session, name)(*arguments)}
            except Exception as error:
                answer = {"failed": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)
    finally:
        try:
            session.desktop.terminate()
        except Exception:
            pass
        office.wait(60)


if __name__ == "__main__":
    main()
