"""Optional libraries: a part that needs one says which extra of the package brings it, before anything is run."""

from __future__ import annotations

from importlib.util import find_spec

from kinerja_sim.know.errors import InputError


def need(extra: str, *modules: str) -> None:
    """Refuse an environment that lacks one of an extra's libraries.

    Parameters
    ----------
    extra : str
        Its name in pyproject.toml.
    modules : str
        What is going to be imported.

    Raises
    ------
    InputError
        If one of them is missing; it says what to install.

    Examples
    --------
    >>> need("slides", "json")
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise InputError(
            f"`{extra}` must be installed for this; got an environment without {', '.join(missing)}. "
            f"Install it with: pip install 'kinerja-sim[{extra}]'."
        )
