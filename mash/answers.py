"""`python -m mash.answers PORT`: exit 0 if the process on that port says it is ready. Containers ask themselves."""

import sys
import urllib.error
import urllib.request

ASK_SECONDS = 2.0


def answers(port: int) -> bool:
    """Tell whether /readyz on this machine's port says yes."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=ASK_SECONDS) as answer:
            return answer.status == 200  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(int(sys.argv[1])) else 1)
