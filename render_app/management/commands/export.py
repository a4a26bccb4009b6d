"""Exports for scripts: a session and its switch points, or a request as `POST /api/export` takes it, made here into files in a folder."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand

from media_app import jobs, storage
from render_app.models import Export
from render_app.services import exports
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError


class Command(BaseCommand):
    help = (
        "Export an edit (docs/export.md): a session and its cuts, or a whole request as JSON; its files into a folder."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "what",
            metavar="SESSION",
            help="the session's id, with --cuts; or, without it, a file that has the whole request",
        )
        parser.add_argument(
            "--cuts", metavar="FILE",
            help="switch points as JSON, [{atMs, angle}, …], or a request; - reads standard input",
        )  # fmt: skip
        parser.add_argument("--to", type=Path, default=Path(), metavar="FOLDER", help="where the files go")
        parser.add_argument("--tenant", default=settings.DEFAULT_TENANT, metavar="T")
        parser.add_argument("--env", default=settings.DEFAULT_ENV, metavar="E")
        parser.add_argument("--dry-run", action="store_true", help="print the plan, and make nothing")

    def handle(self, *args, what: str, cuts: str | None, to: Path, tenant: str, env: str, dry_run: bool, **options):
        asked = self._read(what) if cuts is None else self._of_session(what, cuts)
        try:
            context = Context(tenant, env)
            if dry_run:
                self.stdout.write(json.dumps(exports.plan_of(context, asked).plan.as_json, indent=2))
                return
            export = self._made(context, asked)
        except StudioError as error:
            self._refuse(str(error))
        to.mkdir(parents=True, exist_ok=True)
        for file in export.files_json:
            self._copy(file, to)
        for warning in export.warnings_json:
            self.stderr.write(f"warning: {warning}")

    def _read(self, file: str) -> Any:
        """What a file says as JSON."""
        if _is_id(file) and not Path(file).exists():
            self._refuse(f"{file} is the id of a session. Say which camera is shown when: --cuts FILE.")
        try:
            return json.loads(sys.stdin.read() if file == "-" else Path(file).read_text())
        except (OSError, ValueError) as error:
            self._refuse(f"{file} cannot be read as JSON: {error}")

    def _of_session(self, session: str, file: str) -> dict[str, Any]:
        """The request for a session: of switch points alone one film, sized as its master camera's."""
        if not _is_id(session):
            self._refuse(
                f"{session} is not the id of a session, which --cuts needs. Copy it from the address of its page."
            )
        said = self._read(file)
        asked = {"switchPoints": said} if isinstance(said, list) else said
        if not isinstance(asked, dict):
            self._refuse(f"{file} is neither a list of switch points nor a request: {{switchPoints: […]}}.")
        named = {name: asked[name] for name in ("sessionId", "angles", "projectId") if asked.get(name) is not None}
        if named not in ({}, {"sessionId": session}):
            self._refuse(
                f"{file} names {', '.join(named)}, and the command session {session}. Take it out of the file."
            )
        return {"outputs": [{"name": "main"}], **asked, "sessionId": session}

    def _made(self, context: Context, asked: dict) -> Export:
        """The export, worked off in this process."""
        export = exports.start(exports.Asked(context), asked)
        assert export.job
        jobs.run_here(export.job)
        export.refresh_from_db()
        if export.outcome != Export.Outcome.COMPLETED:
            self._refuse(f"The export is {export.status}. {export.error_message or export.job.error_message}")
        return export

    def _copy(self, file: dict, folder: Path) -> None:
        path = folder / f"{file['name']}{Path(file['key']).suffix}"
        with storage.store().open(file["key"]) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        self.stdout.write(f"{path}  {file['size_bytes']:,} bytes  {file['checksum']}")

    def _refuse(self, message: str) -> NoReturn:
        self.stderr.write(message)
        raise SystemExit(2)


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
