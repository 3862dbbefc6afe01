"""What the architecture tests look at: the repository's own files."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {".git", ".venv", "build", "dist", "__pycache__", "wheelhouse"}


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def repository_files() -> list[Path]:
    """Return every file that is, or would be, committed (without git: every file that is not generated)."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [
            file
            for file in ROOT.rglob("*")
            if not any(
                part in GENERATED or part.endswith(("_cache", ".egg-info")) for part in file.relative_to(ROOT).parts
            )
        ]
    return sorted(file for file in files if file.is_file())


@pytest.fixture(scope="session")
def python_files(repository_files: list[Path]) -> list[Path]:
    """Return the repository's Python files."""
    return [file for file in repository_files if file.suffix == ".py"]
