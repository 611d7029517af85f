"""Results kept for equal arguments, so that many cells that ask for one plan compute it once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The last few results by the digest of what they were made from.

    Example:
        >>> kept = Kept[int](2)
        >>> kept.get(b"a", lambda: 1), kept.get(b"a", lambda: 2)
        (1, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[bytes, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: bytes, make: Callable[[], Value]) -> Value:
        """What was made for this key, or what is made now."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
