"""`kinerja explore`: what it prepares, what it refuses, and that it serves this machine alone."""

import json
import re
import signal
import socket
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

import kinerja_sim.present
from kinerja_sim import cli
from kinerja_sim.know import extras
from kinerja_sim.study import explore as bench
from kinerja_sim.verbs import explore

TEMPLATE = Path(kinerja_sim.present.__file__).parent / "voila" / "templates" / "kinerja"


class Served:
    """A process that is started with a command and an environment, and ends at once."""

    command: list[str]
    environment: dict[str, str]
    terminated = False
    handlers: ClassVar[dict] = {}

    def __init__(self, command, env):
        type(self).command, type(self).environment = command, env

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def wait(self):
        """Return that all went well."""
        return 0

    def terminate(self):
        """Remember that the end was asked for."""
        type(self).terminated = True


@pytest.fixture
def grids(monkeypatch):
    """Prepare grids by name only, and start nothing."""
    made = []

    def make_grid(region, policies, folder, **_):
        made.append(region.name)
        return Path(folder) / f"{region.name}.parquet"

    monkeypatch.setattr(bench, "make_grid", make_grid)
    monkeypatch.setattr(explore.subprocess, "Popen", Served)
    monkeypatch.setattr(explore.signal, "signal", lambda number, handler: Served.handlers.update({number: handler}))
    return made


def invoke(*arguments):
    """Run the command line in this process."""
    return CliRunner().invoke(cli.app, ["explore", *map(str, arguments)])


def free_port():
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind((explore.HOST, 0))
        return probe.getsockname()[1]


def test_help_shows_an_example():
    """`--help` shows how the page is opened."""
    assert "kinerja explore --regions arcamanik" in invoke("--help").stdout


def test_the_cache_alone_can_be_made(grids, tmp_path):
    """With --only-grid nothing is served; machines get the files."""
    done = invoke("--only-grid", "--regions", "arcamanik,lampung", "-o", tmp_path, "--json")
    assert json.loads(done.stdout)["address"] is None
    assert grids == ["arcamanik", "lampung"]


def test_the_page_is_served_to_this_machine_alone(grids, tmp_path):
    """Voilà listens on 127.0.0.1, shows our template and knows the cache and the language."""
    port = free_port()
    done = invoke("--regions", "arcamanik", "--port", port, "-o", tmp_path, "--lang", "id")
    assert done.exit_code == 0, done.output
    assert f"http://127.0.0.1:{port}/" in done.stdout
    assert {"--Voila.ip=127.0.0.1", f"--port={port}", "--template=kinerja"} <= set(Served.command)
    assert (Path(Served.environment["JUPYTER_PATH"].split(":")[0]) / "voila" / "templates" / "kinerja").is_dir()
    assert Served.environment["KINERJA_EXPLORE"] == str(tmp_path)
    assert Served.environment["KINERJA_LANG"] == "id"


def test_ending_the_command_ends_the_server(grids, tmp_path):
    """A command that is told to end takes Voilà and its kernels with it."""
    invoke("--regions", "arcamanik", "--port", free_port(), "-o", tmp_path)
    assert not Served.terminated
    Served.handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert Served.terminated


@pytest.mark.parametrize("port", [0, 70_000])
def test_a_port_that_cannot_be_is_refused(grids, port):
    """A port outside the range is a user's mistake, told before anything is computed."""
    done = invoke("--port", port)
    assert done.exit_code == 2
    assert "`port` must be between 1 and 65535" in done.stderr
    assert grids == []


def test_a_port_in_use_is_refused_before_anything_is_computed(grids):
    """Where somebody listens already, nothing is computed and the user is told."""
    with socket.socket() as taken:
        taken.bind((explore.HOST, 0))
        taken.listen()
        done = invoke("--port", taken.getsockname()[1])
    assert done.exit_code == 2
    assert "must be free" in done.stderr
    assert grids == []


def test_without_voila_the_way_to_get_it_is_told(grids, monkeypatch):
    """An environment without Voilà is told apart from a broken page."""
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    done = invoke()
    assert done.exit_code == 2
    assert "kinerja-sim[app]" in done.stderr


def test_an_unknown_region_is_refused(grids):
    """Regions are named as everywhere."""
    done = invoke("--regions", "arcamanic", "--only-grid")
    assert done.exit_code == 2
    assert "Did you mean `arcamanik`?" in done.stderr


def test_the_template_fetches_nothing():
    """Our template names no address, and leaves out the block in which Voilà's own names some."""
    text = (TEMPLATE / "index.html.j2").read_text("utf-8")
    assert re.findall(r"(?:https?:)?//[a-z]", text) == []
    assert "super.super()" in text
    assert json.loads((TEMPLATE / "conf.json").read_text("utf-8")) == {"base_template": "lab"}
