"""What keeps people out of the tables: keyed hashes, a key kept elsewhere, small cells suppressed.

An identifier becomes a keyed hash (BLAKE2b with a secret key, RFC 7693): without the key
nobody can hash a list of all officers and look them up. That is pseudonymity, not
anonymity: whoever has the key, or recognises an unusual day of work, may know a person
again, so a data folder stays as confidential as its source. What leaves it is counts,
and counts of fewer than `K` people or cases are not told.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from kinerja_sim.know.errors import InputError, RunError
from kinerja_sim.know.files import PathLike, label_of, read_text
from kinerja_sim.know.messages import sentence

K = 5
"""Fewest people or cases that a cell of anything exported may count."""
KEY_BYTES = 32
_DIGEST_BYTES = 8  # two of a million cases share a hash with probability 3e-8
_PERSONAL = re.compile(r"@|\d[\d .\-/]{5,}\d|\+\d{2}")  # e-mail, NIK, NIP, telephone


@dataclass(frozen=True)
class Key:
    """The secret behind the hashes, and the file that holds it or will hold it."""

    path: Path
    secret: bytes = field(repr=False)
    is_new: bool

    @property
    def id(self) -> str:
        """Return what tells keys apart and gives none away."""
        return hashlib.blake2b(b"id", key=self.secret, digest_size=_DIGEST_BYTES).hexdigest()

    def hash(self, kind: str, text: str) -> str:
        """Return the 16 hexadecimal digits that stand for `text`; `kind` is 'officer' or 'case'.

        Examples
        --------
        >>> key = Key(Path("k"), b"0" * 32, False)
        >>> key.hash("officer", "Budi") == key.hash("officer", "Budi") != key.hash("case", "Budi")
        True
        """
        return hashlib.blake2b(
            text.encode("utf-8", "surrogatepass"), key=self.secret, digest_size=_DIGEST_BYTES, person=kind.encode()
        ).hexdigest()

    def save(self) -> None:
        """Write a new key's file, readable by its owner alone; an older key is left as it is.

        Raises
        ------
        RunError
            If the file cannot be written, or has appeared meanwhile.
        """
        if not self.is_new:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(self.secret.hex() + "\n")
        except OSError as error:
            raise RunError(f"could not write the key: {error.strerror or error} at {label_of(self.path)}") from None


def load_key(path: PathLike, folder: PathLike) -> Key:
    """Return the key of a file, or a new one, not written yet, where there is no such file.

    Parameters
    ----------
    path : the key file
    folder : the data folder, which must not hold the key

    Raises
    ------
    InputError
        If the file lies in the data folder, holds no key, or others may read it.
    """
    file, label = Path(path), label_of(path)
    if file.resolve().is_relative_to(Path(folder).resolve()):
        remedy = "Keep it apart: who has both can tell people's names."
        raise InputError(sentence("key", "lie outside the data folder", "a file inside it", f"at {label}", remedy))
    if not os.path.lexists(file):
        return Key(file, secrets.token_bytes(KEY_BYTES), True)
    text = read_text(file, max_bytes=1000).strip()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        rule = f"hold {2 * KEY_BYTES} hexadecimal digits"
        raise InputError(sentence("key", rule, "something else", f"in {label}", "Name another file with --key."))
    if os.name == "posix" and file.stat().st_mode & 0o077:
        remedy = "Take the rights away: chmod 600."
        raise InputError(sentence("key", "be readable by you alone", "a file open to others", f"at {label}", remedy))
    return Key(file, bytes.fromhex(text), False)


def looks_personal(text: str) -> bool:
    """Return whether `text` holds what may be an e-mail address, a telephone number, a NIK or a NIP.

    Examples
    --------
    >>> looks_personal("Budi 0812-3456-7890"), looks_personal("T06 Determine necessity")
    (True, False)
    """
    return _PERSONAL.search(text) is not None
