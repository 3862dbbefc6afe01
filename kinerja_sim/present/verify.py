"""Does every number in a deck or brief still match the results it came from? Recomputed one by one, and listed.

A deck carries a list of bindings; each names the cell behind a number. What the file shows,
what it showed when it was written, and what the tables say now are three things: a number
is stale, edited, lost or bound to nothing accordingly. Words may be changed: text whose
numbers hold is reported as reworded and passes, unless a word of the ladder or a unit in it
now says more (`present.verify_words`). A picture that somebody added cannot be read and is
only reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.extras import need
from kinerja_sim.know.files import label_of
from kinerja_sim.know.messages import sentence
from kinerja_sim.present.claims import Number, tokens
from kinerja_sim.present.claims_book import Book
from kinerja_sim.present.claims_bound import FORMAT, Inventory
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.saved import Saved, load_saved
from kinerja_sim.present.verify_words import overclaims
from kinerja_sim.study.store import file_sum

Status = Literal[
    "stale", "edited", "missing", "not_bound", "overclaims", "changed_tables", "other_run", "reworded", "removed",
    "other_tables", "picture",
]  # fmt: skip
FAILING: tuple[Status, ...] = ("stale", "edited", "missing", "not_bound", "overclaims", "changed_tables", "other_run")
REORDERED = ("/title", "/kicker")  # where other words may put the same numbers in another order
SUFFIXES = (".pptx", ".html", ".pdf")


@dataclass(frozen=True)
class Check:
    """One thing to know about a file: what, where, what is shown and what the results say."""

    status: Status
    where: str
    shown: str = ""
    expected: str = ""

    @property
    def fails(self) -> bool:
        """Whether the file does not pass because of it."""
        return self.status in FAILING


@dataclass
class Report:
    """What `verify` found; `n_bound` numbers were recomputed, `n_names` stand in names."""

    path: Path
    folder: Path
    n_bound: int = 0
    n_names: int = 0
    checks: list[Check] = field(default_factory=list)
    inventory: Inventory = field(default_factory=Inventory)

    @property
    def holds(self) -> bool:
        """Whether every number shown, and every word about it, is what the results say."""
        return not any(check.fails for check in self.checks)


def verify(path: str | Path, results: str | Path | None = None) -> Report:
    """Return what of a deck or brief no longer matches its results.

    Parameters
    ----------
    path : path
        A .pptx, .html or .pdf that `kinerja slides` or `kinerja compare` wrote, edited or not.
    results : path, optional
        The comparison's folder; None looks where the file lies, and one folder up.

    Raises
    ------
    InputError
        If the file cannot be read or holds no list of bindings, or the results are not found.
    """
    file = Path(path)
    inventory = read_shown(file)
    bindings = inventory.bindings
    if not bindings or bindings.get("format") != FORMAT or "texts" not in bindings:
        raise InputError(
            f"`file` must hold the list of where its numbers come from; got none in {label_of(path)}. Some programs "
            "drop it when they save: verify the file that `kinerja slides` wrote, or one saved by PowerPoint."
        )
    saved = load_saved(find_results(file, results), is_checked=False)
    book = Book(saved, translator(bindings["lang"]).lang)
    report = Report(file, saved.folder, inventory=inventory)
    report.checks += _provenance(bindings, saved)
    report.checks += _texts(bindings["texts"], inventory, book, report)
    report.checks += _data(bindings["data"], inventory, book, report)
    report.checks += _pictures(bindings["pictures"], inventory, book, report)
    report.checks = list(dict.fromkeys(report.checks))
    return report


def read_shown(file: Path) -> Inventory:
    """Return what a deck or brief shows, read by its kind.

    Raises
    ------
    InputError
        If there is no such file, or it is not of its kind.
    """
    if file.is_dir():
        raise InputError(sentence("file", "be a file", "a folder", f"at {label_of(file)}", "Name the file itself."))
    if file.suffix.lower() not in SUFFIXES:
        raise InputError(f"`file` must be one of {', '.join(SUFFIXES)}; got '{file.suffix}' in {file.name}.")
    if not file.is_file():
        raise InputError(f"`file` must exist; got {label_of(file)}. `kinerja slides` writes decks and briefs.")
    need("slides", *{".pptx": ("pptx", "lxml", "openpyxl"), ".pdf": ("pypdf",)}.get(file.suffix.lower(), ()))
    try:
        if file.suffix.lower() == ".pptx":
            from kinerja_sim.present.verify_pptx import read_pptx

            return read_pptx(file)
        if file.suffix.lower() == ".html":
            from kinerja_sim.present.verify_html import read_html

            return read_html(file)
        from kinerja_sim.present.verify_pdf import read_pdf

        return read_pdf(file)
    except Exception as error:  # whatever the libraries raise for a broken file
        kind = file.suffix.lower()[1:]
        raise InputError(f"`file` must be a readable {kind} file; got an error in {file.name}: {error}.") from None


def find_results(file: Path, results: str | Path | None) -> Path:
    """Return the folder of the comparison that a file belongs to.

    Raises
    ------
    InputError
        If none is given and none is found around the file.
    """
    if results is not None:
        return Path(results)
    around = (file.absolute().parent.parent, file.absolute().parent)
    found = next((f for f in around if (f / "contrasts.parquet").is_file() and (f / "manifest.json").is_file()), None)
    if found is None:
        raise InputError(
            f"`results` must name the comparison's folder; got nothing around {label_of(file)}. Give it with --results."
        )
    return found


def _provenance(bindings: Mapping[str, Any], saved: Saved) -> Iterator[Check]:
    """Yield whether the tables are those the file was made from, and those the run wrote."""
    run = str(saved.manifest["run_id"])
    if bindings["run_id"] != run:
        yield Check("other_run", "manifest.json", str(bindings["run_id"]), run)
    wrote = saved.manifest.get("tables", {})
    for name, before in bindings["tables"].items():
        now = file_sum(saved.folder / name)
        if wrote.get(name, now) != now:
            yield Check("changed_tables", name, now[:10], str(wrote[name])[:10])
        elif now != before:
            yield Check("other_tables", name, before[:10], now[:10])


def _texts(
    recorded: Mapping[str, Mapping[str, Any]], inventory: Inventory, book: Book, report: Report
) -> Iterator[Check]:  # fmt: skip
    seen_slides = {address.partition("/")[0] for address in inventory.texts}
    for address, entry in recorded.items():
        numbers = [Number.read(n) for n in entry["numbers"]]
        if address not in inventory.texts:
            slide = address.partition("/")[0]
            if slide in seen_slides and address.endswith("/footer"):  # it says n, and what the lines of a chart mean
                yield Check("missing", address, "", entry["text"])
            else:
                yield Check("removed", address if slide in seen_slides else slide)
            continue
        text = inventory.texts[address]
        found = list(_compare(address, numbers, tokens(text), book, report))
        if text != entry["text"]:
            said = overclaims(text, entry["text"], numbers, book.lang)
            found += [Check("overclaims", address, *pair) for pair in said]
        yield from found
        if text != entry["text"] and not found:
            yield Check("reworded", address, text, entry["text"])
    for address, text in inventory.texts.items():
        if address not in recorded:
            yield from (Check("not_bound", address, token) for token in tokens(text))


def _data(
    recorded: Mapping[str, Sequence[Mapping[str, Any]]], inventory: Inventory, book: Book, report: Report
) -> Iterator[Check]:  # fmt: skip
    for address, entries in recorded.items():
        if address in inventory.data:
            yield from _compare(address, [Number.read(n) for n in entries], inventory.data[address], book, report)
        else:
            yield Check("removed", address.rpartition("/")[0])
    for address, values in inventory.data.items():
        if address not in recorded:
            yield from (Check("not_bound", address, value) for value in values)


def _pictures(
    recorded: Mapping[str, Mapping[str, Any]], inventory: Inventory, book: Book, report: Report
) -> Iterator[Check]:  # fmt: skip
    """Yield what is wrong with drawn figures: another picture, or data that have moved on since it was drawn."""
    for address, entry in recorded.items():
        if address not in inventory.pictures:
            yield Check("removed", address)
            continue
        if inventory.pictures[address] != entry["sha256"]:
            yield Check("edited", address, inventory.pictures[address][:10], entry["sha256"][:10])
        drawn = [Number.read(n) for n in entry["numbers"]]
        yield from _compare(address, drawn, [n.shown for n in drawn], book, report)
    for address in inventory.pictures:
        if address not in recorded:
            yield Check("picture", address)


def _compare(
    address: str, recorded: Sequence[Number], seen: Sequence[str], book: Book, report: Report
) -> Iterator[Check]:  # fmt: skip
    """Yield what differs between the numbers recorded, those seen, and those that the tables have now."""
    report.n_bound += sum(n.claim is not None for n in recorded)
    report.n_names += sum(n.claim is None for n in recorded)
    now = [_now(n, book) for n in recorded]
    shown = [n.shown for n in recorded]
    if address.endswith(REORDERED) and Counter(shown) == Counter(seen):
        seen = shown
    for kind, i, j, k, m in SequenceMatcher(None, shown, list(seen), autojunk=False).get_opcodes():
        if kind == "equal":
            for was, is_now in zip(shown[i:j], now[i:j], strict=True):
                if was != is_now:
                    yield Check("stale", address, was, is_now)
            continue
        for is_now, is_seen in zip_longest(now[i:j], seen[k:m]):
            if is_seen is None:
                yield Check("missing", address, "", is_now)
            elif is_now is None:
                yield Check("not_bound", address, is_seen)
            elif is_seen != is_now:
                yield Check("edited", address, is_seen, is_now)


def _now(number: Number, book: Book) -> str:
    """Return what a number must be now; an en dash when the tables do not hold it any more."""
    if number.claim is None:
        return number.shown
    try:
        written = book.write(number.claim)
        return written if number.claim.style.startswith("data") else (tokens(written) or [written])[0]
    except (KeyError, ValueError, TypeError, IndexError):
        return "–"
