"""Each optional package hidden in turn: every engine that computes with it refuses by name or has another way that says so, and the
others go on as before."""

import sys

import pytest

from media_app import engines
from media_app.backends import BackendUnavailable, Package
from media_app.engines.base import Backend, Engine
from tests.support.factories import TENANT, Api, a_registry_asset

ENGINES = [module.ENGINE for module in engines.modules().values()]


def packages_of(backend: Backend) -> set[Package]:
    return {*backend.packages, *(model.packaged.package for model in backend.models)}


PACKAGES = {package for one in ENGINES for way in (one.backend, *one.fallbacks) for package in packages_of(way)}
MODULES = sorted({module for package in PACKAGES for module in (package.module, *package.imports)})
ASKED = {
    "video/masks/auto": {"time_ms": 0, "points": [{"x": 0.5, "y": 0.5, "label": 1}]},
}  # fmt: skip


def needs(backend: Backend, module: str) -> bool:
    return any(module in (package.module, *package.imports) for package in packages_of(backend))


@pytest.mark.parametrize("module", MODULES)
def test_with_a_package_hidden_no_engine_chooses_a_way_that_needs_it(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    for engine in ENGINES:
        if not needs(engine.backend, module):
            assert engine.choose().degraded == ""
            continue
        if all(needs(backend, module) for backend in engine.fallbacks):
            with pytest.raises(BackendUnavailable, match="Install"):
                engine.choose()
            continue
        choice = engine.choose()
        assert not needs(choice.backend, module)
        assert choice.requested == engine.backend.name
        assert "Install" in choice.degraded


@pytest.mark.django_db
@pytest.mark.parametrize("module", MODULES)
def test_with_a_package_hidden_every_route_is_409_or_takes_the_work(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    asset = a_registry_asset(duration_ms=5000, has_audio=True, checksum="1" * 64, width=640, height=360)
    api, names = Api(), {"tenant_id": TENANT, "env": "dev", "asset_id": str(asset.pk)}
    for engine in ENGINES:
        if not engine.route or engine.takes:
            continue
        status, answer = api.post(f"/{engine.route}", names | ASKED.get(engine.route, {}))
        assert status == (202 if _possible(engine) else 409), (engine.name, answer)
        assert status == 202 or answer["error"]["code"] == "backend_unavailable"


def _possible(engine: Engine) -> bool:
    return any(not backend.missing for backend in (engine.backend, *engine.fallbacks))
