"""The library of regions and policies: by name, by path, and policies composed as `a+b`.

A composition takes every setting that a part changes against `baseline`; where two
parts change the same setting to different values there is no right answer, so it is
refused. Weights and targets are each one setting, because they sum to 1.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.files import PathLike
from kinerja_sim.know.messages import did_you_mean, path_of, sentence, show
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Region
from kinerja_sim.know.yamlfile import read_yaml, validate_document, validate_mapping

_PACKAGE = Path(__file__).resolve().parent.parent
_WHOLE = {("appraisal", "weights"), ("appraisal", "targets")}  # settings that are taken as one
_JOINED = ("name", "title", "description", "author", "sources", "left_out", "dose")
BASELINE = "baseline"


def data_file(name: str) -> Path:
    """Return the path of a shipped data file, such as 'evidence.csv' or 'regions'.

    In an installed package the files are in `kinerja_sim/_data`; in a checkout, in `data`
    beside the package.

    Raises
    ------
    InputError
        If there is no such file.
    """
    for folder in (_PACKAGE / "_data", _PACKAGE.parent / "data"):
        if (folder / name).exists():
            return folder / name
    raise InputError(sentence(name, "be a shipped data file", "nothing of that name", remedy="Reinstall kinerja_sim."))


def list_regions() -> list[str]:
    """Return the names of the library's regions, in alphabetical order."""
    return sorted(path.stem for path in data_file("regions").glob("*.yaml"))


def list_policies() -> list[str]:
    """Return the names of the library's policies: `baseline` first, then in alphabetical order."""
    names = {path.stem for path in data_file("policies").glob("*.yaml")}
    return sorted(names, key=lambda name: (name != BASELINE, name))


def load_region(name_or_path: PathLike) -> Region:
    """Return the region of a library name, or of a path to a YAML file.

    Raises
    ------
    InputError
        If the name is unknown ("did you mean ..."), or the file cannot be read or breaks a rule.

    Examples
    --------
    >>> load_region("tebing-tinggi").title.en
    'Tebing Tinggi City'
    """
    path = _find(name_or_path, "region", list_regions)
    document = read_yaml(path)
    region = validate_document(Region, document)
    _check_stem(path, region.name, document.where(("name",)))
    policies = list_policies()
    if not _is_path(region.preset) and not set(region.preset.split("+")) <= set(policies):
        remedy = did_you_mean(region.preset, policies, instead=f"Policies: {', '.join(policies)}.")
        rule, where = "be the name of a policy in the library", document.where(("preset",))
        raise InputError(sentence("preset", rule, show(region.preset), where, remedy))
    return region


def load_policy(name_or_path: PathLike) -> Policy:
    """Return the policy of a library name, of a path to a YAML file, or of several joined by '+'.

    Raises
    ------
    InputError
        If a name is unknown ("did you mean ..."), a file cannot be read or breaks a rule,
        or two parts set the same thing to different values.

    Examples
    --------
    >>> load_policy("one_more_officer+no_supply_outage").capacity.no_shortage
    True
    """
    text = _text_of(name_or_path, "policy")
    parts = text.split("+")
    if len(parts) == 1 or (_is_path(text) and not set(parts) & set(list_policies())):
        return _load_one_policy(name_or_path)
    baseline = _load_one_policy(BASELINE)
    return reduce(lambda a, b: _compose(baseline, a, b), [_load_one_policy(part) for part in parts])


def _load_one_policy(name_or_path: PathLike) -> Policy:
    path = _find(name_or_path, "policy", list_policies)
    document = read_yaml(path)
    policy = validate_document(Policy, document)
    _check_stem(path, policy.name, document.where(("name",)))
    return policy


def _find(name_or_path: PathLike, what: str, names: Callable[[], Sequence[str]]) -> Path:
    """Return the file of a name or path."""
    text = _text_of(name_or_path, what)
    if not isinstance(name_or_path, str) or _is_path(text):
        return Path(text)
    known = names()
    if text not in known:
        remedy = f"{did_you_mean(text, known)} Known: {', '.join(known)}.".lstrip()
        raise InputError(sentence(what, "be in the library, or a path to a file", show(text), remedy=remedy))
    return data_file(f"{'regions' if what == 'region' else 'policies'}/{text}.yaml")


def _text_of(name_or_path: object, what: str) -> str:
    """Return a name or path as text; anything else is a user's mistake."""
    if not isinstance(name_or_path, str | os.PathLike):
        raise InputError(sentence(what, "be a name or a path", show(name_or_path)))
    return str(os.fspath(name_or_path))


def _is_path(text: str) -> bool:
    """Return whether `text` reads as a path and not as a library name."""
    return "/" in text or "\\" in text or text.lower().endswith((".yaml", ".yml"))


def _check_stem(path: Path, name: str, where: str) -> None:
    """Refuse a library file whose name inside differs from the name that lists show."""
    if path.parent in (data_file("regions"), data_file("policies")) and path.stem != name:
        raise InputError(sentence("name", f"be '{path.stem}', as the file is called", show(name), where))


def _compose(baseline: Policy, first: Policy, second: Policy) -> Policy:
    """Return the policy that holds what both parts change against `baseline`."""
    base, a, b = (p.model_dump() for p in (baseline, first, second))
    merged = {
        key: _merge(base[key], a[key], b[key], (key,), (first.name, second.name)) for key in base if key not in _JOINED
    }
    name = f"{first.name}+{second.name}"
    idle = [all(p[key] == base[key] for key in merged) for p in (a, b)]  # a part that changes nothing has no say
    if first.dose != second.dose and not any(idle):
        got = f"{first.dose:g} in {first.name} and {second.dose:g} in {second.name}"
        raise InputError(sentence("dose", "be the same in both parts of a composition", got, f"in '{name}'"))
    for key in ("title", "description"):
        glue = " + " if key == "title" else " "
        merged[key] = {lang: glue.join(dict.fromkeys([a[key][lang], b[key][lang]])) for lang in ("id", "en")}
    for key in ("sources", "left_out"):
        merged[key] = [*a[key], *(item for item in b[key] if item not in a[key])]
    merged |= {"name": name, "author": ", ".join(dict.fromkeys([first.author, second.author]))}
    merged["dose"] = second.dose if idle[0] else first.dose
    return validate_mapping(Policy, merged, f"in '{name}'")


def _merge(base: Any, a: Any, b: Any, path: tuple[str, ...], names: tuple[str, str]) -> Any:
    """Return the value that differs from `base`; refuse two different ones."""
    if a == b or b == base:
        return a
    if a == base:
        return b
    if isinstance(a, dict) and isinstance(b, dict) and path not in _WHOLE:
        below = base if isinstance(base, dict) else {}
        return {key: _merge(below.get(key), a[key], b[key], (*path, key), names) for key in a}
    got = f"{_brief(a)} in {names[0]} and {_brief(b)} in {names[1]}"
    where = f"in '{'+'.join(names)}'"
    raise InputError(sentence(path_of(path), "be set by one part of a composition", got, where, "Leave one part out."))


def _brief(value: Any) -> str:
    """Return a setting in a few words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_brief(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return f"[{'; '.join(map(_brief, value))}]"
    return value if isinstance(value, str) else show(value)
