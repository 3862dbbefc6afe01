"""How a broken rule is worded: one line with the name, the rule, the value, the place and the remedy.

Every reader of files in this floor words its complaints here, so that all of them have
the one form `` `name` must <rule>; got <value> <where>. <Remedy>. ``. Nothing here
reads a file.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from kinerja_sim.know.errors import InputError

Location = tuple[int | str, ...]
MAX_LINES = 40  # breaches printed of one file; a file with more is broken in kind, not in detail
_LONGEST = 60  # characters of a value that are printed

_KINDS = {
    "float_type": "be a number",
    "int_type": "be a whole number",
    "bool_type": "be true or false",
    "string_type": "be text",
    "finite_number": "be a finite number",
    "tuple_type": "be a list",
    "dict_type": "be a block of `key: value` lines",
    "model_type": "be a block of `key: value` lines",
    "missing": "be given",
}
_BOUNDS = {
    "greater_than": ("gt", "be greater than {}"),
    "greater_than_equal": ("ge", "be at least {}"),
    "less_than": ("lt", "be less than {}"),
    "less_than_equal": ("le", "be at most {}"),
}
_LENGTHS = {
    "string_too_short": ("min_length", "be text of at least {} character(s)"),
    "too_short": ("min_length", "hold at least {} item(s)"),
}


class Breach(ValueError):
    """A rule of our own that a value breaks; validators raise it, and `complain` words it.

    Parameters
    ----------
    rule : words after 'must', such as 'sum to 1'
    got : the value as the user wrote it
    remedy : a sentence, or nothing
    at : where the value sits below the class that checks it; decides the line that is named
    name : how to call the value; its full path when left out
    """

    def __init__(self, rule: str, got: str, remedy: str = "", *, at: Location = (), name: str = "") -> None:
        super().__init__(sentence(name or path_of(at) or "value", rule, got, remedy=remedy))
        self.rule, self.got, self.remedy, self.at, self.name = rule, got, remedy, at, name


def printable(text: str) -> str:
    """Return `text` on one line: characters that do not print are escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def show(value: object) -> str:
    """Return `value` as a user would have typed it, on one line and shortened.

    Examples
    --------
    >>> show(True), show(None), show("0.5"), show(0.1), show({"a": 1})
    ('true', 'nothing', "'0.5'", '0.1', 'a block')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}'" if len(text) <= _LONGEST else f"'{text[:_LONGEST]}...'"
    if isinstance(value, Mapping):
        return "a block"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int | float):
        try:
            text = str(value)
        except ValueError:  # Python refuses to print integers of thousands of digits
            return "an integer of thousands of digits"
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return f"a {type(value).__name__}"


def number(value: float) -> str:
    """Return a number with at least two decimals, and more where two would hide something."""
    return f"{value:.2f}" if abs(value - round(value, 2)) < 1e-9 else f"{value:.10g}"


def sentence(name: str, rule: str, got: str, where: str = "", remedy: str = "") -> str:
    """Return the one line that every complaint is."""
    return " ".join(filter(None, [f"`{printable(name)}` must {rule}; got {got}", where])) + f". {remedy}".rstrip()


def nearest(word: object, options: Iterable[str]) -> str:
    """Return the one of `options` that `word` most likely misspells, or '' when none is near."""
    return next(iter(get_close_matches(str(word).lower(), list(options), n=1, cutoff=0.6)), "")


def did_you_mean(word: object, options: Iterable[str], *, instead: str = "") -> str:
    """Return 'Did you mean `x`?' for the nearest of `options`, or `instead` when none is near."""
    near = nearest(word, options)
    return f"Did you mean `{near}`?" if near else instead


def path_of(location: Location) -> str:
    """Return `location` as the user would write it: `training[0].kind`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def complain(
    model: type[BaseModel], error: ValidationError, where: Callable[[Location], str], order: Callable[[Location], int]
) -> InputError:
    """Return one `InputError` with a line for every breach, in the order of the file.

    Parameters
    ----------
    model : the class that refused its input
    error : what it raised
    where : from a location to words such as 'in mine.yaml line 12'
    order : from a location to its line, 0 when there is none
    """
    errors = [dict(e) for e in error.errors(include_url=False)]
    found = [_describe(model, e, where) for e in errors if not _follows(model, e, errors)]
    lines = [text for _, text in sorted(found, key=lambda pair: order(pair[0]))]
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"... and {len(lines) - MAX_LINES} more breaches of the same file."]
    return InputError("\n".join(lines))


def _follows(model: type[BaseModel], error: dict[str, Any], errors: Sequence[dict[str, Any]]) -> bool:
    """Return whether `error` only follows from another one: a short list of broken items, a name that is misspelt."""
    at = error["loc"]
    if error["type"] == "too_short":
        return any(e["loc"][: len(at)] == at for e in errors if e is not error)
    if error["type"] == "missing":
        unknown = [e["loc"][-1] for e in errors if e["type"] == "extra_forbidden" and e["loc"][:-1] == at[:-1]]
        owner = owner_of(model, at[:-1])
        return owner is not None and any(nearest(key, owner.model_fields) == at[-1] for key in unknown)
    return False


def _describe(model: type[BaseModel], error: dict[str, Any], where: Callable[[Location], str]) -> tuple[Location, str]:
    """Return the location and the line of one pydantic error."""
    kind, value, ctx = error["type"], error["input"], error.get("ctx", {})
    location: Location = tuple(p for p in error["loc"] if p != "[key]")
    got, remedy, name = show(value), "", path_of(location) or model.__name__
    breach = ctx.get("error")
    if isinstance(breach, Breach):
        location = (*location, *breach.at)
        name = breach.name or path_of(location) or model.__name__
        rule, got, remedy = breach.rule, breach.got, breach.remedy
    elif kind == "extra_forbidden":
        owner = owner_of(model, location[:-1])
        known = list(owner.model_fields) if owner else []
        rule, got = "be a key that is known here", show(location[-1])
        remedy = did_you_mean(location[-1], known, instead=f"Known keys: {', '.join(known)}.")
    elif kind == "literal_error":
        options = re.findall(r"'([^']*)'", ctx["expected"])
        rule, remedy = f"be one of {', '.join(options)}", did_you_mean(value, options)
    elif kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        rule = words.format(f"{ctx[key]:.12g}")
        if kind == "less_than_equal" and ctx["le"] == 1 and 1 < value <= 100:
            remedy = f"Write {value / 100:g} for {value:g} percent."
    elif kind in _LENGTHS:
        key, words = _LENGTHS[kind]
        rule = words.format(ctx[key])
        got = str(ctx["actual_length"]) if kind == "too_short" else got
    elif kind in _KINDS:
        rule = _KINDS[kind]
        if kind == "missing":
            got, remedy = "nothing", f"Add `{location[-1]}`."
        elif kind in ("float_type", "int_type") and isinstance(value, str) and re.fullmatch(r"[-+.\deE]+", value):
            remedy = "Write it without quotes."
        elif kind == "int_type" and isinstance(value, float) and value.is_integer():
            remedy = f"Write {value:.0f}."
        elif kind == "string_type" and value is not None:
            remedy = "Put it in quotes."
    else:
        rule = f"be valid ({printable(error['msg'])})"
    return location, sentence(name, rule, got, where(location), remedy)


def owner_of(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel] | None:
    """Return the model class that sits at `location` inside `model`, or None when there is none."""
    here: Any = model
    for part in location:
        here = _unwrap(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            if part not in here.model_fields:
                return None
            here = here.model_fields[str(part)].annotation
        else:  # a tuple's items and a dict's values are its argument before '...' and its last one
            args = [a for a in get_args(here) if a is not Ellipsis]
            here = args[-1] if args else None
    here = _unwrap(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _unwrap(annotation: Any) -> Any:
    """Return what is inside `Annotated[...]` and `X | None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation
