"""Every setting and every choice has its words, in both languages, from one place."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from kinerja_sim.know.fields import Sourced, Text
from kinerja_sim.know.policies import Policy
from kinerja_sim.know.regions import Hypothesis, Region
from kinerja_sim.present.i18n import translator
from kinerja_sim.present.labels import MONTHS, POLICY, REGION, SHARES, UNITS, VALUES, word

LEAVES = (Sourced, Text, Hypothesis)


def parts(annotation: Any) -> Iterator[Any]:
    """Yield what an annotation is made of, without `Annotated`, None and ellipses."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from parts(each)
    elif annotation not in (type(None), ...):
        yield annotation


def fields(model: type[BaseModel], at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, annotation) of every field of a file, below lists and blocks as well."""
    for name, info in model.model_fields.items():
        path = f"{at}.{name}".lstrip(".")
        yield path, info.annotation
        for part in parts(info.annotation):
            origin, inner = get_origin(part), [p for a in get_args(part) for p in parts(a)]
            if origin is dict and path == "units":
                yield f"{path}.*", part
                yield from fields(inner[-1], f"{path}.*")
            elif origin is dict:
                yield from ((f"{path}.{key}", inner[-1]) for key in get_args(inner[0]))
            elif origin is tuple and isinstance(inner[0], type) and issubclass(inner[0], BaseModel):
                yield from () if issubclass(inner[0], LEAVES) else fields(inner[0], path)
            elif isinstance(part, type) and issubclass(part, BaseModel) and not issubclass(part, LEAVES):
                yield from fields(part, path)


def choices(annotation: Any) -> Iterator[str]:
    """Yield every word that a field may hold."""
    for part in parts(annotation):
        if get_origin(part) is Literal:
            yield from get_args(part)
        else:
            for inner in get_args(part):
                yield from choices(inner)


@pytest.mark.parametrize(("model", "labels"), [(Policy, POLICY), (Region, REGION)], ids=["policy", "region"])
def test_every_field_has_a_label_and_no_label_is_left_over(model, labels):
    """The labels are exactly the fields of the file."""
    assert {path for path, _ in fields(model)} == set(labels)


@pytest.mark.parametrize("model", [Policy, Region])
def test_every_choice_has_a_word(model):
    """Whatever a field offers to choose from has its word."""
    offered = {choice for path, a in fields(model) if not path.endswith("weights") for choice in choices(a)}
    assert len(offered) > 3
    assert offered - set(VALUES) == set()


def test_every_unit_of_the_regions_has_a_word():
    """The unit of every number in the library's regions has its word."""
    from kinerja_sim import list_regions, load_region

    def units(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from [value["unit"]] if "grade" in value and "value" in value else []
            for each in value.values():
                yield from units(each)

    used = {unit for name in list_regions() for unit in units(load_region(name).model_dump())}
    assert used - set(UNITS) == set()


def test_shares_and_months_are_named_by_fields_that_exist():
    """The fields told in per cent or months are fields of a policy file."""
    assert set(POLICY) >= SHARES | MONTHS


@pytest.mark.parametrize(
    ("value", "path", "indonesian", "english"),
    [
        (0.125, "appraisal.weights.peers", "12,5 %", "12.5%"),
        (None, "coaching", "tidak ada", "none"),
        ((), "channels", "tidak ada", "none"),
        (("app", "paper"), "channels", "aplikasi, formulir kertas", "app, paper forms"),
        (True, "feedback.monitoring", "ya", "yes"),
        (3, "phase_in_months", "3 bulan", "3 months"),
        (1, "appraisal.rotation_months", "1 bulan", "1 month"),
        (1234.5, "capacity.extra_officers", "1.234,5", "1,234.5"),
    ],
)
def test_values_are_told_in_words_and_numbers_of_the_language(value, path, indonesian, english):
    """Shares, months, choices, lists and nothing are written as each language writes them."""
    assert word(value, path, translator("id")) == indonesian
    assert word(value, path, translator("en")) == english
