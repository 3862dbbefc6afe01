"""Run a design's tasks, go on where an earlier run stopped, and turn their files into tables.

The folder is the memory: `design.yaml` and `manifest.json` say what is wanted, `tasks/`
holds what is done, one atomic file a task. Nothing else is kept between runs, so a sweep
that was killed at any moment goes on when it is started again. Most open to dispute: tasks
that failed are tried again each time.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from kinerja_sim.know.designs import Design, Precision, read_design
from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Text
from kinerja_sim.know.files import PathLike, label_of
from kinerja_sim.know.messages import sentence
from kinerja_sim.know.yamlfile import validate_mapping
from kinerja_sim.study.compact import compact
from kinerja_sim.study.design import Study, load_bases
from kinerja_sim.study.execute import Progress
from kinerja_sim.study.executors import Batch, Executor, make_executor
from kinerja_sim.study.plan import REFUSED, TASKS, Plan, Tasks, plan_from, study_key
from kinerja_sim.study.planner import Model, measure
from kinerja_sim.study.stopping import next_size, stopping_size, widest
from kinerja_sim.study.store import write_atomic
from kinerja_sim.study.sweep_folder import describe, read_own_manifest, reopen, write_manifest
from kinerja_sim.study.tasks import Task, Work, run_batch

Notify = Callable[[Text], object]
STALE_SECONDS = 3600.0
"""Age from which a half-written file is surely nobody's any more."""


@dataclass(frozen=True)
class Status:
    """How far a sweep's folder is; `reasons` of failures, `named` damaged files, `others` foreign ones.

    `precision` is what a finished sweep with a precision target reached, None without one.
    """

    done: int
    failed: int
    missing: int
    reasons: dict[str, int] = field(default_factory=dict)
    named: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    is_compacted: bool = False
    precision: dict[str, Any] | None = None

    @property
    def total(self) -> int:
        """Number of tasks."""
        return self.done + self.failed + self.missing

    @property
    def missed(self) -> Text | None:
        """What must be said of a precision target that was not met; None otherwise."""
        return _missed(self.precision) if self.precision and not self.precision["is_met"] else None


@dataclass(frozen=True)
class Swept:
    """A finished sweep: its folder, tasks run now, failed replications, and what the tables hold."""

    folder: Path
    run_now: int
    failures: int
    draws: int
    replications: int


def prepare(design: PathLike) -> Study:
    """Return the study of a design's name or path: every point made and checked, nothing run.

    Raises
    ------
    InputError
        If the design, or a region, policy or point of it, breaks a rule.
    """
    found, document = read_design(design)
    return Study(found, load_bases(found), document.label)


def sweep(
    study: Study,
    folder: PathLike,
    *,
    executor: Executor | None = None,
    plan: Plan | None = None,
    progress: Progress | None = None,
    notify: Notify | None = None,
    model: Model | None = None,
) -> Swept:
    """Run what a folder lacks of a sweep, and write its tables.

    Parameters
    ----------
    study : Study
        From `prepare`, or `reopen` of the same folder.
    folder : path
        New, empty, or of an earlier run; what is done there and still belongs to the design is kept.
    executor : callable, optional
        From `executors.make_executor`; this process when left out. The tables do not depend on it.
    plan : Plan, optional
        From `measure`; a pilot is run when it is left out and the folder has none.
    progress : callable, optional
        Called as ``progress(done, total)`` in replications of points.
    notify : callable, optional
        Called with a `Text` about everything that a user should know.
    model : callable, optional
        A model to run instead of this package's own; importable by name where workers run it.

    Raises
    ------
    InputError
        If the folder holds something else, or more replications than the design asks for.
    """
    path, tell = Path(folder), notify or (lambda text: None)
    old = read_own_manifest(path)
    plan = _plan(study, old, plan, model, tell, folder)
    tasks, manifest = Tasks(study, plan, path), describe(study)
    work = partial(run_batch, model=model)
    write_manifest(path, manifest, study, plan)
    tasks.folder.mkdir(exist_ok=True)
    _clean(path)
    _clean(tasks.folder)
    run_now = _run_missing(tasks, work, executor or make_executor(), progress, tell)
    while (bigger := next_size(tasks)) is not None:
        plan.grow(*bigger)
        write_manifest(path, manifest, study, plan)
        run_now += _run_missing(tasks, work, executor or make_executor(), progress, tell, is_retry=False)
    draws, replications = stopping_size(tasks)
    made = compact(tasks, path, draws, replications)
    _tell_strangers(tasks, tell)
    reached = {"draws": draws, "replications": replications, "n_failed": made["failures"]}
    if study.design.precision is not None:
        reached["precision"] = _precision(tasks, draws, replications, tell)
    write_manifest(path, manifest | reached, study, plan, made["tables"])
    return Swept(path, run_now, made["failures"], draws, replications)


def expand(folder: PathLike, *, add_replications: int = 0, add_draws: int = 0) -> Study:
    """Return the study of a folder with more replications or draws to run; `sweep` then runs them.

    Raises
    ------
    InputError
        If nothing is added, draws are added where none are drawn, or the model or the ledger has
        changed since, so that new replications would not go with the old ones.
    """
    study = reopen(folder)
    manifest = read_own_manifest(Path(folder)) or {}
    if min(add_replications, add_draws) < 0 or add_replications + add_draws == 0:
        got = f"{add_replications} replications and {add_draws} draws"
        raise InputError(sentence("expand", "add something", got, remedy="Name --add-replications or --add-draws."))
    if study.design.parameters == "point" and add_draws:
        raise InputError(sentence("add_draws", "be 0 where parameters are fixed at their points", str(add_draws)))
    if manifest["plan"]["study"] != study_key(study):
        rule, got = "have been run by this version with this ledger", "another one"
        remedy = "Run `kinerja sweep` from the design into a new folder."
        raise InputError(sentence("folder", rule, got, f"in {label_of(folder)}", remedy))
    plan = plan_from(manifest["plan"])
    more = {"draws": plan.draws + add_draws, "replications": plan.replications + add_replications}
    data = study.design.model_dump(mode="python") | more
    if data["precision"]:  # a stopping rule goes on from here
        n = max(more["draws"] if add_draws else 0, more["replications"] if add_replications else 0)
        data["precision"] = data["precision"] | {"largest": max(n, data["precision"]["largest"])}
    return Study(validate_mapping(Design, data, "in expand"), study.bases, study.label)


def status(folder: PathLike) -> Status:
    """Return how many tasks of a sweep's folder are done, failed or missing, and which files are not sound.

    Raises
    ------
    InputError
        If `folder` holds no sweep.
    """
    study = reopen(folder)
    manifest = read_own_manifest(Path(folder)) or {}
    tasks = Tasks(study, plan_from(manifest["plan"]), Path(folder))
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    keys, named = [], []
    for _, key, _ in tasks:
        keys.append(key)
        state, reason = tasks.state(key)
        states[state] += 1
        if state == "failed":
            reasons[reason] += 1
        if state == "damaged":
            named.append((f"{TASKS}/{key}.parquet", reason))
    others = tuple(f"{TASKS}/{name}" for name in tasks.strangers(keys))
    missing, reached = states["missing"] + states["damaged"], manifest.get("precision")
    if reached is not None and study.design.precision is not None:
        reached = _asked(study.design.precision) | reached
    return Status(
        states["done"], states["failed"], missing, dict(reasons), tuple(named), others, "tables" in manifest, reached
    )


# --- running


def _run_missing(
    tasks: Tasks, work: Work, executor: Executor, progress: Progress | None, tell: Notify, *, is_retry: bool = True
) -> int:
    """Run every task that has no sound file, and with `is_retry` those that failed; return how many were run."""
    total = tasks.study.n_all * tasks.plan.draws * tasks.plan.replications
    weight: dict[str, int] = {}
    done = run = 0

    def missing() -> Iterator[Task]:
        nonlocal done
        for group, key, pairs in tasks:
            state, reason = tasks.state(key)
            if state == "done" or (state == "failed" and not is_retry):
                done += len(pairs) * len(tasks.study.members[group])
                continue
            if state == "damaged":
                _refuse(tasks.path(key), reason, tell)
            weight[key] = len(pairs) * len(tasks.study.members[group])
            yield tasks.make(group, key, pairs)

    for key, data in executor(_batches(missing(), tasks.plan.batch), work):
        write_atomic(tasks.path(key), data)
        done, run = done + weight.pop(key), run + 1
        if progress is not None:
            progress(done, total)
    return run


def _precision(tasks: Tasks, draws: int, replications: int, tell: Notify) -> dict[str, Any]:
    """Return what a stopping rule reached, and say so where that is less than was asked for."""
    target = tasks.study.design.precision
    assert target is not None
    width = widest(tasks, draws, replications)
    reached = {"half_width": width if math.isfinite(width) else None, "is_met": width <= target.half_width}
    if not reached["is_met"]:
        tell(_missed(_asked(target) | reached))
    return reached


def _asked(target: Precision) -> dict[str, Any]:
    return {"metric": target.metric, "target": target.half_width, "largest": target.largest}


def _missed(reached: dict[str, Any]) -> Text:
    """Return how far a sweep stayed from its precision target."""
    width = "?" if reached["half_width"] is None else f"{reached['half_width']:.3g}"
    values = {"metric": reached["metric"], "largest": reached["largest"]}
    target, comma = f"{reached['target']:g}", str.maketrans(".", ",")
    told = Text(
        id="Target ± {target} untuk {metric} tidak tercapai dengan {largest}, batas terbesarnya: yang paling tidak "
        "teliti ± {width}.",
        en="The target of ± {target} for {metric} was not met with {largest}, its largest: the least precise one has "
        "± {width}.",
    )
    return Text(
        id=told.id.format(**values, target=target.translate(comma), width=width.translate(comma)),
        en=told.en.format(**values, target=target, width=width),
    )


def _batches(tasks: Iterator[Task], size: int) -> Iterator[Batch]:
    while batch := tuple(islice(tasks, size)):
        yield batch


def _refuse(path: Path, reason: str, tell: Notify) -> None:
    """Put a file that must not be read as data aside, and say so."""
    path.replace(path.with_name(path.name + REFUSED))
    tell(
        Text(
            id=f"{label_of(path)} rusak atau bukan milik sapuan ini ({reason}): disisihkan dan dijalankan lagi.",
            en=f"{label_of(path)} is damaged or not of this sweep ({reason}): set aside and run again.",
        )
    )


def _clean(folder: Path) -> None:
    """Remove what a process that was killed left half-written."""
    for left in folder.glob(".*.tmp"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            left.unlink(missing_ok=True)


def _tell_strangers(tasks: Tasks, tell: Notify) -> None:
    others = tasks.strangers()
    if others:
        first = others[0]
        tell(
            Text(
                id=f"{len(others)} berkas di {TASKS}/ bukan milik sapuan ini dan tidak dibaca; yang pertama: {first}.",
                en=f"{len(others)} files in {TASKS}/ are not of this sweep and are not read; the first: {first}.",
            )
        )


def _plan(
    study: Study, old: dict[str, Any] | None, plan: Plan | None, model: Model | None, tell: Notify, folder: PathLike
) -> Plan:
    """Return the plan of an earlier run of the same study, grown to what the design asks for, or a new one."""
    design = study.design
    if old is not None and old["plan"]["study"] == study_key(study):
        known = plan_from(old["plan"])
        asked = (design.draws, design.replications)
        if design.precision is None and (known.draws > asked[0] or known.replications > asked[1]):
            rule = f"be at least the {known.draws} × {known.replications} draws × replications already run"
            remedy = "Raise them in the design, or name another folder with -o."
            raise InputError(sentence("draws", rule, f"{asked[0]} × {asked[1]}", f"in {label_of(folder)}", remedy))
        known.grow(*asked)
        return known
    if old is not None:
        tell(
            Text(
                id="Rancangan, model, atau buku bukti telah berubah: yang sudah selesai di folder ini tidak dipakai.",
                en="The design, the model or the ledger has changed: what this folder had finished is not used.",
            )
        )
    return plan or measure(study, model)[1]
