"""How many threads learning may use."""

from __future__ import annotations

import contextlib
from typing import Any


def one_thread() -> contextlib.AbstractContextManager[Any]:
    """Keep OpenMP to one thread: its threads wait actively, and slow each other down tenfold where others work too."""
    import sklearn.ensemble  # noqa: PLC0415, F401  (only what is loaded can be limited)
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    return threadpool_limits(1)  # type: ignore[no-any-return]
