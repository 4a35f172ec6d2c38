"""`python -m mash.dashboards` writes the dashboards anew."""

import sys

from mash.dashboards import FOLDER, written


def main() -> int:
    """Writes them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, content in written().items():
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
