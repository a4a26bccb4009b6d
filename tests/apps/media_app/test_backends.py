"""What engines compute with: packages that may be missing, model files held to their checksums, models loaded once."""

import re
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from media_app import engines
from media_app.backends import BackendUnavailable, ModelFile, Package, PackagedFile, held, in_use
from media_app.core import kinds
from media_app.engines.base import Backend, Choice, Engine, NoParams, Subject
from media_app.making.files import sha256
from media_app.models import MediaAsset
from tests.support.waiting import PATIENCE_S

ASSET = MediaAsset(tenant_id="t_club", env="dev", checksum="1" * 64)


@pytest.fixture
def ears(tmp_path, monkeypatch, settings) -> ModelFile:
    """A package with a model inside, and a setting for the operator's own."""
    folder = tmp_path / "ears_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "ears.bin").write_bytes(b"weights")
    monkeypatch.syspath_prepend(tmp_path)
    settings.STUDIO_EARS_MODEL = ""
    package = Package("ears_package", "ears-package", "audio")
    pinned = sha256(folder / "ears.bin")
    yield ModelFile("ears", PackagedFile(package, "ears.bin", pinned), "STUDIO_EARS_MODEL")
    sys.modules.pop("ears_package", None)


def engine_with(model: ModelFile, **traits) -> Engine:
    backend = Backend("ears", "model", packages=(model.packaged.package,), models=(model,))
    return Engine("listener", kinds.BARS, "Listening", backend=backend, **traits)


def test_the_packaged_model_is_used_by_its_name_and_checksum(ears):
    assert ears.used == f"ears@{ears.packaged.sha256[:16]}"
    assert ears.verified() == ears.path


def test_a_changed_byte_of_the_packaged_model_is_refused_by_name(ears):
    ears.path.write_bytes(b"weightz")
    with pytest.raises(BackendUnavailable, match="ears of ears-package is not the file that Studio knows"):
        ears.digest()
    with pytest.raises(BackendUnavailable):
        engine_with(ears).cache_key(Subject(ASSET), NoParams())


def test_a_changed_byte_of_the_operators_model_is_another_cache_key(ears, tmp_path, settings):
    own = tmp_path / "own.bin"
    settings.STUDIO_EARS_MODEL = str(own)
    engine, made = engine_with(ears), []
    for content in (b"one", b"two", b"one"):
        own.write_bytes(content)
        made.append(engine.cache_key(Subject(ASSET), NoParams()))
    assert made[0] == made[2] != made[1]


def test_an_operators_model_that_is_not_there_is_said_with_its_setting(ears, settings):
    settings.STUDIO_EARS_MODEL = "/no/such/model"
    with pytest.raises(BackendUnavailable, match="STUDIO_EARS_MODEL names /no/such/model"):
        engine_with(ears).choose()


def test_a_missing_package_is_named_with_its_extra(ears, monkeypatch):
    monkeypatch.setitem(sys.modules, "ears_package", None)
    with pytest.raises(BackendUnavailable, match=r"Install ears-package \(make setup, .* --extra audio\)"):
        engine_with(ears).choose()


def test_a_fallback_says_that_it_is_one_and_why(ears, monkeypatch):
    engine = engine_with(ears, fallbacks=(Backend("plain"),))
    assert engine.choose().degraded == ""
    monkeypatch.setitem(sys.modules, "ears_package", None)
    choice = engine.choose()
    assert (choice.backend.name, choice.requested) == ("plain", "ears")
    assert "ears-package" in choice.degraded


def test_the_operator_chooses_among_the_backends_and_a_stub_is_refused(ears, settings):
    engine = engine_with(ears, fallbacks=(Backend("plain"),), setting="EARS_BACKEND")
    settings.EARS_BACKEND = "plain"
    assert engine.choose() == Choice(Backend("plain"), "plain")
    settings.EARS_BACKEND = "stub"
    with pytest.raises(BackendUnavailable, match="EARS_BACKEND is 'stub'"):
        engine.choose()


def test_a_key_is_of_tenant_and_bytes_and_not_of_the_user_or_the_asset(ears):
    def key(**fields) -> str:
        facts = {"tenant_id": "t_club", "env": "dev", "checksum": "1" * 64} | fields
        return engine_with(ears).cache_key(Subject(MediaAsset(**facts)), NoParams())

    assert key(user_id="bob", original_filename="b.mp4") == key(user_id="alice")
    assert len({key(), key(tenant_id="t_other"), key(env="prod"), key(checksum="2" * 64)}) == 4


def test_a_model_is_loaded_once_used_by_one_at_a_time_and_let_go_for_the_next(ears, tmp_path, settings):
    held._held.clear()
    loaded: list[Path] = []

    def load() -> str:
        loaded.append(ears.path)
        return "a model"

    with in_use(ears, load) as model:
        waiting = threading.Event()

        def look() -> None:
            waiting.set()
            raise InterruptedError

        def another() -> None:
            with pytest.raises(InterruptedError), in_use(ears, load, look):
                pass

        thread = threading.Thread(target=another)
        thread.start()
        thread.join(PATIENCE_S)
        assert (model, waiting.is_set()) == ("a model", True)
    with in_use(ears, load):
        assert len(loaded) == 1
    settings.STUDIO_EARS_MODEL = str(tmp_path / "other.bin")
    (tmp_path / "other.bin").write_bytes(b"other")
    with in_use(ears, load):
        assert (len(loaded), len(held._held)) == (2, 1)


def test_the_extras_are_the_pins_of_the_lock_and_every_package_of_a_backend_is_in_one():
    """What a 409 tells an operator to install is declared, in the version that is locked."""
    root = Path(__file__).parents[3]
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    wanted: dict[str, set[str]] = {"": set(), **{name: set() for name in extras}}
    section = ""
    for line in (root / "requirements.in").read_text().splitlines():
        part = re.match(r"# \[(\w+)\]", line)
        section = part[1] if part else section
        wanted[section].add(line.split("#")[0].strip().replace('"', "'"))
    for name, pins in extras.items():
        assert wanted[name] - {""} <= set(pins), name
        assert set(pins) <= set().union(*wanted.values()), "what two parts need has one version"
    packages = {
        package
        for module in engines.modules().values()
        for backend in (module.ENGINE.backend, *module.ENGINE.fallbacks)
        for package in backend.packages
    }
    named = {name: {re.split("[=<]", pin)[0] for pin in pins} for name, pins in extras.items()}
    assert [one.name for one in packages if one.extra and one.name not in named[one.extra]] == []
