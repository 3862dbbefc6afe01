"""A region file from ten answers, so that an office without data can start.

Everything that the office answered is graded `estimate`, and so is everything it was not
asked: daily and yearly shape of arrivals, satisfaction, the horizon. The file says so line
by line, so that each estimate can be replaced by a measured number later. Most open to
dispute: one service with one counter and one back office stands for the whole office.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from ruamel.yaml import YAML

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.fields import Frozen, Slug
from kinerja_sim.know.files import PathLike, label_of
from kinerja_sim.know.messages import Breach, sentence
from kinerja_sim.know.regions import Level, Region
from kinerja_sim.know.yamlfile import load_model, parse_yaml, validate_document, validate_mapping

DAY_MINUTES = 450  # Perpres 21/2023 art 4: 37.5 hours a week over five days
QUESTIONS = (
    "title", "level", "population", "service", "cases_per_day", "counter_officers", "counter_minutes",
    "processing_officers", "processing_minutes", "promise",
)  # fmt: skip
_PROMISE = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(minutes?|menit|working days?|days?|hari(?: kerja)?)\s*", re.IGNORECASE)
_HALF_HOURS = [1.25, 1.4, 1.4, 1.3, 1.15, 1.0, 0.9, 0.75, 0.65, 0.8, 0.9, 0.85, 0.75, 0.5]
_WEEKDAYS = [1.2, 1.05, 0.95, 0.9, 0.9]
_MONTHS = [1.0, 0.95, 0.9, 1.12, 1.0, 1.03, 1.18, 1.05, 1.0, 0.97, 0.93, 0.87]


class Answers(Frozen):
    """The ten answers."""

    title: str = Field(min_length=2)  # 1: what the region is called
    level: Level  # 2
    population: float = Field(ge=1, le=400_000_000)  # 3: residents
    service: str = Field(min_length=2)  # 4: the service, in the office's words
    cases_per_day: float = Field(gt=0, le=100_000)  # 5
    counter_officers: int = Field(ge=0, le=200)  # 6: 0 where there is no counter
    counter_minutes: float | None = Field(default=None, gt=0, le=10_000)  # 7: minutes per case
    processing_officers: int = Field(ge=0, le=200)  # 8: 0 where everything is done at the counter
    processing_minutes: float | None = Field(default=None, gt=0, le=10_000)  # 9: minutes per case
    promise: str  # 10: '30 minutes' of waiting or '1 working day' until it is done

    @model_validator(mode="after")
    def _check_stages(self) -> Self:
        if not self.counter_officers and not self.processing_officers:
            raise Breach("be above 0 at the counter, in processing or both", "0 and 0", at=("counter_officers",))
        for stage in ("counter", "processing"):
            if getattr(self, f"{stage}_officers") and getattr(self, f"{stage}_minutes") is None:
                raise Breach(f"be given where there are officers in the {stage}", "nothing", at=(f"{stage}_minutes",))
        unit = self.promised[1]
        if unit == "minutes" and not self.counter_officers:
            raise Breach("be in working days where nobody waits at a counter", self.promise, at=("promise",))
        return self

    @property
    def promised(self) -> tuple[float, Literal["minutes", "working days"]]:
        """The promise as a number and its unit."""
        found = _PROMISE.fullmatch(self.promise)
        value = float(found.group(1).replace(",", ".")) if found else 0.0
        if found is None or not 0 < value <= 2_500:
            rule = "be a number above 0 of minutes or working days"
            raise Breach(rule, f"'{self.promise}'", "Write '30 minutes' or '1 working day'.", at=("promise",))
        return value, "minutes" if found.group(2).lower().startswith("m") else "working days"


def read_answers(given: Mapping[str, Any], file: PathLike | None = None) -> Answers:
    """Return checked answers, those of `file` overruled by those `given` that are not None.

    Raises
    ------
    InputError
        If an answer is missing or breaks a rule; every breach is named.
    """
    own = {key: value for key, value in given.items() if value is not None}
    if file is not None and not own:
        return load_model(file, Answers)
    from_file = {} if file is None else load_model(file, Answers).model_dump()
    return validate_mapping(Answers, from_file | own, "in the answers")


def region_text(name: str, answers: Answers, date: str) -> str:
    """Return the text of a region file, already checked as one.

    Parameters
    ----------
    name : str
        Name of the region; the file should be called so too.
    answers : Answers
    date : str
        Day of the answers, for the sources.

    Raises
    ------
    InputError
        If `name` is no slug or a number is out of a region's bounds.
    """
    validate_mapping(_Named, {"name": name}, "on the command line")
    yaml = YAML()
    yaml.width, yaml.default_flow_style = 110, False
    buffer = io.StringIO()
    yaml.dump(_region(name, answers, date), buffer)
    head = (
        f"# Written by `kinerja new-region` on {date} from ten answers. Every number is an estimate: replace what you\n"
        "# can measure, and grade it `measured`. `preset` and `resistance_cause` were not asked: look at them.\n"
    )
    text = head + buffer.getvalue()
    validate_document(Region, parse_yaml(text, f"{name}.yaml"))
    return text


def write_region(text: str, path: PathLike) -> Path:
    """Write a region file where there is none yet, and return its path.

    Raises
    ------
    InputError
        If there is a file already, or it cannot be written.
    """
    target, label = Path(path), label_of(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        remedy = "Name another with -o, or remove it first."
        raise InputError(sentence("output", "be a new file", "one that exists", f"at {label}", remedy)) from None
    except OSError as error:
        got = error.strerror or type(error).__name__
        raise InputError(sentence("output", "be a file that can be written", got, f"at {label}")) from None
    return target


class _Named(Frozen):
    name: Slug


def _region(name: str, a: Answers, date: str) -> dict[str, Any]:
    asked = f"estimate of the office, answer {{}} of ten in `kinerja new-region` on {date}; not measured"
    assumed = "not asked; assumed as in the library's offices"
    promise, promise_unit = a.promised

    def said(question: str, value: float, unit: str) -> dict[str, Any]:
        number = int(value) if float(value).is_integer() else value
        source = asked.format(QUESTIONS.index(question) + 1)
        return {"value": number, "unit": unit, "grade": "estimate", "source": source}

    def guess(unit: str, source: str = assumed, **value: Any) -> dict[str, Any]:
        return {**value, "unit": unit, "grade": "estimate", "source": source}

    def stage(kind: str, complexity: str) -> dict[str, Any]:
        officers, minutes = getattr(a, f"{kind}_officers"), getattr(a, f"{kind}_minutes")
        return {
            "officers": said(f"{kind}_officers", officers, "officers"),
            "minutes": said(f"{kind}_minutes", minutes, "minutes per case"),
            "complexity": complexity,
        }

    unit: dict[str, Any] = {
        "title": {"id": a.service, "en": a.service},
        "service": _slug(a.service),
        "day_minutes": guess("minutes", "37.5 h a week over 5 days (Perpres 21/2023 art 4)", value=DAY_MINUTES),
        "arrivals": {
            "per_day": said("cases_per_day", a.cases_per_day, "cases per working day"),
            "half_hour": guess("relative rate", f"doors 08:00-15:00; {assumed}", values=_HALF_HOURS),
            "weekday": guess("relative rate", values=_WEEKDAYS),
            "month": guess("relative rate", values=_MONTHS),
        },
    }
    if a.counter_officers:
        unit["counter"] = stage("counter", "routine")
    if a.processing_officers:
        unit["processing"] = stage("processing", "medium")
        unit["backlog"] = guess(
            "cases", "not asked; assumed: a seventh of a day's cases", value=round(a.cases_per_day / 7)
        )
    longest = max(10.0, 10 * promise) if promise_unit == "working days" else 10.0
    unit |= {
        "standard": {
            "quantity": "wait" if promise_unit == "minutes" else "turnaround",
            "value": said("promise", promise, promise_unit),
        },
        "restriction_days": guess("working days", "not asked; ten times the promise, at least two weeks",
                                  value=min(longest, 2_500.0)),
        "satisfaction_base": guess("index 25-100", value=86),
    }  # fmt: skip
    key, faster = _slug(a.service), {"id": "Layanan selesai lebih cepat", "en": "The service is finished faster"}
    metric = "turnaround_days_mean" if a.processing_officers else "wait_minutes_mean"
    primary = {"claim": faster, "phrase": "layanan lebih cepat", "unit": key, "metric": metric, "direction": "falls"}
    return {
        "name": name,
        "title": {"id": a.title, "en": a.title},
        "level": a.level,
        "population": said("population", a.population, "residents"),
        "resistance_cause": "habit",
        "preset": "quarterly_kpi",
        "hypotheses": [primary | {"window": "after", "primary": True}],
        "units": {key: unit},
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789") or "service"


def default_path(name: str) -> Path:
    """Return where a new region is written when nothing else is said: in the working folder."""
    return Path(os.curdir) / f"{name}.yaml"
