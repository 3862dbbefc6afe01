"""The model's pages name what the code reads: ledger rows, constants, metrics and switches.

In `model_odd.md` and `mechanisms.md` a name in square brackets is a row of the evidence ledger.
"""

import ast
import importlib
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.evidence import load_ledger
from kinerja_sim.know.library import list_policies, load_policy, load_region
from kinerja_sim.know.policies import CHANNELS
from kinerja_sim.know.schema import COUNTS, ELEMENTS, METRICS
from kinerja_sim.model import simulate
from kinerja_sim.model.costs import PER_CONTACT
from kinerja_sim.model.officers import CAUSES
from kinerja_sim.model.records import WEIGHTS

PAGES = ("model_odd.md", "mechanisms.md")
NOT_READ = "### 7.15 "
REASONS = {"check only", "prior camp", "left out"}
NAMES_OF = {
    "rr_{channel}": [f"rr_{c}" for c in CHANNELS],
    "resistance_start_{cause}": [f"resistance_start_{c}" for c in CAUSES],
    "sat_offset_{e}": [f"sat_offset_{e}" for e in ELEMENTS],
    "channel_{c}_year_idr": [f"channel_{c}_year_idr" for c in CHANNELS],
    "channel_{c}_each_idr": [f"channel_{c}_each_idr" for c in PER_CONTACT],
    "{name}_reversion_months": [f"{s}_reversion_months" for s in ("motivation", "strain", "resistance")],
}
"""The names that the code puts together while it runs, by the f-string that does it."""
NO_ROW = {"citizen_effect"}  # drawn from a row by `draw_parameters`


def names_in(node: ast.expr) -> Iterable[str]:
    """Yield the keys that a subscript can stand for: constants, both arms of a choice, f-strings by `NAMES_OF`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from [*names_in(node.body), *names_in(node.orelse)]
    elif isinstance(node, ast.JoinedStr):
        template = ast.unparse(node)[2:-1]
        yield from NAMES_OF.get(template, [template])


def rows_read(source: str, rows: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the ledger rows that a module reads, and keys of `params` that are no row."""
    known, read, unknown = set(rows), set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript):
            keys = set(names_in(node.slice))
            read |= keys & known
            if getattr(node.value, "attr", getattr(node.value, "id", "")) == "params":
                unknown |= keys - known - NO_ROW
    return read, unknown


def named_in(text: str) -> set[str]:
    """Return the names in square brackets, links left out."""
    return set(re.findall(r"\[([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\](?!\()", text))


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of a page's table rows, the lines under the headers and escaped bars apart."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not set(line) <= set("|- ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@pytest.fixture(scope="module")
def pages(root: Path) -> dict[str, str]:
    """Return the pages by name."""
    return {name: (root / "docs" / name).read_text("utf-8") for name in PAGES}


@pytest.fixture(scope="module")
def code(root: Path) -> tuple[set[str], set[str]]:
    """Return what the package reads, and what it asks for in vain."""
    found = [rows_read(f.read_text("utf-8"), load_ledger().rows) for f in (root / "kinerja_sim").rglob("*.py")]
    return set().union(*(read for read, _ in found)), set().union(*(unknown for _, unknown in found))


def test_the_scanner_sees_every_kind_of_name():
    """The scanner finds plain names, both arms of a choice and f-strings, and reports a name that is no row."""
    source = "params['aa_b']; my.params['a_c' if x else 'a_d']; params[f'rr_{channel}']; rows['a_e']; params['a_typo']"
    read, unknown = rows_read(source, ["aa_b", "a_c", "a_d", "a_e", *NAMES_OF["rr_{channel}"]])

    assert read == {"aa_b", "a_c", "a_d", "a_e", *NAMES_OF["rr_{channel}"]}
    assert unknown == {"a_typo"}
    assert rows_read("params[f'new_{x}']", [])[1] == {"new_{x}"}
    assert named_in("`[aa_b]` and [a_link](page.md), [S, O]") == {"aa_b"}


def test_the_code_asks_for_no_row_that_is_not_there(code):
    """Every coefficient the code asks for is a row of the ledger."""
    assert code[1] == set()


def test_a_run_reads_no_row_that_the_scanner_misses(code, monkeypatch):
    """Running every policy reads rows of the ledger only through names that the scanner has seen."""
    seen: set[str] = set()

    class Recorder(dict):
        def __getitem__(self, key):
            seen.add(key)
            return super().__getitem__(key)

    real = simulate.draw_parameters
    monkeypatch.setattr(simulate, "draw_parameters", lambda *args: [Recorder(v) for v in real(*args)])
    options = {"seed": 1, "replications": [0], "months": 2, "pre_months": 1, "parameters": "point"}
    for region in ("lampung", "tangerang-selatan"):
        simulate.simulate_block(load_region(region), [load_policy(p) for p in list_policies()], **options)

    assert seen - NO_ROW <= code[0]
    assert len(seen) > 0.9 * len(code[0])


def test_every_row_the_code_reads_is_explained(pages, code):
    """Each ledger row that the code reads stands in the equations of the model's page."""
    odd = pages["model_odd.md"].split(NOT_READ)[0]

    assert code[0] - named_in(odd) - named_in(pages["mechanisms.md"]) == set()


def test_every_name_on_the_pages_is_a_row(pages):
    """Each bracketed name on the pages is a row of the ledger."""
    assert set().union(*map(named_in, pages.values())) - set(load_ledger().rows) == set()


def test_every_row_the_code_does_not_read_has_a_reason(pages, code):
    """The list of unread rows holds exactly those rows, each with one of the known reasons."""
    listed = {}
    for cells in table_rows(pages["model_odd.md"].split(NOT_READ)[1]):
        if (name := named_in(cells[0])) and len(cells) == 3:
            listed[name.pop()] = cells[1]

    assert set(listed) == set(load_ledger().rows) - code[0]
    assert set(listed.values()) <= REASONS
    assert not named_in(pages["mechanisms.md"]) & set(listed)


def test_every_constant_on_the_page_has_the_code_s_value(pages):
    """The constants on the model's page are those of the modules."""
    found = {}
    for cells in table_rows(pages["model_odd.md"]):
        if match := re.fullmatch(r"`(\w+)\.([A-Z_]+)`", cells[0]):
            module = importlib.import_module(f"kinerja_sim.model.{match[1]}")
            found[cells[0]] = (getattr(module, match[2]), ast.literal_eval(cells[1]))

    assert len(found) > 10
    assert {name: pair for name, pair in found.items() if pair[0] != pair[1]} == {}


def test_the_weights_on_the_page_are_the_code_s(pages):
    """The matrix of causes over elements is the one that the kernel uses, and each cause adds up to nine."""
    cells = {row[0]: row[1:] for row in table_rows(pages["model_odd.md"]) if row[0] in ELEMENTS and len(row) == 5}

    assert [[float(x) for x in cells[e]] for e in ELEMENTS] == WEIGHTS.tolist()
    assert (WEIGHTS.sum(axis=0) == 9).all()


def mechanisms(text: str) -> list[list[str]]:
    """Return the rows of the table of mechanisms: name, cause, state, outcomes, ledger rows, switch."""
    return [cells for cells in table_rows(text) if len(cells) == 6 and cells[0] != "mechanism"]


@pytest.mark.parametrize("page", ["limits.md", "limits.id.md"])
def test_the_limits_count_the_ledger_as_it_is(root, page):
    """How many coefficients there are, and how many of them are estimates, is what the ledger holds."""
    grades = [row.grade for row in load_ledger().rows.values()]
    text = (root / "docs" / page).read_text("utf-8")
    counted = re.search(r"(\d+) (?:coefficients|koefisien),? (\d+) ", text)

    assert counted is not None
    assert [int(n) for n in counted.groups()] == [len(grades), grades.count("estimate")]


def test_every_outcome_of_a_mechanism_is_in_the_tables(pages):
    """What a mechanism is said to move is a metric or a count of the results table."""
    rows = mechanisms(pages["mechanisms.md"])
    outcomes = {name for cells in rows for name in re.findall(r"`(\w+)`", cells[3])}

    assert len(rows) > 20
    assert outcomes - set(METRICS) - set(COUNTS) == set()


def test_every_switch_of_a_mechanism_is_accepted(pages):
    """Every `field: value` that switches a mechanism off is a valid change of a policy or of a service unit."""
    policy, region = load_policy("tebing-tinggi"), load_region("tebing-tinggi")
    refused = {}
    for cells in mechanisms(pages["mechanisms.md"]):
        for field, text in re.findall(r"`([\w.]+): ([^`]+)`", cells[5]):
            value = YAML(typ="safe").load(text)
            try:
                if field.startswith("unit."):
                    region.replace(**{f"units__ktp__{field.removeprefix('unit.').replace('.', '__')}": value})
                else:
                    policy.replace(**{field.replace(".", "__"): value})
            except InputError as error:
                refused[field] = str(error)

    assert refused == {}
