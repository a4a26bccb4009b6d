"""Sentences spoken by the flite library, with the times of their words as it planned them: ffmpeg's flite tells the sound alone."""

import ctypes
from ctypes.util import find_library
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from tests.support.talk import RATE

VOICES = ("slt", "awb", "rms", "kal16")
#: A word, and the ms at which it begins and ends.
Timed = tuple[str, float, float]
_BEGINS = b"R:SylStructure.daughter1.daughter1.R:Segment.p.end"
_ENDS = b"R:SylStructure.daughtern.daughtern.R:Segment.end"


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("rate", ctypes.c_int),
        ("samples", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("data", ctypes.POINTER(ctypes.c_short)),
    )


def has_library() -> bool:
    """Whether the library that ffmpeg speaks with lies where it can be called."""
    return all(find_library(name) for name in ("flite", *(f"flite_cmu_us_{voice}" for voice in VOICES)))


needs_library = pytest.mark.skipif(not has_library(), reason="flite's library is not installed")


def timed(text: str, voice: str = "slt") -> tuple[NDArray[np.float32], list[Timed]]:
    """Somebody says it, at 16 kHz, and when each word is said."""
    flite = _library()
    utterance = flite.flite_synth_text(text.encode(), _voice(voice))
    try:
        wave = flite.utt_wave(utterance).contents
        raw = np.ctypeslib.as_array(wave.data, (wave.samples,)).astype(np.float32) / 32768
        sound = raw if wave.rate == RATE else signal.resample_poly(raw, RATE, wave.rate)
        return sound.astype(np.float32), list(_words(flite, utterance))
    finally:
        flite.delete_utterance(utterance)


def _words(flite: Any, utterance: int) -> Any:
    word = flite.relation_head(flite.utt_relation(utterance, b"Word"))
    while word:
        begins, ends = (1000 * flite.flite_ffeature_float(word, path) for path in (_BEGINS, _ENDS))
        yield flite.item_feat_string(word, b"name").decode(), begins, ends
        word = flite.item_next(word)


@cache
def _library() -> Any:
    flite = ctypes.CDLL(find_library("flite"))
    pointers = ("flite_synth_text", "utt_relation", "relation_head", "item_next")
    for name in pointers:
        getattr(flite, name).restype = ctypes.c_void_p
    flite.utt_wave.restype = ctypes.POINTER(_Wave)
    flite.item_feat_string.restype = ctypes.c_char_p
    flite.flite_ffeature_float.restype = ctypes.c_float
    flite.flite_synth_text.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    for name in ("utt_relation", "item_feat_string", "flite_ffeature_float"):
        getattr(flite, name).argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    for name in ("utt_wave", "relation_head", "item_next", "delete_utterance"):
        getattr(flite, name).argtypes = [ctypes.c_void_p]
    flite.flite_init()
    return flite


@cache
def _voice(name: str) -> int:
    register = getattr(ctypes.CDLL(find_library(f"flite_cmu_us_{name}")), f"register_cmu_us_{name}")
    register.restype, register.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    return register(None)
