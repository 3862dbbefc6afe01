"""Every shipped notebook keeps the contract of parameters and asks the question of the catalogue."""

import re

import nbformat
import pytest

from kinerja_sim.know.parameters import PARAMETERS
from kinerja_sim.present.notebooks import declared_parameters, notebook_path, shipped_notebooks
from kinerja_sim.present.questions import question, questions

NAMES = shipped_notebooks()
LINE = re.compile(r"(\w+): (\w+) = (.+?)  # (.+)")


def cells_of(name, kind):
    """Return the sources of a shipped notebook's cells of one kind."""
    book = nbformat.read(notebook_path(f"{name}.ipynb"), as_version=4)
    return [cell for cell in book.cells if cell.cell_type == kind]


def test_the_set_is_complete():
    """Ten notebooks are shipped as reports, each with a question of its own; the explorer is none of them."""
    assert list(questions("id")) == NAMES
    assert len(NAMES) == 10
    assert "explore" not in NAMES
    assert len(set(questions("en").values())) == 10


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_with_its_question_in_both_languages(name):
    """The heading is Indonesian, the line below it English, both from the catalogue; then input, output, reader."""
    first = cells_of(name, "markdown")[0]
    lines = first.source.splitlines()
    assert lines[0] == f"# {question(name, 'id')}"
    assert lines[2] == f"*{question(name, 'en')}*"
    assert [line.split(":")[0] for line in lines[4:]] == [
        "- Masukan / input",
        "- Keluaran / output",
        "- Pembaca / reader",
    ]
    assert first.metadata.tags == ["question"]


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_are_those_of_the_contract(name):
    """Name, type and comment of every parameter come from one place, and its default keeps the rules."""
    cell = next(c for c in cells_of(name, "code") if "parameters" in c.metadata.get("tags", []))
    found = [LINE.fullmatch(line).groups() for line in cell.source.splitlines()]
    assert {n: kind for n, kind, _, _ in found} == declared_parameters(notebook_path(f"{name}.ipynb"))
    for parameter, kind, default, comment in found:
        rule = PARAMETERS[parameter]
        assert (kind, comment) == (rule.kind, rule.comment)
        rule.read(default.strip('"'))


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_no_text_of_its_own_and_ends_with_its_limits(name):
    """Narrative is computed: no text in a code cell is a sentence, and the last cell says what is not shown."""
    code = cells_of(name, "code")
    texts = [text for cell in code[1:] for text in re.findall(r'"([^"\n]*)"', cell.source)]
    assert [text for text in texts if " " in text] == []
    assert len(cells_of(name, "markdown")) == 1
    assert "limits()" in code[-1].source
