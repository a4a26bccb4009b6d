"""What an engine's job works on, as local files: the original, what is heard of it, or an artifact; and what the engine needs."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from media_app import engines, storage
from media_app.backends import BackendUnavailable
from media_app.core.kinds import Kind
from media_app.engines.base import Asked, Engine, EngineModule, EngineParams, Source, Subject, make_timed
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import file_at_fault
from media_app.making.files import DerivedFile
from media_app.making.inspect import Inspection, inspect
from media_app.making.workspace import workspace_of
from media_app.models import DerivedMedia
from media_app.models.artifacts import DerivedMediaQuerySet
from media_app.services import documents
from media_app.services.asset_jobs import FOUND, opened
from media_app.services.documents import SOURCE
from media_app.services.sound import heard_of, sound_bytes, sound_file_of


class Opening:
    """The files of one run. They are fetched when they are first asked for, and held until `held` closes."""

    def __init__(self, run: Run, subject: Subject, held: ExitStack) -> None:
        self.run, self.subject, self.held = run, subject, held
        #: What had to be made, to be stored and registered with the rest; and the rows that were there.
        self.made: list[DerivedFile] = []
        self.used: list[DerivedMedia] = []
        self._media: dict[bool, tuple[Path, Inspection]] = {}
        self._reserved = 0

    def source(self, engine: Engine, params: EngineParams) -> Source:
        """What the engine works on, with all that it needs, and what it wants where that can be had."""
        needed = {kind.name: self._kept(kind) or self._make(kind) for kind in engine.needs}
        for kind in engine.wants(params):
            if (path := self._kept(kind) or self._make_if_possible(kind)) is not None:
                needed[kind.name] = path
        if engine.takes:
            assert self.subject.artifact
            path = self._copy(self.subject.artifact, "taken")
            return Source(path, None, needed, duration_ms=float(self.subject.asset.duration_ms or 0))
        path, found = self._opened(engine)
        return Source(path, found, needed, duration_ms=1000 * float(found.duration))

    @property
    def media(self) -> Subject:
        """The recording, or the sound or film, that a document is about: what its needs are made of."""
        artifact = self.subject.artifact
        if artifact is None or artifact.content_type.startswith(("audio/", "video/")):
            return self.subject
        named = artifact.sources.filter(role=SOURCE).select_related("source_artifact").first()
        return Subject(self.subject.asset, named.source_artifact if named else None)

    def _opened(self, engine: Engine) -> tuple[Path, Inspection]:
        from_artifact = self.media.artifact is not None
        sound = engine.hears or from_artifact
        if sound not in self._media:
            opener = self._artifact if from_artifact else self._sound if sound else self._original
            self._media[sound] = opener(engine)
        return self._media[sound]

    def _original(self, engine: Engine) -> tuple[Path, Inspection]:
        asset = self.subject.asset
        original = self.held.enter_context(opened(self.run, asset, engine.scratch_bytes, heard=heard_of(asset)))
        return original.path, original.found

    def _sound(self, engine: Engine) -> tuple[Path, Inspection]:
        asset, folder = self.subject.asset, workspace_of(self.run).subfolder("heard").folder
        self.run.progress(0, "fetching the sound")
        self._reserve(sound_bytes(asset))
        path = self.held.enter_context(sound_file_of(asset, folder, cancelled=self.run.cancelled))
        return self._inspected(path, engine.scratch_bytes)

    def _artifact(self, engine: Engine) -> tuple[Path, Inspection]:
        assert self.media.artifact
        return self._inspected(self._copy(self.media.artifact, "artifact"), engine.scratch_bytes)

    def _inspected(self, path: Path, scratch_bytes: Callable[[Inspection], int]) -> tuple[Path, Inspection]:
        self.run.progress(FOUND, "reading the file")
        with file_at_fault():
            found = inspect(path, workspace_of(self.run))
        self._reserve(scratch_bytes(found))
        return path, found

    def _reserve(self, more: int) -> None:
        self._reserved += more
        self.run.reserve(self._reserved)

    def _copy(self, row: DerivedMedia, name: str) -> Path:
        self._reserve(storage.store().copied_bytes(row.size_bytes))
        folder = workspace_of(self.run).subfolder(name).folder
        try:
            return self.held.enter_context(storage.store().local_copy(row.key, folder))
        except storage.ObjectMissing as error:
            raise CannotSucceed(f"The file of the artifact {row.pk} is no longer in the store.") from error

    def _kept(self, kind: Kind) -> Path | None:
        rows = made_of(self.media, kind).order_by("-created_at")
        row = self._of_the_same_run(rows) or rows.first()
        if row is None or storage.store().head(row.key) is None:
            return None
        self.used.append(row)
        return self._copy(row, f"kept-{kind.name}")

    def _of_the_same_run(self, rows: DerivedMediaQuerySet) -> DerivedMedia | None:
        """The one that the same run made as the artifact: the film of masks of just this summary."""
        artifact = self.subject.artifact
        return rows.filter(cache_key=artifact.cache_key).first() if artifact and artifact.cache_key else None

    def _make_if_possible(self, kind: Kind) -> Path | None:
        if all(module.ENGINE.produces != kind for module in engines.modules().values()):
            return None
        try:
            _producer(kind).ENGINE.choose()
        except BackendUnavailable:
            return None
        return self._make(kind)

    def _make(self, kind: Kind) -> Path:
        producer = _producer(kind)
        engine = producer.ENGINE
        params, work = engine.params(), workspace_of(self.run).subfolder(f"made-{kind.name}")
        asked = Asked(self.media, params, engine.cache_key(self.media, params))
        made = make_timed(producer, self.source(engine, params), asked, work)
        self.made += made.files
        return made.files[0].path


def _producer(kind: Kind) -> EngineModule:
    """The engine that makes it of the recording, and not of another one of its kind."""
    found = (module for module in engines.modules().values() if module.ENGINE.produces == kind)
    return next(module for module in found if kind not in module.ENGINE.takes)


def made_of(subject: Subject, kind: Kind) -> DerivedMediaQuerySet:
    """The artifacts of this kind that were made of just this, as long as their files are kept."""
    if subject.artifact is None:
        return documents.of_recordings([subject.asset], [kind])
    return documents.of_artifact(subject.artifact, kind)
