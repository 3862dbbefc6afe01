"""A process that dies at its n-th write, played in this one: from then on nothing it does reaches the disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WRITES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir")


class Killed(BaseException):
    """The process is gone."""


class _Life:
    """How many writes below `folder` are left; None: nobody is to die."""

    left: int | None = None
    folder = ""


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _Life.left is None or event not in (*WRITES, "open"):
        return
    if event == "open":
        mode, flags = args[1], args[2]
        if not (set(mode) & set("wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR)):
            return
    if _Life.left == 0:
        raise Killed
    if str(args[0]).startswith(_Life.folder):
        _Life.left -= 1
        if _Life.left == 0:
            raise Killed


sys.addaudithook(_hook)  # cannot be taken away again; it does nothing while nobody is to die


def dies_at(write: int, folder: Path, act: Callable[[], object]) -> bool:
    """Call `act` and let it die just before its `write`-th write below `folder`, from 1; return whether it did."""
    _Life.folder, _Life.left = str(folder), write
    try:
        act()
    except Killed:
        return True
    finally:
        _Life.left = None
    return False
