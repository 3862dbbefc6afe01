"""Bring data/SOURCES.yaml up to date: where each shipped data file comes from, and its fingerprint.

Run it after a data file has changed:

    python scripts/update_sources.py
    python scripts/update_sources.py --add policies/mine.yaml --source "..." --licence MIT --date 2026-01-31
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from ruamel.yaml import YAML

DATA = Path(__file__).resolve().parent.parent / "data"
NAME = "SOURCES.yaml"


def update_sources(data: Path, add: dict[str, str] | None = None) -> list[str]:
    """Rewrite `data`/SOURCES.yaml with the present fingerprints, and keep everything else in it.

    Parameters
    ----------
    data : the folder of data files
    add : a row to add or to replace, with the keys file, source, licence and date

    Returns
    -------
    list of str
        What a person must still do: files without a row, rows without a file.
    """
    yaml = YAML()
    yaml.width = 4096  # one value, one line
    target = data / NAME
    rows = {row["file"]: row for row in (yaml.load(target) if target.exists() else [])}
    if add:
        rows[add["file"]] = dict(add)
    files = {path.relative_to(data).as_posix(): path for path in data.rglob("*") if path.is_file() and path != target}
    for name in rows.keys() & files.keys():
        rows[name]["sha256"] = hashlib.sha256(files[name].read_bytes()).hexdigest()
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        yaml.dump([rows[name] for name in sorted(rows)], stream)
    return [
        *(
            f"`{name}` must have a row; add it with --add, --source, --licence and --date."
            for name in files
            if name not in rows
        ),
        *(f"`{name}` must exist; remove its row from {NAME}." for name in rows if name not in files),
    ]


def main() -> int:
    """Read the command line, update the file and say what is left to do; 2 when something is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--add", metavar="FILE", help="a file below data/ whose row is added or replaced")
    for name in ("source", "licence", "date"):
        parser.add_argument(f"--{name}", help=f"the {name} of the file that is added")
    given = parser.parse_args()
    row = {"file": given.add, "source": given.source, "licence": given.licence, "date": given.date}
    if given.add and not all(row.values()):
        parser.error("--add needs --source, --licence and --date")
    left = update_sources(DATA, row if given.add else None)
    print("\n".join(left) or f"{NAME} is up to date.")
    return 2 if left else 0


if __name__ == "__main__":
    sys.exit(main())
