"""What a reveal.js deck shows, read from the file: every text by its address, pictures by their sum."""

from __future__ import annotations

import hashlib
import json
from html.parser import HTMLParser
from pathlib import Path

from kinerja_sim.present.claims_bound import Inventory

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"script", "style", "title"}
MARK = "kinerja-bindings"


class _Reader(HTMLParser):
    """Collects texts below `section[id]` by `data-k`; what stands elsewhere is collected as 'other'."""

    def __init__(self) -> None:
        super().__init__()
        self.inventory = Inventory()
        self.stack: list[tuple[str, str]] = []  # (tag, address part that it opens, or "")
        self.section = "outside"
        self.parts: dict[int, tuple[str, list[str]]] = {}
        self.loose: dict[str, list[str]] = {}
        self.json: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "section":
            self.section = found.get("id", "unnamed")
        if tag == "script" and found.get("id") == MARK:
            self.json = []
        if tag == "img":
            part = found.get("data-k", "picture")
            self.inventory.pictures[f"{self.section}/{part}"] = hashlib.sha256(
                found.get("src", "").encode()
            ).hexdigest()
            self.inventory.add(f"{self.section}/{part}/alt", found.get("alt", ""))
        if tag in VOID:
            return
        self.stack.append((tag, found.get("data-k", "")))
        if found.get("data-k"):
            self.parts[len(self.stack)] = (f"{self.section}/{found['data-k']}", [])

    def handle_endtag(self, tag: str) -> None:
        if not any(open_tag == tag for open_tag, _ in self.stack):
            return
        while self.stack:
            depth, (closed, _) = len(self.stack), self.stack.pop()
            if depth in self.parts:
                address, texts = self.parts.pop(depth)
                self.inventory.add(address, " ".join(texts))
            if closed == "section":
                self.section = "outside"
            if closed == tag:
                break
        if tag == "script" and self.json is not None and self.inventory.bindings is None:
            self.inventory.bindings = json.loads("".join(self.json))
            self.json = None

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] in SILENT:
            if self.json is not None:
                self.json.append(data)
        elif self.parts:
            self.parts[max(self.parts)][1].append(data)
        else:
            self.loose.setdefault(self.section, []).append(data)


def read_html(path: Path) -> Inventory:
    """Return what the deck at `path` shows.

    Raises
    ------
    ValueError
        If the list of bindings inside is no JSON.
    """
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    for section, texts in reader.loose.items():
        reader.inventory.add(f"{section}/other", " ".join(texts))
    return reader.inventory
