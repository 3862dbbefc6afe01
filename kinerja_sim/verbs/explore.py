"""`kinerja explore`: the no-code page on this machine alone, through Voilà."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.extras import need
from kinerja_sim.present.terminal import print_all, print_json, progress_bar
from kinerja_sim.verbs.options import (
    JsonOption,
    LangOption,
    RegionsOption,
    WorkersOption,
    example,
    in_help,
    language,
    say,
)

HOST = "127.0.0.1"
HELP = example(
    in_help(
        en="Open the no-code page: move weights, channels, training; see chart and sentence. Works offline.",
        id="Buka halaman tanpa kode: geser bobot, saluran, pelatihan; lihat grafik dan kalimatnya. Tanpa internet.",
    ),
    "kinerja explore --regions arcamanik --port 8866",
)


def explore(
    port: Annotated[int, typer.Option(help=in_help(en="Port on this machine.", id="Porta di mesin ini."))] = 8866,
    regions: RegionsOption = "all",
    workers: WorkersOption = 2,
    folder: Annotated[
        Path, typer.Option("--output", "-o", help=in_help(en="Folder of the cache.", id="Folder simpanan sementara."))
    ] = Path("build/explore"),
    only_grid: Annotated[
        bool,
        typer.Option(
            "--only-grid",
            help=in_help(en="Compute the cache and stop.", id="Hitung simpanan sementara lalu berhenti."),
        ),
    ] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute what the page shows first, then serve it on 127.0.0.1 until interrupted."""
    lang = language(lang)
    from kinerja_sim.know.library import list_regions, load_region
    from kinerja_sim.present.explore_state import grid_policies
    from kinerja_sim.present.notebooks import notebook_path
    from kinerja_sim.study.explore import make_grid

    if not only_grid:
        _check_can_serve(port)
    names = list_regions() if regions == "all" else [name.strip() for name in regions.split(",") if name.strip()]
    files = []
    for region in [load_region(name) for name in names]:
        title = region.title.in_(lang)
        with progress_bar(say(lang, id=f"Menyiapkan {title}", en=f"Preparing {title}")) as progress:
            files.append(make_grid(region, grid_policies(region), folder, workers=workers, progress=progress))
    address = f"http://{HOST}:{port}/"
    if as_json:
        print_json({"address": None if only_grid else address, "grids": [str(file) for file in files]})
    elif not only_grid:
        print_all(say(lang, id=f"Buka {address} (Ctrl-C menutup).", en=f"Open {address} (Ctrl-C closes it)."))
    if not only_grid:
        raise typer.Exit(serve(notebook_path("explore.ipynb"), port, folder, lang))


def serve(notebook: Path, port: int, folder: Path, lang: str) -> int:
    """Serve the notebook until interrupted and return the exit code."""
    import kinerja_sim.present

    package = Path(kinerja_sim.present.__file__).parent
    template_home = os.pathsep.join(filter(None, [str(package), os.environ.get("JUPYTER_PATH", "")]))
    checkout = package.parents[1]
    code_home = [str(checkout)] if (checkout / "pyproject.toml").is_file() else []
    environment = os.environ | {
        "JUPYTER_PATH": template_home,
        "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, even where the user has another called python3
        "PYTHONPATH": os.pathsep.join([*code_home, *filter(None, [os.environ.get("PYTHONPATH")])]),
        "KINERJA_EXPLORE": str(folder.resolve()),
        "KINERJA_LANG": lang,
    }
    command = [
        sys.executable, "-m", "voila", str(notebook), "--template=kinerja", "--preheat_kernel=True", "--pool_size=1",
        "--no-browser", f"--port={port}", f"--Voila.ip={HOST}", "--Voila.port_retries=0", "--Voila.log_level=ERROR",
        "--VoilaConfiguration.show_tracebacks=False", "--AsyncKernelManager.transport_encryption=auto",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())  # else server and kernels would outlive this
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            return 0


def _check_can_serve(port: int) -> None:
    """Refuse early what would fail late: a port in use, or an environment without Voilà."""
    need("app", "voila", "ipywidgets")
    if not 1 <= port <= 65535:
        raise InputError(f"`port` must be between 1 and 65535; got {port}. The usual one is 8866.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(
                f"`port` must be free; got {port}, which cannot be used ({error.strerror}). Name another with --port."
            ) from None


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(help=HELP)(explore)
