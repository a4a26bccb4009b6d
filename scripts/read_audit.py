"""What pip-audit or npm audit found, in one word: `clean`, `holes`, or `unknown` where the advisory database did not answer.

    python scripts/read_audit.py [--npm | --list] REPORT.json

pip-audit skips a package whose advisories it could not get and ends well all the same: such a report is `unknown`.
"""

import json
import sys
from pathlib import Path


def verdict(report: object, *, npm: bool = False) -> str:
    if not isinstance(report, dict):
        return "unknown"
    if npm:
        counted = report.get("metadata", {}).get("vulnerabilities", {})
        if "total" not in counted:
            return "unknown"
        return "holes" if counted.get("high", 0) + counted.get("critical", 0) else "clean"
    packages = report.get("dependencies", [])
    if any(package.get("vulns") for package in packages):
        return "holes"
    return "clean" if packages and not any("skip_reason" in package for package in packages) else "unknown"


def listed(report: dict) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {hole['id']}, mended in {', '.join(hole.get('fix_versions', [])) or 'no version'}"
        for package in report["dependencies"]
        for hole in package.get("vulns", [])
    ]


def main(arguments: list[str]) -> None:
    try:
        report = json.loads(Path(arguments[-1]).read_text())
    except (OSError, ValueError):
        report = None
    if "--list" in arguments:
        print("\n".join(listed(report)))
    else:
        print(verdict(report, npm="--npm" in arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
