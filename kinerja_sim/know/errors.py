"""The three ways something can go wrong, and the exit code that each one means.

A user's mistake is an `InputError` (exit code 2), a run that failed is a `RunError`
(exit code 1); both derive from `KinerjaError`. Every message has one form:
`` `name` must be <rule>; got <value> <where>. <remedy>. ``
"""

from __future__ import annotations


class KinerjaError(Exception):
    """Base of all errors that this package raises on purpose."""

    exit_code = 1


class InputError(KinerjaError, ValueError):
    """A user's mistake: a file, name or option that breaks a rule."""

    exit_code = 2


class RunError(KinerjaError):
    """A run that was asked for correctly and failed all the same."""

    exit_code = 1
