"""Runs inside LibreOffice, with LibreOffice's own Python: nothing but the standard library and UNO.

`addin install --libreoffice` copies it to the user's scripts and fills in which Python computes.
"""

import json
import os
import struct
import subprocess
import threading

INTERPRETER = "{interpreter}"
VERSION = "{version}"
CODES = {"#NULL!": 521, "#DIV/0!": 532, "#VALUE!": 519, "#REF!": 524, "#NAME?": 525, "#NUM!": 503, "#N/A": 32767}
TITLE = "RevOps"

_server = None
_lock = threading.Lock()
_last_message = ""


def _ask(request):
    """One request to the process that computes; started at the first one, and again if it died."""
    global _server
    with _lock:
        line = json.dumps(request).encode() + b"\n"
        for attempt in (1, 2):
            answer = b""
            if _server is None or _server.poll() is not None:
                command = [INTERPRETER, "-P", "-m", "revops_xl.hosts.libreoffice.served"]
                hidden = {"creationflags": 0x08000000} if hasattr(subprocess, "STARTUPINFO") else {}
                # LibreOffice points Python at its own library; the other Python has its own.
                clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
                pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
                try:
                    _server = subprocess.Popen(command, env=clean, **pipes, **hidden)
                except OSError:
                    break
            try:
                _server.stdin.write(line)
                _server.stdin.flush()
                answer = _server.stdout.readline()
            except OSError:
                pass
            if answer:
                return json.loads(answer)
            _server = None
        return {
            "error": "#VALUE!",
            "message": f"Python did not answer: {INTERPRETER}. Run: revops-xl addin install --libreoffice",
        }


def _error(text):
    """A number that Calc shows as an error value: not a number, with the error's code in its last bits."""
    return struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000 | CODES.get(text, 519)))[0]


def call(name, arguments):
    """A worksheet function, for its Basic wrapper."""
    global _last_message
    answer = _ask({"function": name, "arguments": _plain(arguments)})
    if "error" in answer:
        _last_message = f"{name}: {answer['message']}"
        return _error(answer["error"])
    value = answer["value"]
    return tuple(tuple(row) for row in value) if isinstance(value, list) else value


def _plain(value):
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


# --- the menu ------------------------------------------------------------------------------------------------


def _box(document, text, bad=False):
    from com.sun.star.awt.MessageBoxType import ERRORBOX, INFOBOX

    window = document.getCurrentController().getFrame().getContainerWindow()
    window.getToolkit().createMessageBox(window, ERRORBOX if bad else INFOBOX, 1, TITLE, text).execute()


def _path(document):
    import uno

    return uno.fileUrlToSystemPath(document.URL) if document.URL else ""


def _saved(document):
    """The file of the document, saved if it has changed; or what is to be said."""
    if not document.URL.lower().endswith((".xlsx", ".xlsm")):
        return None, {"text": "Save the plan as an .xlsx workbook first.", "bad": True}
    if document.isModified():
        document.store()
    return _path(document), None


def _select(document, sheet, cell):
    if sheet in document.Sheets.ElementNames and document.getCurrentController() is not None:
        target = document.Sheets.getByName(sheet)
        document.getCurrentController().setActiveSheet(target)
        if cell:
            document.getCurrentController().select(target.getCellRangeByName(cell))


def _asked(document, action, *arguments):
    """What an action says; the cell of the first problem is selected."""
    answer = _ask({"action": action, "arguments": list(arguments)})
    found = answer.get("value") or {"text": answer["message"], "bad": True}
    if found.get("sheet"):
        _select(document, found["sheet"], found["cell"])
    return found


def check_in(document):
    """Check a document: the document, and what is to be said."""
    path, refused = _saved(document)
    return document, refused or _asked(document, "check", path)


def run_in(document):
    """Run the plan of a document: the file is computed beside it, and takes its place when it is whole."""
    path, refused = _saved(document)
    return _replaced(document, path, refused or _asked(document, "run", path))


def import_in(document, *files):
    """Propose what becomes of files, or do what is proposed; without files those that are proposed."""
    path, refused = _saved(document)
    return _replaced(document, path, refused or _asked(document, "import", path, *files))


def _replaced(document, path, found):
    """Let the file that was made take the place of the document's, and open it."""
    if not found.get("path"):
        return document, found
    controller = document.getCurrentController()
    active = controller.getActiveSheet().Name if controller is not None else ""
    url, hidden = document.URL, controller is None
    document.close(True)  # a program on Windows holds its file until then
    finished = _ask({"action": "finish", "arguments": [found["path"], path]})
    from com.sun.star.beans import PropertyValue

    desktop = XSCRIPTCONTEXT.getDesktop()
    again = desktop.loadComponentFromURL(url, "_default", 0, (PropertyValue("Hidden", 0, hidden, 0),))
    shown = found.get("show") or active
    if shown in again.Sheets.ElementNames:
        again.Sheets.getByName(shown).IsVisible = True
    _select(again, shown, "")
    failed = finished.get("value", {"text": finished.get("message", ""), "bad": True})
    return again, failed if failed["bad"] else found


def explain_in(document, name):
    """Why a node or deal of a document has its number: the document, and what is to be said."""
    path, refused = _saved(document)
    return document, refused or _asked(document, "explain", path, name)


def check(*_):
    """Menu: Check."""
    _tell(*check_in(XSCRIPTCONTEXT.getDocument()))


def run(*_):
    """Menu: Run all."""
    _tell(*run_in(XSCRIPTCONTEXT.getDocument()))


def import_files(*_):
    """Menu: Import files."""
    document = XSCRIPTCONTEXT.getDocument()
    path, refused = _saved(document)
    if refused:
        _tell(document, refused)
        return
    waiting = _asked(document, "proposed", path)
    files = waiting.get("files") or _picked()
    if files:
        _tell(*import_in(document, *files))


def _picked():
    """Files that the user picks."""
    import uno

    context = XSCRIPTCONTEXT.getComponentContext()
    picker = context.ServiceManager.createInstanceWithContext("com.sun.star.ui.dialogs.FilePicker", context)
    picker.setMultiSelectionMode(True)
    picker.appendFilter("Exports", "*.csv;*.tsv;*.txt;*.xlsx;*.parquet")
    return [uno.fileUrlToSystemPath(each) for each in picker.getSelectedFiles()] if picker.execute() == 1 else []


def explain(*_):
    """Menu: Explain selection, in a new document."""
    document = XSCRIPTCONTEXT.getDocument()
    selected = document.getCurrentSelection()
    name = selected.getCellByPosition(0, 0).String if hasattr(selected, "getCellByPosition") else ""
    document, found = explain_in(document, name)
    if found["bad"]:
        _tell(document, found)
        return
    shown = XSCRIPTCONTEXT.getDesktop().loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
    sheet = shown.Sheets.getByIndex(0)
    sheet.Name = "Explanation"
    for row, cells in enumerate(found["rows"]):
        for column, text in enumerate(cells):
            sheet.getCellByPosition(column, row).setString(text)
    sheet.Columns.getByIndex(0).OptimalWidth = True
    shown.setModified(False)


def last_error(*_):
    """Menu: Last error of a worksheet function."""
    text = _last_message or "No worksheet function has failed since LibreOffice was started."
    _box(XSCRIPTCONTEXT.getDocument(), text, bad=bool(_last_message))


def last_message(*_):
    """The same as a text."""
    return _last_message


def _tell(document, found):
    _box(document, found["text"], found["bad"])


def said(action, document, *arguments):
    """For programs that drive LibreOffice: what a menu entry does and would say, as JSON."""
    acts = {"check": check_in, "run": run_in, "import": import_in, "explain": explain_in}
    return json.dumps(acts[action](document, *arguments)[1])


g_exportedScripts = (call, check, run, import_files, explain, last_error, last_message, said)
