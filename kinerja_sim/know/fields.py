"""The smallest pieces of every input file: a text in two languages, a number with its origin.

A number without unit, source and grade cannot enter a region file. The grades are
those of the evidence ledger, strongest first: `measured`, `published`, `derived`,
`estimate`. Types are strict: "0.5" in quotes or `true` is not a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kinerja_sim.know.messages import Breach, show

Grade = Literal["measured", "published", "derived", "estimate"]
GRADES: tuple[str, ...] = ("measured", "published", "derived", "estimate")
K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dict that cannot be changed, and can therefore be hashed."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping is frozen; make a changed copy with `replace`")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)

    def __deepcopy__(self, _memo: Any) -> Self:
        return self


class Frozen(BaseModel):
    """Base of every input model: frozen, strict, and refusing keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def _check_slug(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_+-]*", text):
        rule = "start with a small letter and hold only small letters, digits, '-' and '_'"
        raise Breach(rule, show(text), f"Write '{_slug(text)}'." if _slug(text) else "")
    return text


def _slug(text: str) -> str:
    """Return the nearest allowed name, or '' when nothing is left of `text`."""
    return re.sub(r"[^a-z0-9_+]+", "-", text.lower()).strip("-0123456789_+")


Slug = Annotated[str, AfterValidator(_check_slug)]
"""A name that can stand in a file name and on the command line."""


class Text(Frozen):
    """A text in Indonesian and English."""

    id: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_(self, lang: str) -> str:
        """Return the text in `lang`, which is 'id' or 'en'."""
        return self.id if lang == "id" else self.en


class Sourced(Frozen):
    """What every number of a region file carries beside its value."""

    unit: str = Field(min_length=1)
    source: str = Field(min_length=3)
    grade: Grade


class Quantity(Sourced):
    """One number with unit, source and grade."""

    value: float


class Count(Sourced):
    """One whole number with unit, source and grade."""

    value: int = Field(ge=0)


Factor = Annotated[float, Field(ge=0, le=1000)]


class Profile(Sourced):
    """A row of non-negative factors (by half-hour, weekday or month) with its origin."""

    values: tuple[Factor, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        if sum(self.values) <= 0:
            raise Breach("have a positive sum", "0", "Raise one factor.", at=("values",))
        return self


S = TypeVar("S", Quantity, Count)


def within(low: float, high: float, *units: str, above: bool = False) -> Callable[[S], S]:
    """Return a check that a sourced number is in one of `units` and in [`low`, `high`]; `above` leaves out `low`."""

    def check(quantity: S) -> S:
        if quantity.unit not in units:
            rule = " or ".join(f"'{unit}'" for unit in units)
            raise Breach(f"be {rule}", show(quantity.unit), f"Give the value in {' or '.join(units)}.", at=("unit",))
        v = quantity.value
        if v > high or v < low or (above and v == low):
            ends = f"greater than {low:.12g} and at most" if above else f"between {low:.12g} and"
            remedy = f"Write {v / 100:g} for {v:g} percent." if high == 1 and 1 < v <= 100 else ""
            raise Breach(f"be {ends} {high:.12g}", f"{v:.12g}", remedy, at=("value",))
        return quantity

    return check
