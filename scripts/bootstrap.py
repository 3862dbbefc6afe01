#!/usr/bin/env python3
r"""Set up `.venv` from the lock when it is not there yet, then run one verb in it.

    python3 scripts/bootstrap.py compare --regions arcamanik -n 20
    py scripts\bootstrap.py test          (Windows)

Standard library only, any Python >= 3.11. Verbs (whatever follows a verb is passed on):

    compare   compare the evaluation policies for the five regions (`kinerja compare`)
    test      run the tests (`pytest`, two processes)
    prove     run the long proofs and write docs/proofs.md (`pytest -m prove`)
    bench     measure speed beside peers and C and write docs/benchmarks.md (`python -m benchmarks`)
    lab       open JupyterLab on notebooks/
    explore   serve the no-code page on this machine alone (`kinerja explore`)
    lint      ruff, mypy and the import contracts

Without a verb only the environment is set up. Packages come from wherever your pip is
configured to look; `PIP_NO_INDEX=1 PIP_FIND_LINKS=<folder of wheels>` works offline.
"""

import difflib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
if sys.version_info < OLDEST:  # written so that Python 3.6 can still read this file and say so
    newer = [name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)]
    hint = f"Try: make PYTHON={newer[0]} (or: {newer[0]} scripts/bootstrap.py)" if newer else "Install a newer one"
    sys.exit(f"Python must be 3.11 or newer; got {sys.version.split()[0]} in {sys.executable}. {hint}.")

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
VENV = ROOT / ".venv"
STAMP = VENV / "installed.sha256"
COMPILED = VENV / "compiled"
LOG = VENV / "install.log"
WINDOWS = os.name == "nt"


def executable(name: str) -> str:
    """Return the path of a program inside `.venv`."""
    return str(VENV / ("Scripts" if WINDOWS else "bin") / (f"{name}.exe" if WINDOWS else name))


PYTHON = executable("python")
VERBS: dict[str, list[list[str]]] = {
    "compare": [[executable("kinerja"), "compare"]],
    "test": [[PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile"]],
    "prove": [[PYTHON, "-m", "pytest", "-m", "prove"]],
    "bench": [[PYTHON, "-m", "benchmarks"]],
    "lab": [[PYTHON, "-m", "jupyterlab", "notebooks"]],
    "explore": [[executable("kinerja"), "explore"]],
    "lint": [
        [PYTHON, "-m", "ruff", "check"],
        [PYTHON, "-m", "ruff", "format", "--check"],
        [PYTHON, "-m", "mypy"],
        [executable("lint-imports")],
    ],
}
"""What each verb runs; arguments of the user's go to the last command."""
FROM_THE_ROOT = {*VERBS} - {"compare"}  # which stays in the caller's folder, where its paths are meant
NO_PACKAGES = """Packages come from where your pip is configured to look (pip config, PIP_* variables).
Without a network, point it at a folder of wheels: PIP_NO_INDEX=1 PIP_FIND_LINKS=<folder>.
Then run the same command again: it goes on from here."""


class SetupError(Exception):
    """The environment could not be made; the message says what to do about it."""


def fingerprint() -> str:
    """Return a hash of everything that the environment was made from."""
    digest = hashlib.sha256(str(ROOT).encode())  # a moved checkout needs a new editable install
    for file in (LOCK, PROJECT, VENV / "pyvenv.cfg"):
        digest.update(file.read_bytes() if file.is_file() else b"missing")
    return digest.hexdigest()


def is_ready() -> bool:
    """Return whether `.venv` holds what the lock and pyproject.toml name now."""
    return STAMP.is_file() and Path(PYTHON).exists() and STAMP.read_text("ascii") == fingerprint()


def make_venv() -> None:
    """Make `.venv` with this Python, unless a usable one is there."""
    if Path(PYTHON).exists():
        probe = [PYTHON, "-c", "import sys; print(*sys.version_info[:2])"]
        found = tuple(map(int, subprocess.run(probe, capture_output=True, text=True, check=True).stdout.split()))
        if found < OLDEST:
            got = ".".join(map(str, found))
            raise SetupError(f"`.venv` must hold Python 3.11 or newer; got {got}. Delete the folder .venv, try again.")
        return
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        reason = (made.stdout + made.stderr).strip()
        raise SetupError(f"The environment .venv could not be made with {sys.executable}:\n{reason}")


def logged(command: list[str], doing: str, *, total: int = 0, remedy: str = "") -> None:
    """Run `command` with its output in the log; on a terminal count the packages as pip meets them."""
    counter = total > 0 and sys.stderr.isatty()
    print(f"  {doing} ...", file=sys.stderr, flush=True)
    met, lines = 0, []
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    )
    assert process.stdout is not None
    with process, LOG.open("a", encoding="utf-8") as log:
        for line in process.stdout:
            log.write(line)
            lines.append(line)
            if counter and line.startswith("Collecting"):
                met += 1
                print(f"\r  {met} of about {total} ", end="", file=sys.stderr, flush=True)
    if counter:
        print("\r" + " " * 30 + "\r", end="", file=sys.stderr, flush=True)
    if process.returncode:
        telling = [line for line in lines if line.lstrip().lower().startswith("error")] or lines[-5:]
        unreachable = any(sign in line for line in lines for sign in ("new connection", "timed out", "ProxyError"))
        raise SetupError(
            f"{doing}: failed with exit code {process.returncode}; everything is in {LOG}\n"
            + "".join(f"    {line.rstrip()[:160]}\n" for line in telling)
            + ("pip could not reach its index: is there a network?\n" if unreachable else "")
            + remedy
        )


def install() -> None:
    """Install the lock and the project into `.venv`, compile everything once, and leave a stamp."""
    started = "updating" if STAMP.is_file() else "first run: setting up"
    print(f"{started} .venv (a minute or two)", file=sys.stderr, flush=True)
    STAMP.unlink(missing_ok=True)
    make_venv()
    LOG.unlink(missing_ok=True)
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile", "--no-deps"]
    n_packages = sum("==" in line for line in LOCK.read_text("utf-8").splitlines())
    logged([*pip, "--require-hashes", "-r", str(LOCK)], "installing packages", total=n_packages, remedy=NO_PACKAGES)
    logged([*pip, "--no-build-isolation", "--editable", str(ROOT)], "installing kinerja_sim")
    # pip compiles on one core, and a machine may forbid Python to write byte code later on: then every
    # start would compile pandas anew.
    print("  compiling ...", file=sys.stderr, flush=True)
    compile_folder(VENV, "Lib" if WINDOWS else "lib")
    COMPILED.unlink(missing_ok=True)
    STAMP.write_text(fingerprint(), "ascii")


def compile_folder(place: Path, folder: str) -> None:
    """Write byte code for `folder` inside `place` on all cores; tests that packages carry are never imported."""
    compiler = [PYTHON, "-m", "compileall", "-qq", "-j", "0", "-x", r"[/\\]tests[/\\]", folder]
    subprocess.run(compiler, cwd=place, stdout=subprocess.DEVNULL)  # files meant to be broken may fail


def freshen() -> None:
    """Compile what has changed in the package since the last time: byte code, and the simulation's kernels."""
    started = time.time()
    since = COMPILED.stat().st_mtime if COMPILED.exists() else 0.0
    changed = [file for file in (ROOT / "kinerja_sim").rglob("*.py") if file.stat().st_mtime > since]
    if not changed:
        return
    compile_folder(ROOT, "kinerja_sim")
    if any(file.parent.name == "model" for file in changed):
        logged([PYTHON, "-m", "kinerja_sim.model.warm"], "compiling the simulation's kernels")
    COMPILED.touch()
    os.utime(COMPILED, (started, started))  # what is edited while we compile is compiled next time


def run(verb: str, extra: list[str]) -> int:
    """Run a verb's commands in `.venv` and return the first exit code that is not 0."""
    commands = [*VERBS[verb][:-1], [*VERBS[verb][-1], *extra]]
    if verb in FROM_THE_ROOT:
        os.chdir(ROOT)
    if len(commands) == 1 and not WINDOWS:
        os.execv(commands[0][0], commands[0])  # the verb itself then gets Ctrl-C
    codes = [subprocess.call(command) for command in commands]
    return next((code for code in codes if code), 0)


def main(arguments: list[str]) -> int:
    """Set up when needed, run the verb, return its exit code."""
    verb, extra = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb in ("-h", "--help"):
        print(__doc__)
        return 0
    if verb and verb not in VERBS:
        close = difflib.get_close_matches(verb, VERBS, 1)
        meant = f"Did you mean {close[0]!r}?" if close else f"Choose one of: {', '.join(VERBS)}."
        print(f"The verb must be one that this version has; got {verb!r}. {meant}", file=sys.stderr)
        return 2
    try:
        if not is_ready():
            install()
        if verb != "lint":
            freshen()
        return run(verb, extra) if verb else 0
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
