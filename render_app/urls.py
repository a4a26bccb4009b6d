"""Every address of this app: the edit hand-over under `v2/sessions/`, timelines under `video/`, productions under `api/`, pages."""

from django.urls import path, register_converter

from render_app.api import (
    anonymise,
    assist,
    captions,
    catalogues,
    cuts,
    edit,
    exchange,
    exports,
    first_film,
    framing,
    hear,
    heard,
    history,
    multicam,
    presets,
    render_chunks,
    renders,
    resource,
    targets,
)
from render_app.api import productions as production_api
from render_app.pages import angles, faces, imports, masks, productions, projects
from render_app.pages import captions as captions_pages
from render_app.pages import framing as framing_pages


class PlaylistName:
    """A playlist's file name, and nothing that leads elsewhere."""

    regex = r"[A-Za-z0-9_-]{1,60}\.m3u8"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PlaylistName, "playlist")

PRODUCTION = "productions/<uuid:production_id>"

page_urls = (
    [
        path("productions/", productions.production_list, name="list"),
        path("productions/new/", productions.new_production, name="new"),
        path(f"{PRODUCTION}/", productions.one_production, name="one"),
        path(f"{PRODUCTION}/master/", productions.master_file, name="master"),
        path(f"{PRODUCTION}/retry/", productions.retry, name="retry"),
    ],
    "productions",
)

project_page_urls = (
    [
        path("projects/", projects.project_list, name="list"),
        path("projects/import/", imports.import_edit, name="import"),
        path("projects/<uuid:project_id>/", projects.one_project, name="one"),
    ],
    "projects",
)

faces_page_urls = (
    [
        path("<uuid:asset_id>/faces/", faces.panel, name="panel"),
        path("<uuid:asset_id>/faces/choose", faces.choose, name="choose"),
        path("<uuid:asset_id>/faces/finish", faces.finish, name="finish"),
        path("<uuid:asset_id>/faces/preview", faces.preview, name="preview"),
    ],
    "faces",
)

masks_page_urls = (
    [
        path("<uuid:asset_id>/masks/", masks.panel, name="panel"),
        path("<uuid:asset_id>/masks/use", masks.use, name="use"),
    ],
    "masks",
)

framing_page_urls = ([path("<uuid:asset_id>/framing/", framing_pages.panel, name="panel")], "framing")

captions_page_urls = (
    [
        path("<uuid:asset_id>/captions/", captions_pages.editor, name="editor"),
        path("<uuid:asset_id>/captions/making", captions_pages.making, name="making"),
        path("<uuid:asset_id>/captions/state", captions_pages.state, name="state"),
    ],
    "captions",
)

angle_page_urls = (
    [
        path("<uuid:session_id>/angles/", angles.editor, name="editor"),
        path("<uuid:session_id>/angles/state", angles.state, name="state"),
    ],
    "angles",
)

edit_urls = [
    path("<uuid:session_id>/edit", edit.Edit.as_view(), name="edit"),
    path("<uuid:session_id>/cut", cuts.SessionCut.as_view(), name="cut"),
    path("<uuid:session_id>/cut/title", cuts.TitlePicture.as_view(), name="cut-title"),
]

export_urls = exports.urls()

production_urls = [
    path("productions", production_api.Productions.as_view(), name="productions"),
    path(PRODUCTION, production_api.ProductionDetail.as_view(), name="production"),
    path(f"{PRODUCTION}/stream/<playlist:name>", production_api.ProductionStream.as_view(), name="production-stream"),
]

audio_urls = heard.urls
video_urls = [
    *resource.urls(),
    *targets.urls(),
    *catalogues.urls(),
    *presets.urls(),
    *history.urls(),
    *renders.urls(),
    *multicam.urls(),
    *first_film.urls(),
    *hear.urls,
    *anonymise.urls(),
    *framing.urls(),
    *assist.urls(),
    *exchange.urls(),
    *captions.urls(),
    *render_chunks.urls(),
]
