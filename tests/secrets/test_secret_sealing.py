import base64
import os
import pickle
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import DamagedError, InputError
from towpath.secrets import Secret, Vault, key_source
from towpath.secrets.envelope import key_id_of
from towpath.secrets.keys import CommandKeys, FileKeys, TextKeys
from towpath.settings import load

ONE = base64.b64encode(b"1" * 32).decode()
TWO = base64.b64encode(b"2" * 32).decode()
VAULT = Vault(TextKeys(ONE))


@given(text=st.text(), owner=st.text())
@pytest.mark.feature("S1.21")
def test_what_was_sealed_opens_for_its_owner_only(text: str, owner: str):
    sealed = VAULT.seal(text, owner)
    assert VAULT.open(sealed, owner).reveal() == text
    with pytest.raises(DamagedError):
        VAULT.open(sealed, owner + "x")


@pytest.mark.feature("S1.21")
def test_a_sealed_text_shows_nothing_and_is_new_each_time():
    sealed = {VAULT.seal("secret-canary", "a") for _ in range(20)}
    assert len(sealed) == 20
    for text in sealed:
        version, key_id, wrapped, body = text.split(".")
        assert version == "tp1"
        assert len(key_id) == 8
        for part in (wrapped, body):
            assert b"canary" not in base64.urlsafe_b64decode(part + "==")


SEALED = VAULT.seal("secret-canary", "a")


@given(position=st.integers(0, len(SEALED) - 1), text=st.sampled_from("Aa0-_.!é"))
def test_any_changed_character_is_noticed(position: int, text: str):
    changed = SEALED[:position] + text + SEALED[position + 1 :]
    if changed == SEALED:
        return
    # the last character of each part carries unused bits: the bytes may be the same
    same = opens(changed)
    assert not same or SEALED[position + 1 : position + 2] in {"", "."}


def opens(sealed: str) -> bool:
    try:
        return VAULT.open(sealed, "a").reveal() == "secret-canary"
    except DamagedError:
        return False


@given(text=st.text())
def test_any_text_that_is_no_sealed_text_is_refused(text: str):
    with pytest.raises(DamagedError):
        VAULT.open(text, "a")


def test_another_master_key_does_not_open_it_and_the_missing_one_is_named():
    with pytest.raises(DamagedError, match=key_id_of(SEALED)):
        Vault(TextKeys(TWO)).open(SEALED, "a")
    assert Vault(TextKeys(f"{TWO},{ONE}")).open(SEALED, "a").reveal() == "secret-canary"


def test_rewrapping_keeps_the_secret_and_its_body():
    both = Vault(TextKeys(f"{TWO}\n{ONE}"))
    again = both.rewrap(SEALED, "a")
    assert key_id_of(again) != key_id_of(SEALED)
    assert again.split(".")[3] == SEALED.split(".")[3]
    assert Vault(TextKeys(TWO)).open(again, "a").reveal() == "secret-canary"
    assert both.rewrap(again, "a") == again
    with pytest.raises(DamagedError):
        both.rewrap(SEALED, "b")


@pytest.mark.feature("S4.7")
def test_a_secret_does_not_show_itself():
    secret = Secret("secret-canary")
    for text in (
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret:>40}",
        repr([secret]),
        repr({"k": secret}),
    ):
        assert "canary" not in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        hash(secret)
    assert secret == Secret("secret-canary")
    assert secret != Secret("other-canary")
    assert secret != "secret-canary"
    assert not Secret("")
    assert not hasattr(secret, "__dict__")


def test_the_key_file_is_made_once_with_the_right_mode(tmp_path: Path):
    path = tmp_path / "new" / "master.key"
    ring = FileKeys(path).read()
    assert path.stat().st_mode & 0o777 == 0o600
    assert FileKeys(path).read() == ring
    assert len(ring.keys[ring.current]) == 32
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused_with_the_cure(tmp_path: Path, mode: int):
    path = tmp_path / "master.key"
    FileKeys(path).read()
    path.chmod(mode)
    with pytest.raises(InputError, match="chmod 600") as caught:
        FileKeys(path).read()
    assert caught.value.exit_code == 2
    path.chmod(0o400)
    FileKeys(path).read()


def test_a_new_key_outlasts_a_power_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real, kept = os.fsync, []

    def fsync(handle: int) -> None:
        kept.append(os.fstat(handle).st_ino)
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    path = tmp_path / "master.key"
    FileKeys(path).write([b"k" * 32])
    assert kept == [path.stat().st_ino, tmp_path.stat().st_ino]  # the file, then its name in the folder


def test_starts_at_the_same_time_agree_on_one_key(tmp_path: Path):
    rings = []
    sources = [FileKeys(tmp_path / "master.key") for _ in range(16)]
    threads = [
        threading.Thread(target=lambda source=source: rings.append(source.read().current))
        for source in sources
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rings) == 16
    assert len(set(rings)) == 1


@pytest.mark.parametrize("text", ["", "  \n", "abc", ONE[:-4], ONE + ",short", "é" * 44])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str):
    path = tmp_path / "master.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    for source in (FileKeys(path), TextKeys(text)):
        with pytest.raises(InputError, match="openssl rand -base64 32") as caught:
            source.read()
        assert ONE[:10] not in caught.value.message


def test_url_safe_base64_without_padding_is_a_key_too():
    raw = bytes(range(224, 256))
    ring = TextKeys(base64.urlsafe_b64encode(raw).decode().rstrip("=")).read()
    assert list(ring.keys.values()) == [raw]


def test_a_command_gives_the_key(tmp_path: Path):
    ring = CommandKeys(f"{sys.executable} -c 'print(\"{ONE}\")'").read()
    assert ring == TextKeys(ONE).read()


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("/no/such/program", "FileNotFoundError"),
        (f"{sys.executable} -c 'raise SystemExit(3)'", "status 3"),
        (f"{sys.executable} -c 'print(1)'", "32 bytes"),
        ("'unbalanced", "ValueError"),
    ],
)
def test_a_command_that_fails_is_told_in_one_sentence(command: str, reason: str):
    with pytest.raises(InputError, match=reason):
        CommandKeys(command).read()


def test_the_settings_choose_the_source(tmp_path: Path):
    assert key_source(load(home=tmp_path)).name == str(tmp_path / "master.key")
    assert key_source(load(home=tmp_path, master_key_file=tmp_path / "k")).name == str(tmp_path / "k")
    assert isinstance(key_source(load(home=tmp_path, master_key_command="true")), CommandKeys)
    assert isinstance(key_source(load(home=tmp_path, master_key=ONE, master_key_command="true")), TextKeys)


def test_a_missing_key_file_is_not_made_when_secrets_exist(tmp_path: Path):
    with pytest.raises(InputError, match="does not exist"):
        FileKeys(tmp_path / "master.key", make=lambda: False).read()


def test_a_changed_key_file_is_noticed_by_a_vault_that_is_in_use(tmp_path: Path):
    source = FileKeys(tmp_path / "master.key")
    vault = Vault(source)
    sealed = vault.seal("x-canary", "a")
    old = source.read()
    source.write([b"n" * 32, *old.keys.values()])
    assert key_id_of(vault.seal("y", "a")) != key_id_of(sealed)
    assert vault.open(sealed, "a").reveal() == "x-canary"
