"""What public functions take: the kind of every argument is checked in one place, before anything is done with it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from functools import wraps
from numbers import Real
from typing import Any, NamedTuple, TypeVar, cast

from kinerja_sim.know.errors import InputError
from kinerja_sim.know.messages import sentence, show

F = TypeVar("F", bound=Callable[..., Any])


class Kind(NamedTuple):
    """A rule in words, and whether a value keeps it."""

    rule: str
    holds: Callable[[Any], bool]


def _is_listed(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


NUMBER = Kind("be a number", lambda value: isinstance(value, Real) and not isinstance(value, bool))
NUMBERS = Kind("be a list of numbers", lambda value: _is_listed(value) and all(map(NUMBER.holds, value)))
TRUTH = Kind("be true or false", lambda value: isinstance(value, bool))
TEXT = Kind("be text", lambda value: isinstance(value, str))
PATH = Kind("be a path", lambda value: isinstance(value, str | os.PathLike))
CALLBACK = Kind("be a function", callable)


def takes(**kinds: Kind) -> Callable[[F], F]:
    """Return a decorator that refuses arguments of another kind; what may be left out may also be None.

    Raises
    ------
    InputError
        When the function is called with an argument of another kind.

    Examples
    --------
    >>> @takes(share=NUMBER)
    ... def percent(share):
    ...     return 100 * share
    >>> percent(0.5)
    50.0
    >>> try:
    ...     percent("half")
    ... except InputError as error:
    ...     print(error)
    `share` must be a number; got 'half'.
    """

    def checked(function: F) -> F:
        parameters = inspect.signature(function)
        optional = {name for name, one in parameters.parameters.items() if one.default is None}

        @wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            given = parameters.bind(*arguments, **named).arguments
            for name, kind in kinds.items():
                if name in given and not (given[name] is None and name in optional) and not kind.holds(given[name]):
                    raise InputError(sentence(name, kind.rule, show(given[name])))
            return function(*arguments, **named)

        return cast(F, call)

    return checked
