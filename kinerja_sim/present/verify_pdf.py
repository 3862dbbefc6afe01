"""What a PDF brief shows, read from the file: the text of every page, what figures are said to show, page sums."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kinerja_sim.present.claims_bound import Inventory

ATTACHMENT = "kinerja-bindings.json"


def read_pdf(path: Path) -> Inventory:
    """Return what the brief at `path` shows; a page's sum is that of its drawing commands.

    Raises
    ------
    Exception
        Whatever pypdf raises for a file that is no PDF.
    """
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # a file that is no PDF is told once, in our words
    reader, inventory = PdfReader(path), Inventory()
    for i, page in enumerate(reader.pages, start=1):
        inventory.add(f"page-{i}", page.extract_text())
        inventory.pictures[f"page-{i}"] = _sum(page)
    for i, alt in enumerate(alternatives(reader), start=1):
        inventory.add(f"figure-{i}/alt", alt)
    found = reader.attachments.get(ATTACHMENT)
    if found:
        inventory.bindings = json.loads(bytes(found[0]).decode("utf-8"))
    return inventory


def _sum(page: Any) -> str:
    """Return the sha256 of everything that a page draws, forms within it included."""
    digest = hashlib.sha256()
    contents = page.get_contents()
    digest.update(contents.get_data() if contents is not None else b"")
    seen: set[int] = set()

    def forms(resources: Any) -> None:
        for name, reference in sorted((resources or {}).get("/XObject", {}).items()):
            form = reference.get_object()
            if id(form) in seen:
                continue
            seen.add(id(form))
            digest.update(str(name).encode() + form.get_data())
            forms(form.get("/Resources"))

    forms(page.get("/Resources"))
    return digest.hexdigest()


def alternatives(reader: Any) -> list[str]:
    """Return what screen readers say of the figures, in their order; empty for a figure that says nothing."""
    root = reader.trailer["/Root"].get("/StructTreeRoot")
    return list(_figures(root.get_object())) if root is not None else []


def _figures(node: Any) -> Iterator[str]:
    if not hasattr(node, "get"):
        return
    if node.get("/S") == "/Figure":
        yield str(node.get("/Alt", ""))
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        yield from _figures(child.get_object() if hasattr(child, "get_object") else child)
