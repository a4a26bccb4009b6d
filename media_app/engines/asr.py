"""Speech to text: what was said, word by word with its times, and which words are doubtful."""

from collections.abc import Iterator
from typing import Any, Literal

from media_app.audio import Wav
from media_app.backends import aed, aligner, whisper
from media_app.core import kinds
from media_app.core.hearing import languages, transcript
from media_app.core.hearing.transcript import Segment
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.decoded import decoded, decoded_bytes
from media_app.making.files import Document, Outputs
from media_app.making.workspace import Workspace
from sessions_app.errors import InvalidInput

STEP = "listening to words"
_MODELS = (whisper.MODEL, aed.SILERO)


class CannotHear(InvalidInput):
    """A model or a language that cannot be heard with here."""

    code = "not_configured"
    status = 422


class Params(EngineParams):
    """`model_name`: the one that is configured here; `language`: as ISO 639-1, empty for English or, with a multilingual model, the
    one that is heard; `device`: the processor in either case."""

    model_name: str = ""
    language: str = ""
    device: Literal["cpu", "auto"] = "auto"
    compute_type: Literal["int8", "int8_float32", "float32"] = "int8"

    def as_json(self) -> dict[str, Any]:
        """What is asked for by name and would be taken anyway is as if it were left out: it is the same question."""
        named = super().as_json() | {"model_name": "", "device": "auto"}
        return named | {"language": ""} if self.language == "en" and whisper.is_english_only() else named

    def refuse(self, duration_ms: int | None) -> None:
        configured = whisper.MODEL.called
        if self.model_name and self.model_name != configured:
            raise CannotHear(
                f"The model {self.model_name!r} is not configured here; {configured} is. Leave model_name out, or ask the "
                "operator to name its folder in STUDIO_ASR_MODEL_DIR.",
                field="model_name",
            )
        if self.language and self.language not in languages.NAMES:
            raise CannotHear(
                f"{self.language!r} is not a language that can be transcribed. Use a code of two letters, such as en or fr.",
                field="language",
            )
        if self.language not in ("", "en") and whisper.is_english_only():
            raise CannotHear(
                f"The model {configured} knows only English, not {languages.NAMES[self.language]}. A multilingual model can be "
                "named by the operator in STUDIO_ASR_MODEL_DIR.",
                field="language",
            )


ENGINE = Engine(
    "asr",
    kinds.ASR_TRANSCRIPT,
    "Listening to words",
    params=Params,
    route="audio/asr",
    hears=True,
    backend=Backend(
        "whisper",
        "model",
        "3",
        packages=(whisper.WHISPER, aligner.POCKETSPHINX),
        models=(*_MODELS, aligner.MODEL),
    ),
    #: Without the aligner the words' times are Whisper's own, which are late.
    fallbacks=(Backend("whisper_times", "model", "2", packages=(whisper.WHISPER,), models=_MODELS),),
    setting="VIDEO_CAPTIONS_BACKEND",
    answers=("segments",),
    scratch_bytes=decoded_bytes,
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    with decoded(source.path, source.found, work.share(0, 10)) as sound:
        heard = _Listening(sound, params, source.backend, work.share(10, 100))
        segments = heard.segments()
    words = [word for segment in segments for word in segment.words]
    meta = {
        "language": heard.language,
        "segment_count": len(segments),
        "word_count": len(words),
        "low_confidence_count": sum(word.low_confidence for word in words),
        "left_out": heard.left_out,
        "model_name": whisper.MODEL.called,
    }
    body = {
        "language": heard.language,
        "text": " ".join(segment.text for segment in segments),
        "segments": [{"index": index, **segment.as_json()} for index, segment in enumerate(segments)],
    }
    return Outputs(documents=(Document(kinds.ASR_TRANSCRIPT, body, meta),), warnings=_warnings(segments))


def _warnings(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    return () if segments else ("No speech was found.",)


class _Listening:
    """One recording being listened to, window by window; what the windows said of themselves is kept."""

    def __init__(self, sound: Wav, params: Params, backend: str, work: Workspace) -> None:
        self._sound, self._work = sound, work
        self._aligns = backend == ENGINE.backend.name
        self._duration_ms = round(1000 * sound.seconds)
        self._how = whisper.Spoken(params.language or ("en" if whisper.is_english_only() else ""), params.compute_type)
        self.language = self._how.language
        self.left_out: dict[str, int] = {}

    def segments(self) -> tuple[Segment, ...]:
        """All that is believed of what was heard."""
        words = [word for segment in self._aligned() for word in segment.words]
        return transcript.split(transcript.in_order(words, self._duration_ms))

    def _aligned(self) -> Iterator[Segment]:
        for window in self._windows():
            cleaned = transcript.clean(window.guesses, self._duration_ms)
            for reason, count in cleaned.left_out.items():
                self.left_out[reason] = self.left_out.get(reason, 0) + count
            yield from self._placed(cleaned.segments)

    def _windows(self) -> Iterator[whisper.Window]:
        self._work.report(0, STEP)
        for window in whisper.listen(self._sound.read, self._how, self._work.check):
            self.language = window.language
            yield window
            self._work.report(100 * window.end / max(1, self._sound.frames), STEP)

    def _placed(self, segments: tuple[Segment, ...]) -> Iterator[Segment]:
        if not self._aligns or self.language != aligner.LANGUAGE:
            return iter(segments)
        return aligner.aligned(segments, self._sound.read, self._duration_ms, self._work.check)
