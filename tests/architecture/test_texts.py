"""No file names the place it was written at, a package registry, or a real person."""

from __future__ import annotations

import re
import string

from services.intake.domain.model.identifiers import is_synthetic, nhs_number_holds

from .sources import ROOT, files, name_of, report

# Put together here, so that this file does not hold what it looks for.
ELSEWHERE = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"work/(?:main|shared|\.library)",
            r"/tm" + r"p/spec\b",
            r"/home/" + r"\w+/",
            r"/Users/" + r"\w+/",
            r"--(?:extra-)?index-" + r"url\s+\S+",
            r"(?:PIP|UV)_(?:EXTRA_)?INDEX" + r"_URL\s*=",
            r"https?://[^\s\"'/]*(?:artifactory|nexus|devpi|pkgs|pypi|registry|proxy)[^\s\"']*",
        ]
    ),
    re.IGNORECASE,
)
# Public documentation may be linked; a registry that packages are fetched from may not.
LINKS = re.compile(r"https://pypi[.]org/project/", re.IGNORECASE)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
INVENTED = re.compile(
    r"@(?:127\.0\.0\.1|(?:[\w-]+\.)*(?:example(?:\.(?:org|com|net))?|invalid|test|localhost))$", re.IGNORECASE
)
# Addresses that GOV.UK Notify keeps for tests: nobody has them.
SIMULATED = re.compile(
    r"(?:temp|perm)-fail@simulator\.notify|simulate-delivered(?:-\d)?@notifications\.service\.gov\.uk"
)
TEXTS = {".py", ".md", ".toml", ".yml", ".yaml", ".ini", ".sh", ".in", ".lock", ".json", ".mako", ".txt", ".xml", ""}


def texts() -> list[tuple[str, str]]:
    return [
        (name_of(path), path.read_text(encoding="utf-8", errors="replace"))
        for path in files()
        if path.suffix in TEXTS and path.stat().st_size < 2_000_000
    ]


def test_no_file_names_where_it_was_written_or_fetched_from() -> None:
    offenders = [
        f"{name}: {found[0]}"
        for name, text in texts()
        for found in ELSEWHERE.finditer(text)
        if not LINKS.match(found[0]) and name != "tests/architecture/test_texts.py"
    ]
    assert not offenders, report(offenders)


def test_every_address_is_an_invented_one() -> None:
    offenders = [
        f"{name}: {found[0]}"
        for name, text in texts()
        for found in MAIL.finditer(text)
        if not name.endswith(".lock") and not INVENTED.search(found[0]) and not found[0].startswith("git@")
        if not SIMULATED.fullmatch(found[0])
    ]
    assert not offenders, report(offenders)


def test_every_nhs_number_is_an_invented_one() -> None:
    """Ten digits that hold as an NHS number must be of the range that is given to nobody."""
    number = re.compile(r"(?<![\w.])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w.])")
    shipped = [(name, text) for name, text in texts() if not name.startswith("tests/") and not name.endswith(".lock")]
    offenders = [
        f"{name}: {found[0]}"
        for name, text in shipped
        for found in number.finditer(text)
        if nhs_number_holds(found[0]) and not is_synthetic(found[0]) and found[0] not in string.digits
    ]
    assert not offenders, report(offenders)


def test_the_root_is_the_root() -> None:
    assert (ROOT / "pyproject.toml").exists()
