"""What no committed file may hold, and what every data file and notebook must have."""

import ast
import hashlib
import re
from pathlib import Path

import nbformat
import pytest
from ruamel.yaml import YAML

# Written as patterns, so that this file does not match itself.
FORBIDDEN = {
    "a package index or its options": r"pypi\.org|pythonhosted\.|anaconda\.(org|com)|test\.pypi|index[-_]url|"
    r"https?://[^\s\"']*/simple\b|dev[p]i|artifact[o]ry",
    "a path of one machine": r"(?<![\w.-])/(root|work|home|Users)/\w|[A-Z]:\\Users\\",
    "a file URL": r"file:/{2}/",
}
LARGEST = 1_000_000  # bytes


def breaches(text: str) -> list[str]:
    """Return what in `text` no committed file may hold."""
    return [f"{what}: {hit.group()}" for what, rule in FORBIDDEN.items() for hit in re.finditer(rule, text)]


@pytest.mark.parametrize(
    "text",
    ["https://" + "pypi" + ".org/simple", "--extra-index" + "-url x", "/home" + "/ani/kinerja", "file:" + "///opt/x"],
    ids=["index", "option", "path", "file-url"],
)
def test_the_guard_sees_hosts_and_paths(text):
    """The guard below sees an index host, its option, a home folder and a file URL."""
    assert breaches(text)


def test_no_file_names_a_host_or_a_machine(root, repository_files):
    """No committed file names a package index, an option that sets one, or a folder of one machine."""
    here = {str(root.parent) + "/", str(Path.home()) + "/"} - {"//"}
    found = {}
    for file in repository_files:
        text = file.read_bytes().decode("utf-8", errors="replace")
        hits = breaches(text) + [f"this machine: {place}" for place in here if place in text]
        if hits:
            found[file.relative_to(root).as_posix()] = hits[:3]

    assert found == {}


def test_no_file_is_large(root, repository_files):
    """No committed file exceeds 1 MB."""
    sizes = {file.relative_to(root).as_posix(): file.stat().st_size for file in repository_files}

    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_every_data_file_has_its_source(root, repository_files):
    """data/SOURCES.yaml lists every data file with source, licence, date and the file's own sha256."""
    data = root / "data"
    sources = data / "SOURCES.yaml"
    listed = {row["file"]: row for row in YAML(typ="safe").load(sources)}
    present = {
        file.relative_to(data).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in repository_files
        if file.is_relative_to(data) and file != sources
    }

    assert {name: row["sha256"] for name, row in listed.items()} == present
    assert [
        name for name, row in listed.items() if not all(row.get(key) for key in ("source", "licence", "date"))
    ] == []


def test_sources_name_only_documents_that_are_here(root, repository_files):
    """Whoever looks a source up finds the document it names."""
    named = {
        (file.relative_to(root).as_posix(), name)
        for file in repository_files
        if file.is_relative_to(root / "data") or (file.suffix == ".py" and file.is_relative_to(root / "kinerja_sim"))
        for name in re.findall(r"(?<![\w*/{}])[\w/-]+\.md\b", file.read_text(encoding="utf-8"))
    }

    assert len(named) > 5
    assert sorted(each for each in named if not (root / each[1]).is_file()) == []


PARAMETER = re.compile(r"\w+: [\w\[\], .|]+ = .+  # .+")


def notebook_faults(book: nbformat.NotebookNode) -> list[str]:
    """Return what makes a notebook unfit to be committed or run by papermill."""
    nbformat.validate(book)
    faults = []
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    if any(cell.outputs or cell.execution_count is not None for cell in code):
        faults.append("holds outputs: run nbstripout")
    headings = [
        line
        for cell in book.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("# ")
    ]
    if len(headings) != 1 or not book.cells[0].source.startswith("# "):
        faults.append(f"must open with its one H1; has {headings}")
    parameters = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    if len(parameters) != 1:
        faults.append(f"must have one cell tagged `parameters`; has {len(parameters)}")
    for cell in parameters:
        faults += [f"parameter without type or comment: {line}" for line in cell.source.splitlines()
                   if line.strip() and not PARAMETER.fullmatch(line)]  # fmt: skip
    for cell in code:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or node.lineno) - node.lineno > 2:
                faults.append(f"`{node.name}` belongs in the package: more than three lines")
    return faults


def test_the_guard_sees_an_unfit_notebook():
    """The guard below sees outputs, a second H1, an uncommented parameter and a long function."""
    bad = nbformat.v4.new_notebook()
    bad.cells = [
        nbformat.v4.new_markdown_cell("# One\n\n# Two"),
        nbformat.v4.new_code_cell("region: str = 'x'", metadata={"tags": ["parameters"]}, execution_count=3),
        nbformat.v4.new_code_cell("def f():\n    a = 1\n    b = 2\n    return a + b"),
    ]

    assert len(notebook_faults(bad)) == 4


def test_notebooks_are_fit_to_commit_and_to_run(root, repository_files):
    """Each notebook is stripped, opens with its one H1 and has one commented parameters cell."""
    books = [file for file in repository_files if file.suffix == ".ipynb" and file.is_relative_to(root / "notebooks")]
    faults = {file.name: notebook_faults(nbformat.read(file, as_version=4)) for file in books}

    assert books
    assert {name: found for name, found in faults.items() if found} == {}
