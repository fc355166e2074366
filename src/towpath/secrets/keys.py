"""The master key: where it comes from, how it is made, how it changes.

A key source gives a text with one or more keys (32 bytes in base64), parted by line breaks or commas. The
first one seals; the others are old ones that still open. Sources: a file, the environment, a command.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import shlex
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from towpath.errors import InputError
from towpath.secrets.redaction import redactor
from towpath.settings import Settings

__all__ = ["CommandKeys", "FileKeys", "KeyRing", "KeySource", "TextKeys", "key_source"]

_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """The keys of one reading: ``current`` is the id of the one that seals, ``keys`` maps ids to 32 bytes."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


class KeySource(Protocol):
    """Where master keys come from."""

    name: str
    """What to call it in a message to a person."""

    def read(self) -> KeyRing:
        """Read the keys now. Raises InputError with one sentence when that is not possible."""

    def stamp(self) -> object:
        """Something that is different once the keys may have changed; cheap to ask."""

    def write(self, keys: list[bytes]) -> bool:
        """Replace the keys, first the one that seals; False when a person has to do it."""


class FileKeys:
    """Keys in a file of mode 0600, made at the first reading when it is not there.

    :param make: whether it may be made; asked when it is not there.
    """

    def __init__(self, path: Path, *, make: Callable[[], bool] = lambda: True) -> None:
        self.name = str(path)
        self._path = path
        self._make = make

    def read(self) -> KeyRing:
        """The keys; the file is made with a fresh one if need be (safe when two processes start at once)."""
        try:
            handle = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            if not self._make():
                raise InputError(
                    f"The master key file {self._path} does not exist, and secrets are sealed with its key; put it back, or "
                    "name another. If it is lost for good, make a new key there (umask 077; openssl rand -base64 32) and "
                    "enter the secrets again."
                ) from None
            self._put([secrets.token_bytes(_SIZE)], new=True)
            handle = os.open(self._path, os.O_RDONLY)
        except OSError as error:
            raise InputError(
                f"The master key file {self._path} can not be read: {error.strerror}."
            ) from error
        with os.fdopen(handle, encoding="ascii", errors="replace") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise InputError(
                    f"The master key file {self._path} can be read by others (mode {mode:04o}); "
                    f"run: chmod 600 {shlex.quote(str(self._path))}"
                )
            return _parse(file.read(), self.name)

    def stamp(self) -> object:
        """Inode, size and time of change."""
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_ino, state.st_size, state.st_mtime_ns

    def write(self, keys: list[bytes]) -> bool:
        """Replace the file in one step."""
        self._put(keys, new=False)
        return True

    def _put(self, keys: list[bytes], *, new: bool) -> None:
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(6)}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.writelines(base64.b64encode(key).decode("ascii") + "\n" for key in keys)
                    file.flush()
                    os.fsync(file.fileno())
                if new:
                    os.link(beside, self._path)  # fails when another process was first, whose key then counts
                else:
                    beside.replace(self._path)
            finally:
                beside.unlink(missing_ok=True)
            # What is wrapped with a new key must not be stored for good before the name of its file is.
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except FileExistsError:
            pass
        except OSError as error:
            raise InputError(
                f"The master key file {self._path} can not be written: {error.strerror}."
            ) from error


class TextKeys:
    """Keys given as text, from the environment."""

    name = "TOWPATH_MASTER_KEY"

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> KeyRing:
        """The keys."""
        return _parse(self._text, self.name)

    def stamp(self) -> object:
        """Never changes while the process lives."""
        return self.name

    def write(self, keys: list[bytes]) -> bool:  # noqa: ARG002  # the port's signature
        """A person has to change the environment."""
        return False


class CommandKeys:
    """Keys printed by a command, for key stores. It runs without a shell and has 30 seconds."""

    name = "the command of TOWPATH_MASTER_KEY_COMMAND"

    def __init__(self, command: str) -> None:
        self._command = command

    def read(self) -> KeyRing:
        """Run the command and take its output."""
        try:
            done = subprocess.run(  # noqa: S603  # the operator's own setting
                shlex.split(self._command),
                check=False,
                capture_output=True,
                timeout=30,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise InputError(f"{self.name.capitalize()} does not work: {type(error).__name__}.") from None
        if done.returncode:
            raise InputError(f"{self.name.capitalize()} ended with status {done.returncode}.")
        return _parse(done.stdout.decode("ascii", "replace"), self.name)

    def stamp(self) -> object:
        """Asked again only when a sealed text names an unknown key."""
        return self.name

    def write(self, keys: list[bytes]) -> bool:  # noqa: ARG002  # the port's signature
        """A person has to change the key store."""
        return False


def key_source(settings: Settings, *, make: Callable[[], bool] = lambda: True) -> KeySource:
    """The source the settings choose: the key itself, a command, a file, in this order.

    :param make: whether a key file may be made; asked when there is none.
    """
    if settings.master_key is not None and settings.master_key.get_secret_value().strip():
        return TextKeys(settings.master_key.get_secret_value())
    if settings.master_key_command:
        return CommandKeys(settings.master_key_command)
    if settings.master_key_file is not None:
        return FileKeys(settings.master_key_file, make=make)
    return FileKeys(settings.home / "master.key", make=make)


def key_id(key: bytes) -> str:
    """Eight hexadecimal digits that name a key and tell nothing about it."""
    return hashlib.sha256(b"towpath master key id\0" + key).hexdigest()[:8]


def _parse(text: str, name: str) -> KeyRing:
    keys: dict[str, bytes] = {}
    for word in text.replace(",", " ").split():
        try:
            key = base64.b64decode(
                word.replace("-", "+").replace("_", "/") + "=" * (-len(word) % 4), validate=True
            )
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != _SIZE:
            raise InputError(
                f"The master key in {name} is not 32 bytes in base64; make one with: openssl rand -base64 32"
            )
        redactor.add(word)
        keys.setdefault(key_id(key), key)
    if not keys:
        raise InputError(f"There is no master key in {name}; make one with: openssl rand -base64 32")
    return KeyRing(current=next(iter(keys)), keys=keys)
