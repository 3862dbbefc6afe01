"""Every parameter that a person sets for a run or a notebook: type, bounds and help, in one place.

The package checks its options against it, the command line takes its help from it, a
notebook's parameters cell has to agree with it (a test), and a form can be built from it.
papermill itself runs with a misspelt name or a text where a number belongs. Nothing heavy
is imported here: `kinerja --help` reads it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kinerja_sim.know.errors import InputError

Kind = Literal["str", "int", "float", "bool"]
_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
          "list": "a list", "dict": "a block"}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter: its type, what it may be, and its help in both languages."""

    name: str
    kind: str
    id: str
    en: str
    smallest: float = -math.inf
    choices: tuple[str, ...] = ()

    def help(self, lang: str) -> str:
        """Return what the parameter is, as a sentence of `--help` or a form's label."""
        text = self.id if lang == "id" else self.en
        return text[:1].upper() + text[1:] + "."

    @property
    def comment(self) -> str:
        """What stands beside the parameter in a notebook."""
        return f"{self.id} / {self.en}"

    def check(self, value: Any, where: str = "") -> Any:
        """Return `value` in the parameter's type.

        Parameters
        ----------
        value : object
            Whole numbers of numpy pass for int, whole numbers pass for float; text passes for text only.
        where : str
            The place to name in the complaint, with its preposition.

        Raises
        ------
        InputError
            If `value` has another type, is not finite, is below the bound, or is none of the choices.

        Examples
        --------
        >>> PARAMETERS["n_replications"].check(30)
        30
        >>> PARAMETERS["lang"].check("fr")
        Traceback (most recent call last):
        kinerja_sim.know.errors.InputError: `lang` must be id or en; got 'fr'.
        """
        from kinerja_sim.know.messages import did_you_mean, sentence, show

        fits, known = _convert(value, self.kind)
        if fits and self.choices and known not in self.choices:
            rule = "be " + " or ".join(self.choices)
            raise InputError(sentence(self.name, rule, show(value), where, did_you_mean(value, self.choices)))
        if not fits or (self.kind in ("int", "float") and known < self.smallest):
            bound = f" of at least {self.smallest:g}" if math.isfinite(self.smallest) else ""
            rule = f"be {_WORDS.get(self.kind, self.kind)}{bound}"
            raise InputError(sentence(self.name, rule, show(value), where))
        return known

    def read(self, text: str, where: str = "") -> Any:
        """Return the value that `text`, as typed on a command line, stands for."""
        readers: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "bool": _truth}
        try:
            value = readers.get(self.kind, str)(text)
        except ValueError:
            value = text  # a mistake, which `check` words
        return self.check(value, where)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError
    return text.lower() == "true"


def _convert(value: Any, kind: str) -> tuple[bool, Any]:
    """Return whether `value` fits the kind, and the value in it; an unknown kind lets everything pass."""
    if kind in ("bool", "str", "list", "dict"):
        return isinstance(value, {"bool": bool, "str": str, "list": list, "dict": dict}[kind]), value
    if kind not in ("int", "float"):
        return True, value
    try:
        if isinstance(value, bool | str):
            raise TypeError
        number = operator.index(value) if kind == "int" else float(value)
    except (TypeError, ValueError):
        return False, value
    return math.isfinite(number), number


def _contract(parameters: Iterable[Parameter]) -> dict[str, Parameter]:
    return {p.name: p for p in parameters}


PARAMETERS: Mapping[str, Parameter] = _contract(
    [
        Parameter("region", "str", "wilayah, seperti dalam `kinerja regions`", "region, as in `kinerja regions`"),
        Parameter("results_folder", "str", "folder hasil `kinerja compare`", "output folder of `kinerja compare`"),
        Parameter("sweep_folder", "str", "folder hasil `kinerja sweep`", "output folder of `kinerja sweep`"),
        Parameter("lang", "str", "bahasa: id atau en", "language: id or en", choices=("id", "en")),
        Parameter("scenario", "str", "kebijakan; kosong: milik wilayah", "policy; empty: the region's own"),
        Parameter("metric", "str", "ukuran; kosong: ukuran utama wilayah", "metric; empty: the region's primary one"),
        Parameter("n_replications", "int", "banyaknya replikasi", "number of replications", smallest=2),
        Parameter("seed", "int", "bilangan awal acak", "root seed", smallest=0),
        Parameter("months", "int", "bulan dengan kebijakan", "months under the policy", smallest=1),
        Parameter("pre_months", "int", "bulan sebelum kebijakan", "months before the policy", smallest=0),
        Parameter("parameters", "str", "nilai parameter: ledger (ditarik dari bukti) atau point (dipatok)",
                  "parameter values: ledger (drawn from the evidence) or point (fixed)", choices=("ledger", "point")),
        Parameter("workers", "int", "banyaknya proses, paling banyak", "processes at most", smallest=1),
        Parameter("n_draws", "int", "banyaknya penarikan dari buku bukti", "draws of the evidence ledger", smallest=40),
        Parameter("budget_idr", "float", "anggaran dalam rupiah", "budget in rupiah", smallest=0),
    ]
)  # fmt: skip
"""Name to parameter."""


def check_parameters(values: Mapping[str, Any], declared: Mapping[str, str], where: str) -> dict[str, Any]:
    """Return `values` checked against the names that are declared and their types.

    Parameters
    ----------
    values : mapping
        Parameter name to value.
    declared : mapping
        Name to type ('str', 'int', ...) of what is asked for; a name of the contract has the
        contract's type and bounds.
    where : str
        The place to name in a complaint, with its preposition.

    Raises
    ------
    InputError
        Naming the first unknown name, with the nearest known one, or the first value that breaks a rule.
    """
    from kinerja_sim.know.messages import did_you_mean, sentence, show

    checked = {}
    for name, value in values.items():
        if name not in declared:
            remedy = did_you_mean(name, declared, instead=f"Known: {', '.join(declared)}.")
            raise InputError(sentence(name, "be a known parameter", show(value), where, remedy))
        checked[name] = PARAMETERS.get(name, Parameter(name, declared[name], "", "")).check(value, where)
    return checked
