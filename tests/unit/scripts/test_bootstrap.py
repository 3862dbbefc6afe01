"""The set-up script: clear words where something is missing, nothing to do where nothing is."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "bootstrap.py"


def run(*arguments: str, script: Path = SCRIPT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a user does."""
    return subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, env=os.environ | environment
    )


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """Return the script as a module that works on a small copy of the repository."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(f"content of {name}\n")
    (tmp_path / ".venv").mkdir()
    python = tmp_path / ".venv" / "python"
    python.touch()
    for name, value in {
        "ROOT": tmp_path,
        "LOCK": tmp_path / "requirements.lock",
        "PROJECT": tmp_path / "pyproject.toml",
        "VENV": tmp_path / ".venv",
        "STAMP": tmp_path / ".venv" / "installed.sha256",
        "COMPILED": tmp_path / ".venv" / "compiled",
        "LOG": tmp_path / ".venv" / "install.log",
        "PYTHON": str(python),
    }.items():
        monkeypatch.setattr(module, name, value)
    return module


def test_help_names_every_verb(bootstrap):
    """The help describes each verb that exists and needs no environment."""
    done = run("--help")

    assert done.returncode == 0
    assert [verb for verb in bootstrap.VERBS if f"\n    {verb} " not in done.stdout] == []


def test_unknown_verb_is_refused():
    """A misspelt verb ends with exit code 2 and the verb that was meant."""
    done = run("compar")

    assert done.returncode == 2
    assert "got 'compar'. Did you mean 'compare'?" in done.stderr


def test_old_pythons_can_read_the_script():
    """Python 3.6 still parses the script, so that it can say that it is too old."""
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 6))


def test_old_python_is_refused_in_one_line():
    """A Python below 3.11 is told so in one line, without a traceback."""
    pretend = f"import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("Python must be 3.11 or newer; got")
    assert len(done.stderr.splitlines()) == 1


def test_stamp_follows_lock_and_pyproject(bootstrap):
    """An environment is ready until the lock or pyproject.toml changes, or its Python goes."""
    assert not bootstrap.is_ready()
    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    assert bootstrap.is_ready()

    for changed in (bootstrap.LOCK, bootstrap.PROJECT):
        bootstrap.STAMP.write_text(bootstrap.fingerprint())
        changed.write_text("another content\n")
        assert not bootstrap.is_ready()

    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    Path(bootstrap.PYTHON).unlink()
    assert not bootstrap.is_ready()


def test_a_ready_environment_is_left_alone(bootstrap, monkeypatch):
    """With the stamp in place nothing is installed and the verb gets its arguments, in order."""
    called = []
    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    monkeypatch.setattr(bootstrap, "install", lambda: called.append("install"))
    monkeypatch.setattr(bootstrap, "freshen", lambda: None)
    monkeypatch.setattr(bootstrap, "run", lambda verb, extra: called.append((verb, extra)) or 3)

    assert bootstrap.main(["compare", "--regions", "arcamanik"]) == 3
    assert called == [("compare", ["--regions", "arcamanik"])]


def test_kernels_are_compiled_when_the_model_changed(bootstrap, tmp_path, monkeypatch):
    """A changed model is compiled once, another changed file gets byte code only, an unchanged one nothing."""
    done = []
    monkeypatch.setattr(bootstrap, "logged", lambda command, doing: done.append(command[-1]))
    monkeypatch.setattr(bootstrap, "compile_folder", lambda place, folder: done.append(folder))
    files = {name: tmp_path / "kinerja_sim" / name / "a.py" for name in ("model", "know")}
    for file in files.values():
        file.parent.mkdir(parents=True)
        file.touch()

    def after_change(name: str | None) -> list[str]:
        done.clear()
        if name:
            later = bootstrap.COMPILED.stat().st_mtime + 5
            os.utime(files[name], (later, later))
            monkeypatch.setattr(bootstrap.time, "time", lambda: later + 1)
        bootstrap.freshen()
        return list(done)

    assert after_change(None) == ["kinerja_sim", "kinerja_sim.model.warm"]
    assert after_change(None) == []
    assert after_change("know") == ["kinerja_sim"]
    assert after_change("model") == ["kinerja_sim", "kinerja_sim.model.warm"]
    assert after_change(None) == []


@pytest.mark.parametrize(("codes", "expected"), [((0, 0), 0), ((0, 2), 2), ((5, 0), 5)], ids=["clean", "last", "first"])
def test_a_verb_fails_with_its_first_failure(bootstrap, monkeypatch, codes, expected):
    """Of several commands all run, and the first that fails decides the exit code."""
    ran = []
    commands = [[sys.executable, "-c", f"raise SystemExit({code})"] for code in codes]
    monkeypatch.setitem(bootstrap.VERBS, "both", commands)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda c: ran.append(c) or int(c[2].split("(")[1].split(")")[0]))

    assert bootstrap.run("both", ["extra"]) == expected
    assert ran == [commands[0], [*commands[1], "extra"]]


def test_first_run_without_packages_in_reach(tmp_path):
    """Where pip finds nothing, the user reads why and what to do; no traceback, and no stamp is left."""
    (tmp_path / "scripts").mkdir()
    script = Path(shutil.copy(SCRIPT, tmp_path / "scripts"))
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    done = run("test", script=script, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path), PIP_CONFIG_FILE=os.devnull)

    assert done.returncode == 1
    assert "installing packages: failed with exit code 1" in done.stderr
    assert "PIP_FIND_LINKS=<folder>" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".venv" / "installed.sha256").exists()
