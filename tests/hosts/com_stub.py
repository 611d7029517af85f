"""xlwings' machinery for worksheet functions, which is for Windows, imported elsewhere: COM is stubbed, the rest is xlwings' own."""

from __future__ import annotations

import atexit
import ctypes
import ctypes.util
import datetime as dt
import sys
import types
from typing import Any
from unittest.mock import MagicMock

#: How Excel says that an optional argument was left out.
MISSING = -2147352572


class ComError(Exception):
    hresult = 0


class COMException(Exception):
    """What Python throws to tell VBA an error's text."""

    def __init__(self, description: str = "", scode: int = 0) -> None:
        assert scode < 0, "COM calls a result with code 0 a success"
        super().__init__(description)


def _module(name: str, **content: Any) -> Any:
    module = types.ModuleType(name)
    module.__dict__.update(content)
    sys.modules[name] = module
    return module


def install() -> Any:
    """Stub COM, import xlwings' Windows parts, and return its COM server module."""
    _module("pywintypes", com_error=ComError, error=Exception, TimeType=dt.datetime, IID=lambda text: text)
    pythoncom = _module(
        "pythoncom",
        CoInitialize=lambda: None,
        CoUninitialize=lambda: None,
        ole_error=ComError,
        com_error=ComError,
        IID_IDispatch=1,
        IID_IEnumVARIANT=2,
        TypeIIDs={1: type("PyIDispatch", (), {})},
        __file__=ctypes.util.find_library("c") or "libc.so.6",
        CoMarshalInterThreadInterfaceInStream=MagicMock(),
        CoGetInterfaceAndReleaseStream=MagicMock(),
    )
    pythoncom.new = MagicMock()
    for name in ("win32api", "win32con", "win32gui", "win32process", "win32event"):
        _module(name)
    _module("win32timezone", TimeZoneInfo=type("TimeZoneInfo", (), {"utc": staticmethod(lambda: dt.UTC)}))
    blank = {name: type(name, (), {}) for name in ("CDispatch", "DispatchBaseClass", "CoClassBaseClass")}
    client = _module("win32com.client", Dispatch=lambda x, **_: x, DispatchEx=MagicMock(), **blank)
    client.gencache = MagicMock()
    server = _module("win32com.server")
    server.__path__ = []
    for name in ("dispatcher", "policy", "util", "exception"):
        setattr(server, name, _module(f"win32com.server.{name}"))
    server.exception.COMException = COMException
    server.util.wrap = lambda thing, *_, **__: thing

    def not_wrapped(_: object) -> None:
        raise TypeError

    server.util.unwrap = not_wrapped
    _module("win32com", client=client, server=server).__path__ = []
    ctypes.oledll = ctypes.windll = MagicMock()  # type: ignore[attr-defined]
    real, ctypes.PyDLL = ctypes.PyDLL, lambda *_, **__: MagicMock()  # type: ignore[misc,assignment]
    try:
        import xlwings
        from xlwings import _xlwindows, com_server, udfs
    finally:
        ctypes.PyDLL = real  # type: ignore[misc]
    atexit.unregister(_xlwindows.cleanup)
    xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
    xlwings.engines.active = xlwings.engines["excel"]
    # What xlwings does by itself on Windows.
    xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret
    xlwings.sub = xlwings.script = udfs.xlsub
    return com_server
