"""The engine: what has not changed is left alone, a failure stays alone, pages need no network."""

import json
import re

import nbformat
import pytest

from kinerja_sim.know.errors import InputError
from kinerja_sim.present import kernels, notebooks
from kinerja_sim.present.notebooks import make_job, run_jobs, tables_key
from kinerja_sim.present.pages import notebook_page
from kinerja_sim.present.report import choose_notebooks, write_report

QUICK = ["60_rating"]
REMOTE = re.compile(r"""(?:src|href)\s*=\s*["'](?!data:|#|\.\./|[\w-]+\.ipynb)[^"']*|@import|url\(\s*["']?(?!data:)""")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"notebooks": ["10_regoin"]}, r"`notebooks` must be notebooks that fit the folder.*`10_region`"),
        ({"notebooks": ["90"]}, r"`notebooks` must be notebooks that fit the folder; got '90'"),
        ({"regions": ["lampung"]}, r"`regions` must be regions that the tables hold; got 'lampung'"),
        ({"values": {"n_replicatoins": 5}}, r"`n_replicatoins` must be a parameter.*Did you mean `n_replications`\?"),
        ({"values": {"n_replications": "lima"}}, r"`n_replications` must be a whole number of at least 2; got 'lima'"),
        ({"values": {"results_folder": "x"}}, r"`results_folder` must be a parameter of the notebooks that are run"),
        ({"values": {"budget_idr": 1.0}, "notebooks": ["60"]}, r"`budget_idr` must be a parameter of the notebooks"),
    ],
)
def test_a_mistake_is_refused_before_anything_is_run(compared, options, message):
    """Unknown notebooks, regions and parameters and ill-typed values stop the report with nothing written."""
    with pytest.raises(InputError, match=message):
        write_report(compared, "en", **options)
    assert not (compared / "report").exists()


def test_a_folder_without_tables_is_refused(tmp_path):
    """A folder that holds neither a comparison nor a sweep is a user's mistake."""
    with pytest.raises(InputError, match="`folder` must hold the tables of a comparison"):
        write_report(tmp_path, "en")


def test_leading_numbers_name_notebooks():
    """`10,30` asks for the notebooks that start with these numbers, in their order."""
    assert choose_notebooks(["30", "10"], ["10_a", "20_b", "30_c"]) == ["10_a", "30_c"]


@pytest.fixture
def job(compared, tmp_path):
    """Return a function that makes a job about the small comparison."""

    def make(name="60_rating", region="arcamanik", lang="en", page=True, stem="x", **values):
        stem = tmp_path / "here" / stem
        values = {"results_folder": str(compared), **values}
        key = tables_key(compared)
        return make_job(name, region, stem.with_suffix(".ipynb"), values, key, lang,
                        stem.with_suffix(".html") if page else None)  # fmt: skip

    return make


def test_the_key_follows_everything_that_decides_a_notebook(compared, job, monkeypatch):
    """Region, language, parameters, tables and package change the key; the folder's name does not."""
    keys = {
        job().key, job(region="tebing-tinggi").key, job(lang="id").key, job("40_budget").key,
        job("40_budget", budget_idr=1.0).key, job("40_budget", budget_idr=2.0).key,
    }  # fmt: skip
    assert len(keys) == 6
    assert job(results_folder="elsewhere").key == job().key
    before, manifest = job().key, compared / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text + " ", encoding="utf-8")
    changed = job().key
    manifest.write_text(text, encoding="utf-8")
    assert changed != before
    monkeypatch.setattr(notebooks, "package_key", lambda: "another version")
    assert job().key != before


def test_half_a_file_is_not_taken_for_a_finished_one(job):
    """A copy that was cut off, or has no key, is run again."""
    one = job(page=False)
    one.target.parent.mkdir()
    for text in ('{"cells": [', '{"metadata": {}}', json.dumps({"metadata": {"kinerja": {"key": "other"}}})):
        one.target.write_text(text, encoding="utf-8")
        assert not notebooks._is_up_to_date(one)
    one.target.write_text(json.dumps({"metadata": {"kinerja": {"key": one.key}}}), encoding="utf-8")
    assert notebooks._is_up_to_date(one)


def outputs_of(path):
    """Return the outputs of an executed copy, without what differs by nature."""
    book = nbformat.read(path, as_version=4)
    return [(c.execution_count, c.outputs) for c in book.cells if c.cell_type == "code"]


@pytest.mark.slow
def test_the_engine_runs_caches_and_isolates(compared, tmp_path, job):
    """A good notebook is complete, a failing one is kept with its page and error, nothing is run twice."""
    good, bad = job(), job(region="tebing-tinggi", stem="bad")
    broken = nbformat.read(bad.source, as_version=4)
    broken.cells.insert(3, nbformat.v4.new_code_cell("leak = 1\nraise ZeroDivisionError('one divides by zero')"))
    source = tmp_path / "broken.ipynb"
    nbformat.write(broken, source)
    bad = notebooks.Job(**{**vars(bad), "source": source})
    after, seen = job(stem="after"), []
    found = run_jobs([good, bad, after], 1, lambda done, total: seen.append((done, total)))
    assert [o.error and o.error[:60] for o in found] == [None, found[1].error[:60], None]
    assert "ZeroDivisionError: one divides by zero" in found[1].error
    assert seen == [(1, 3), (2, 3), (3, 3)]
    page = found[1].page.read_text(encoding="utf-8")
    assert "This notebook failed" in page
    assert "one divides by zero" in page
    assert found[1].path.is_file()
    # The kernel after a failure is a fresh one, and the same notebook says the same in either.
    assert outputs_of(found[0].path) == outputs_of(found[2].path)
    assert outputs_of(found[0].path)[0][0] == 1
    text = found[0].path.read_text(encoding="utf-8")
    assert str(found[0].path.parent) not in text
    again = run_jobs([good, bad, after], 1)
    assert [o.is_cached for o in again] == [True, False, True]
    assert sorted(p.name for p in good.target.parent.iterdir()) == [
        "after.html", "after.ipynb", "bad.html", "bad.ipynb", "x.html", "x.ipynb",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_warm_kernel_forgets_the_last_notebook(tmp_path):
    """Names of one notebook are unknown to the next in the same kernel, which counts its cells from 1."""
    kernel = kernels.WarmKernel()
    cells = {
        "first.ipynb": "secret = 1\nimport os\nos.getpid()",
        "second.ipynb": "import os\n('secret' in dir(), os.getpid())",
    }
    results = []
    for name, source in cells.items():
        cell = nbformat.v4.new_code_cell(source)
        nbformat.write(
            nbformat.v4.new_notebook(
                cells=[cell],
                metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            ),
            tmp_path / name,
        )
        book, error = kernel.run(tmp_path / name, tmp_path / f"out-{name}", {})
        assert error is None
        results.append((book.cells[0].execution_count, book.cells[0].outputs[0].data["text/plain"]))
    kernel.stop()
    assert [count for count, _ in results] == [1, 1]
    assert results[1][1] == f"(False, {results[0][1]})"


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_notebook_runs_and_its_page_needs_no_network(compared, lang):
    """All notebooks on a small comparison run to their end, in both languages, with pages that ask for nothing."""
    small = {"n_replications": 2, "n_draws": 40, "months": 2}
    found = write_report(compared, lang, regions=["arcamanik"], values=small, workers=2)
    assert [(o.name, o.error) for o in found.failed] == []
    assert len(found.outcomes) == 9  # the tenth reads a sweep
    for outcome in found.outcomes:
        page = outcome.page.read_text(encoding="utf-8")
        assert REMOTE.findall(page) == [], outcome.name
        assert "<script" not in page
        assert f'lang="{lang}"' in page
        assert "None" not in re.sub(r"<[^>]+>", " ", page)
        book = nbformat.read(outcome.path, as_version=4)
        streams = [o for c in book.cells if c.cell_type == "code" for o in c.outputs if o.output_type != "display_data"]
        assert streams == [], outcome.name
        heading = "Yang tidak ditunjukkan" if lang == "id" else "What this does not show"
        assert heading in page, outcome.name
    index = found.index.read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]+)"', index)
    assert len(links) == len(found.outcomes)
    assert all((found.index.parent / link).is_file() for link in links)
    listed = json.loads((found.index.parent / "manifest.json").read_text(encoding="utf-8"))["notebooks"]
    assert [(n["notebook"], n["region"]) for n in listed] == [(o.name, o.region) for o in found.outcomes]
    assert all(o.is_cached for o in write_report(compared, lang, regions=["arcamanik"], values=small).outcomes)


def test_the_pattern_sees_remote_references():
    """The search above would find a remote script, style, image or font."""
    for text in ('<script src="https://x.org/a.js">', "<link href='//x.org/a.css'>", '@import "a.css"', "url(a.woff)"):
        assert REMOTE.search(text)


@pytest.mark.slow
def test_a_sweep_has_its_own_notebook(swept):
    """A sweep's folder runs the notebook on sweeps and no other; its page shows the map of weights."""
    found = write_report(swept, "id")
    assert [(o.name, o.region, o.error) for o in found.outcomes] == [("90_sweep", "", None)]
    page = found.outcomes[0].page.read_text(encoding="utf-8")
    assert REMOTE.findall(page) == []
    assert page.count("data:image/png;base64") >= 2
    with pytest.raises(InputError, match="`notebooks` must be notebooks that fit the folder; got '10'"):
        write_report(swept, "id", notebooks=["10"])


def test_a_failure_is_told_in_the_readers_language_and_without_a_traceback():
    """The page has one line on what failed; a user's mistake is translated, and code and paths stay in the copy."""
    lost = nbformat.v4.new_output("error", ename="InputError", evalue="x", traceback=["Traceback in /somewhere"])
    shown = nbformat.v4.new_output("stream", text="7 of 10: 70 %, n = 20")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0", outputs=[shown, lost])])
    error = "cell 3: InputError: `lang` must be one of id, en; got 'fr'. Use --lang id or --lang en."
    page = notebook_page(book, "10_region", "arcamanik", "id", error)

    assert "sel 3: `lang` harus salah satu dari id, en; didapat &#39;fr&#39;." in page
    assert "70\N{NO-BREAK SPACE}%, n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}20" in page
    assert "Traceback" not in page
    assert [len(cell["outputs"]) for cell in book.cells] == [2]
