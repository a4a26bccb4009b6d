"""Timelines and their history, presets, exports, and what is made for an audience."""

from render_app.models.anonymisation import Anonymisation
from render_app.models.exports import Export
from render_app.models.first_films import FirstFilm
from render_app.models.presets import FilterPreset, MotionPreset
from render_app.models.productions import Production
from render_app.models.projects import ProjectEdit, VideoProject
from render_app.models.timeline import AutomationCurve, Clip, FilterStack, Sequence, Track, Transition

__all__ = [
    "Anonymisation",
    "AutomationCurve",
    "Clip",
    "Export",
    "FilterPreset",
    "FilterStack",
    "FirstFilm",
    "MotionPreset",
    "Production",
    "ProjectEdit",
    "Sequence",
    "Track",
    "Transition",
    "VideoProject",
]
