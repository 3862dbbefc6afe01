"""Two languages from one catalogue, and numbers as each language writes them.

English is the language of the source; Indonesian comes from
`locale/id/LC_MESSAGES/kinerja.po`, read as it is (nothing is compiled). A message is a
whole sentence with named places for numbers: no sentence is put together from pieces.
"""

from __future__ import annotations

import locale
import math
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kinerja_sim.know.errors import InputError

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LANGUAGES = ("id", "en")
MINUS = "\N{MINUS SIGN}"
_LOCALES = {"id": "id_ID", "en": "en_GB"}


@cache
def load_catalogue(lang: str) -> Catalog:
    """Return the message catalogue of `lang`, as Babel reads it from the .po file."""
    from babel.messages.pofile import read_po

    path = files("kinerja_sim.present").joinpath("locale", lang, "LC_MESSAGES", "kinerja.po")
    with path.open("rb") as stream:
        return read_po(stream, locale=lang)


@dataclass(frozen=True)
class Translator:
    """Messages and numbers in one language; call it with the English message.

    Examples
    --------
    >>> t = translator("id")
    >>> t("cannot tell")
    'belum dapat dipastikan'
    >>> t.number(1234.56, 2)
    '1.234,56'
    """

    lang: str

    def __call__(self, message: str, **values: object) -> str:
        """Return `message` in this language with `values` filled in."""
        text: str | None = None
        if self.lang != "en":
            found = load_catalogue(self.lang).get(message)
            text = str(found.string) if found is not None and isinstance(found.string, str) else None
        return (text or message).format(**values)

    def plural(self, one: str, many: str, n: float, **values: object) -> str:
        """Return `one` or `many` by the plural rule of this language, with `n` filled in, to one decimal at most."""
        text = one if n == 1 else many
        if self.lang != "en":
            catalogue = load_catalogue(self.lang)
            found = catalogue.get(one)
            if found is not None and isinstance(found.string, tuple):
                # `plural_func` is the catalogue's own Plural-Forms header (Indonesian has one form).
                text = found.string[0 if catalogue.num_plurals == 1 else int(n != 1)] or text
        return text.format(n=self.number(n, 0 if float(n).is_integer() else 1), **values)

    def months(self, n: int) -> str:
        """Return so many months in words.

        Examples
        --------
        >>> translator("en").months(1), translator("id").months(24)
        ('1 month', '24 bulan')
        """
        return self.plural("{n} month", "{n} months", n)

    def replications(self, n: int) -> str:
        """Return so many replications in words."""
        return self.plural("{n} replication", "{n} replications", n)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return `value` with separators of this language, a true minus sign and fixed decimals.

        Examples
        --------
        >>> translator("en").number(-1234.5, 1)
        '−1,234.5'
        """
        from babel.numbers import format_decimal

        if math.isnan(value):
            return "–"
        rounded = round(float(value), decimals)
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        digits = str(format_decimal(abs(rounded), format=pattern, locale=_LOCALES[self.lang]))
        return MINUS + digits if rounded < 0 else digits

    def signed(self, value: float, decimals: int = 0) -> str:
        """Return a change: like `number`, with a plus sign when it is above zero after rounding.

        Examples
        --------
        >>> translator("id").signed(3.25, 1), translator("id").signed(-0.01, 1)
        ('+3,2', '0,0')
        """
        text = self.number(value, decimals)
        return "+" + text if round(float(value), decimals) > 0 else text

    def rupiah(self, value: float) -> str:
        r"""Return an amount of rupiah in short form, to one decimal of its thousand, million or thousand million.

        Examples
        --------
        >>> translator("id").rupiah(102_619_189.0)
        'Rp102,6\xa0jt'
        """
        from babel.numbers import format_compact_currency

        if math.isnan(value):
            return "–"
        digits = format_compact_currency(abs(value), "IDR", locale=_LOCALES[self.lang], fraction_digits=1)
        return MINUS + str(digits) if value < 0 else str(digits)

    def percent(self, share: float, decimals: int = 0) -> str:
        """Return a share in [0, 1] as per cent.

        Examples
        --------
        >>> translator("id").percent(0.1234, 1), translator("en").percent(0.1234, 1)
        ('12,3 %', '12.3%')
        """
        t = self
        number = t.number(100 * share, decimals)
        return number if number == "–" else t("{number}%", number=number)

    def share(self, share: float, low: float, high: float) -> str:
        """Return a share in [0, 1] with its bounds as per cent; an en dash where there is none.

        Examples
        --------
        >>> translator("en").share(0.61, 0.48, 0.72)
        '61% (48–72)'
        """
        if math.isnan(share):
            return "–"
        t, ends = self, {"low": self.number(100 * low), "high": self.number(100 * high)}
        return t("{share} ({low}–{high})", share=self.percent(share), **ends)


def translator(lang: str) -> Translator:
    """Return the translator of `lang`.

    Raises
    ------
    InputError
        If `lang` is neither 'id' nor 'en'.
    """
    if lang not in LANGUAGES:
        raise InputError(f"`lang` must be one of {', '.join(LANGUAGES)}; got {lang!r}. Use --lang id or --lang en.")
    return Translator(lang)


def default_language() -> str:
    """Return the language that `KINERJA_LANG`, or else the locale, asks for: 'id' or 'en'.

    Raises
    ------
    InputError
        If `KINERJA_LANG` is set to something that is no language of ours.
    """
    asked = os.environ.get("KINERJA_LANG")
    if asked and asked not in LANGUAGES:
        raise InputError(
            f"`KINERJA_LANG` must be one of {', '.join(LANGUAGES)}, or unset; got {asked!r} in the environment. "
            "Set KINERJA_LANG=id or =en."
        )
    if asked:
        return asked
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), None)
    return "id" if (spoken or locale.getlocale()[0] or "").lower().startswith(("id", "indonesian")) else "en"
