"""Broken and hostile files: one clear line, exit code 2, memory bounded, nothing left behind, the source untouched."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kinerja_sim import cli
from kinerja_sim.field import excel, rows, xes
from kinerja_sim.field.mapping import FileFormat
from kinerja_sim.know.errors import InputError
from tests.unit.field.logs import QUEUE, QUEUE_MAP, XES, XES_MAP, written

LAUGHS = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<log><trace><event><string key="concept:name" value="&c;"/></event></trace></log>"""
HEADER = QUEUE.split("\n")[0] + "\n"


LONG_CELL = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
    f'<c t="inlineStr"><is><t>{"x" * 10**6}</t></is></c></row></sheetData></worksheet>'
)


def workbook(**parts):
    """Return the bytes of a small workbook, parts of its package replaced or added."""
    book = openpyxl.Workbook()
    for line in QUEUE.strip().split("\n"):
        book.active.append(line.split(","))
    made, out = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, None) or old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def zip_of(name, content):
    """Return the bytes of a zip file with one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return out.getvalue()


WORKBOOK = workbook()
BOMB = b"".join(hashlib.shake_256(b"%d" % i).hexdigest(350).encode() + b"x" * 100_000 + b"\n" for i in range(800))
"""Eighty megabytes that gzip shrinks about two hundred times: no more than a clever bomb would."""
BROKEN = {
    "empty": (b"", "empty file"),
    "header only": (HEADER.encode(), "rows below its header"),
    "only line breaks": (b"\n\n\n", "header"),
    "binary": (bytes(range(256)) * 40, "binary data"),
    "binary later": (QUEUE.encode() * 5000 + b"T9,\0\0\1,2026-01-05 08:00:00,,,,,\n", "binary data"),
    "cut in a row": ((QUEUE + "T9,KTP,2026-01").encode(), "interrupted"),
    "open quotation mark": ((QUEUE + 'T9,"KTP,2026-01\n').encode(), "quotation"),
    "a cell of a million": ((QUEUE + f"T9,{'x' * 10**6},2026-01-05 08:00:00,,,,,\n").encode(), "131072"),
    "a quoted cell of a million": ((QUEUE + f'T9,"{"x" * 200_000}",,,,,,\n').encode(), "131072"),
    "a line without end": (HEADER.encode() + b"x" * 3 * 10**6, "131072"),
    "wrong encoding": ((QUEUE * 5000 + "T9,K\xfcche,2026-01-05 08:00:00,,,,,\n").encode("latin-1"), "encoding"),
    "half UTF-16": (QUEUE.encode("utf-16")[:-1], "utf-16"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".xlsx or CSV"),
    "cut Excel": (WORKBOOK[:-300], "damaged"),
    "Excel without sheet": (zip_of("xl/workbook.xml", "<workbook/>"), "damaged"),
    "another zip": (zip_of("log.csv", QUEUE), "another zip"),
    "a bomb in Excel": (workbook(**{"xl/media/x.bin": b"\0" * (rows.FREE_BYTES + 1)}), "100 times"),
    "entities in Excel": (workbook(**{"xl/sharedStrings.xml": LAUGHS}), "document type"),
    "a long cell in Excel": (workbook(**{"xl/worksheets/sheet1.xml": LONG_CELL}), "131072"),
    "a bomb in gzip": (gzip.compress(HEADER.encode() + BOMB), "100 times"),
    "cut gzip": (gzip.compress(QUEUE.encode() * 50)[:-20], "truncated"),
    "billion laughs": (LAUGHS.encode(), "document type"),
    "billion laughs in gzip": (gzip.compress(LAUGHS.encode()), "document type"),
    "cut XES": (XES[:-60].encode(), "well-formed"),
    "another XML": (b"<html><body/></html>", "another kind of XML"),
    "deep XML": (b"<log>" + b"<a>" * 100 + b"</a>" * 100 + b"</log>", "levels"),
    "XES without events": (b"<log></log>", "no events"),
    "XES with a long value": (XES.replace("Print", "P" * 10**6).encode(), "131072"),
}  # fmt: skip


def refused(path, tmp_path, *, is_xes=False):
    """Import a file that cannot be imported; return the one line, after checking that nothing else happened."""
    described = written(tmp_path / "m.yaml", XES_MAP if is_xes else QUEUE_MAP)
    before = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir() if p.is_file()}
    lines = []
    for ask in (["--map", described, "-o", tmp_path / "mine", "--key", tmp_path / "key"], ["--guess"]):
        done = CliRunner().invoke(cli.app, [str(a) for a in ("import", path, *ask)])
        assert done.exit_code == 2, (done.exit_code, done.output, done.exception)
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        lines.append(done.stderr)
    assert {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.iterdir() if p.is_file()} == before
    assert not (tmp_path / "mine").exists()
    return lines[0]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_ends_in_one_line(name, tmp_path):
    """Import and guess both refuse the file with exit code 2 and say what is wrong; nothing is written."""
    content, words = BROKEN[name]
    line = refused(written(tmp_path / "log", content), tmp_path, is_xes="XES" in name or "XML" in name)

    assert words in line
    assert line.count("\n") == 1
    assert len(line) < 500


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_folder_a_pipe_and_nothing_are_no_files(tmp_path):
    """A folder, a named pipe (which is not waited for) and a missing file are refused."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    assert "a folder" in refused(tmp_path / "folder", tmp_path)
    assert "a pipe" in refused(tmp_path / "pipe", tmp_path)
    assert "no such file" in refused(tmp_path / "nothing", tmp_path)


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    """A file without the right to read it is refused; made by hand here, since the superuser reads everything."""
    path = written(tmp_path / "log.csv", QUEUE)
    real = type(path).open

    def refuse(self, *arguments, **options):
        if self == path and arguments[:1] == ("rb",):
            raise PermissionError(13, "Permission denied")
        return real(self, *arguments, **options)

    monkeypatch.setattr(type(path), "open", refuse)
    done = CliRunner().invoke(cli.app, ["import", str(path), "--guess"])

    assert done.exit_code == 2
    assert "Permission denied" in done.stderr


def test_a_folder_that_may_not_be_written_is_told_before_the_work(tmp_path):
    """A data folder below a file is refused, and the key is not made."""
    path = written(tmp_path / "log.csv", QUEUE)
    described = written(tmp_path / "m.yaml", QUEUE_MAP)
    done = CliRunner().invoke(
        cli.app, ["import", str(path), "--map", str(described), "-o", str(path / "mine"), "--key", str(tmp_path / "k")]
    )

    assert done.exit_code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log.csv", "m.yaml"]


@pytest.mark.parametrize("name", ["a bomb in Excel", "a bomb in gzip", "a line without end", "billion laughs"])
def test_memory_stays_bounded(name, tmp_path):
    """A process that refuses a bomb grows by less than 200 MB beyond what its libraries take."""
    pytest.importorskip("resource")
    path = written(tmp_path / "log", BROKEN[name][0])
    script = (
        "import resource, sys\n"
        "from kinerja_sim.field import columns, excel, intake, xes\n"
        "from kinerja_sim.field.guess import guess_mapping\n"
        "from kinerja_sim.know.errors import InputError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    guess_mapping(sys.argv[1])\nexcept InputError:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)

    assert int(done.stdout) < 200_000  # KiB


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=400), st.text(max_size=300).map(lambda t: (HEADER + t).encode("utf-8", "replace"))
    )
)
def test_random_bytes_never_end_in_a_traceback(tmp_path_factory, content):
    """Whatever stands in a file, the verb ends with exit code 0 or 2 and at most one line on stderr for each breach."""
    folder = tmp_path_factory.mktemp("fuzz")
    path, described = written(folder / "log", content), written(folder / "m.yaml", QUEUE_MAP)
    for ask in (["--map", str(described), "-o", str(folder / "mine"), "--key", str(folder / "key")], ["--guess"]):
        done = CliRunner().invoke(cli.app, ["import", str(path), *ask])
        assert done.exit_code in (0, 2), (done.output, done.exception)
        assert done.exit_code == 0 or not (folder / "mine").exists()


@settings(max_examples=40)
@given(at=st.integers(0, len(XES) - 1), to=st.integers(0, 255), cut=st.booleans())
def test_damaged_xes_never_ends_in_a_traceback(tmp_path_factory, at, to, cut):
    """An event log with one byte changed, or cut there, is imported or refused in one line."""
    folder = tmp_path_factory.mktemp("xes")
    data = XES.encode()
    path = written(folder / "log.xes", data[:at] if cut else data[:at] + bytes([to]) + data[at + 1 :])
    described = written(folder / "m.yaml", XES_MAP)
    done = CliRunner().invoke(
        cli.app, ["import", str(path), "--map", str(described), "-o", str(folder / "m"), "--key", str(folder / "key")]
    )

    assert done.exit_code in (0, 2), (done.output, done.exception)


@settings(max_examples=30)
@given(at=st.integers(0, 6000), to=st.integers(0, 255))
def test_damaged_workbooks_never_end_in_a_traceback(tmp_path_factory, at, to):
    """A workbook with one byte changed is imported or refused in one line."""
    folder = tmp_path_factory.mktemp("xlsx")
    data = bytearray(WORKBOOK)
    data[at % len(data)] = to
    path, described = written(folder / "log.xlsx", bytes(data)), written(folder / "m.yaml", QUEUE_MAP)
    done = CliRunner().invoke(
        cli.app, ["import", str(path), "--map", str(described), "-o", str(folder / "m"), "--key", str(folder / "key")]
    )

    assert done.exit_code in (0, 2), (done.output, done.exception)


def test_the_bounds_are_those_that_the_tests_use():
    """A cell may be as long as Python's own csv allows, and a package has bounds on parts and strings."""
    assert rows.MAX_CELL == 131_072
    assert excel.MAX_STRINGS < 2**30


def test_a_tag_without_end_is_refused_before_it_is_read_whole(tmp_path):
    """A parser reads an unfinished tag anew with every block: 5 MB of one attribute would take minutes."""
    log = io.BytesIO(b'<log><trace><event><string key="a" value="' + b"0" * 5_000_000)
    with pytest.raises(InputError, match="in a cell"):
        xes.xes_rows(log, "log.xes", lambda: None)
    assert log.tell() < 2 * rows.MAX_LINE

    sheet = LONG_CELL.replace("<row>", f'<row x="{"0" * 5_000_000}">').replace("x" * 10**6, "x")
    path = written(tmp_path / "log.xlsx", workbook(**{"xl/worksheets/sheet1.xml": sheet}))
    with pytest.raises(InputError, match="in a cell"), rows.open_rows(path, FileFormat()):
        pass
