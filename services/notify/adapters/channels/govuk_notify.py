"""E-mails and text messages by GOV.UK Notify: taken now, delivered later, as its receipts say.

One template of each kind holds nothing but ``((subject))`` and ``((body))``: the words are ours, no name is in them,
and links in them are defused where others' words may be among them. The message's id is the reference: before a letter
is sent again, it is looked up, so that a timeout or a crash sends nothing twice.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey

from services.notify.application.ports import (
    Accepted,
    HandedOver,
    Letter,
    Refused,
    SendResult,
    TryLater,
    Why,
)
from services.notify.domain.model import Receipt, Verdict
from services.notify.domain.policy import routing
from shared.clock import Clock
from shared.settings import Secret, SettingInvalid

from .mail import UnusableAddress, check_address

SECRET_CHARACTERS: Final = 36
MOST_TEXT_CHARACTERS: Final = 918
"""What a text message may hold at the provider, over all the parts it is sent in."""
CONNECT_SECONDS: Final = 3
TOTAL_SECONDS: Final = 15
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY: Final = re.compile(rf"(?:.+-)?({_UUID})-({_UUID})", re.IGNORECASE)
_MOBILE: Final = re.compile(r"\+447[0-9]{9}")
VERDICTS: Final = {
    "delivered": Verdict.DELIVERED,
    "permanent-failure": Verdict.REFUSED,
    "temporary-failure": Verdict.NOT_NOW,
    "technical-failure": Verdict.NOT_NOW,
}
"""What its statuses mean; whatever else it says, nothing is known yet."""


def verdict_of(status: str) -> Verdict:
    """What a status of GOV.UK Notify means."""
    return VERDICTS.get(status, Verdict.UNDERWAY)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """``name-service id-secret``, as GOV.UK Notify gives it."""

    service_id: str
    secret: Secret

    @classmethod
    def read(cls, text: Secret) -> ApiKey:
        """Raises SettingInvalid, without repeating any of it."""
        found = _KEY.fullmatch(text.reveal())
        if found is None:
            raise SettingInvalid("MASH_GOVUK_NOTIFY_API_KEY must be a key of GOV.UK Notify: name, service id, secret")
        return cls(service_id=found[1], secret=Secret(found[2]))


class GovukNotify:
    """The provider's REST interface, as far as it is used."""

    def __init__(self, http: httpx2.AsyncClient, *, url: str, key: ApiKey, clock: Clock) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._key = key
        self._clock = clock

    @property
    def host(self) -> str:
        """Whom we call."""
        return urlsplit(self._url).netloc

    async def ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """One request with a token of its own. Raises httpx2.HTTPError and TimeoutError."""
        timeout = httpx2.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
        headers = {"Authorization": f"Bearer {self._token()}"}
        async with asyncio.timeout(TOTAL_SECONDS):
            return await self._http.request(method, self._url + path, headers=headers, timeout=timeout, **request)

    async def receipt(self, provider_id: str) -> Receipt | None:
        """What it knows of one notification. None where it knows none, or cannot be asked now."""
        try:
            answer = await self.ask("GET", f"/v2/notifications/{provider_id}")
        except (httpx2.HTTPError, TimeoutError):
            return None
        said = _object(answer) if answer.status_code == HTTPStatus.OK else {}
        status, kind = said.get("status"), said.get("type")
        if not isinstance(status, str):
            return None
        return Receipt(
            provider_id=provider_id,
            verdict=verdict_of(status),
            code=_code(status),
            at=self._clock.now(),
            channel=_code(kind) if isinstance(kind, str) else None,
        )

    def _token(self) -> str:
        # Real time: the provider refuses a token that is more than half a minute off.
        claims = {"iss": self._key.service_id, "iat": int(self._clock.now().timestamp())}
        secret = OctKey.import_key(self._key.secret.reveal())
        return jwt.encode({"typ": "JWT", "alg": "HS256"}, claims, secret, algorithms=["HS256"])


class GovukNotifyChannel:
    """One kind of message at GOV.UK Notify: ``email`` or ``sms``."""

    def __init__(self, notify: GovukNotify, *, name: str, template_id: str) -> None:
        self._notify = notify
        self.name = name
        self._template_id = template_id
        self._recipient = "phone_number" if name == routing.SMS else "email_address"

    def host(self, letter: Letter) -> str:
        """The provider's own: it passes everything on."""
        del letter
        return self._notify.host

    async def send(self, letter: Letter) -> SendResult:
        """Tries once. What was tried before is looked up first: in its hands, or delivered, it is not sent again."""
        try:
            asked = self._asked(letter)
        except UnusableAddress:
            return Refused("address_unusable")
        if self.name == routing.SMS and len(letter.body) > MOST_TEXT_CHARACTERS:
            return Refused("text_too_long")
        try:
            if letter.again and (known := await self._known(letter)) is not None:
                return known
            answer = await self._notify.ask("POST", f"/v2/notifications/{self.name}", json=asked)
        except (httpx2.HTTPError, TimeoutError) as failure:
            return TryLater(f"connection_{type(failure).__name__}", why=Why.HOST)
        if answer.status_code == HTTPStatus.CREATED:
            return _handed_over(answer)
        return failure_of(answer)

    async def receipt(self, provider_id: str) -> Receipt | None:
        """What the provider knows of one notification now."""
        return await self._notify.receipt(provider_id)

    def _asked(self, letter: Letter) -> dict[str, Any]:
        sms = self.name == routing.SMS
        if sms and _MOBILE.fullmatch(letter.to) is None:
            raise UnusableAddress
        if not sms:
            check_address(letter.to)
        said = {"body": letter.body} if sms else {"subject": letter.subject, "body": letter.body}
        asked: dict[str, Any] = {
            self._recipient: letter.to,
            "template_id": self._template_id,
            "personalisation": said,
            "reference": str(letter.message_id),
        }
        if not sms and not letter.live_links:
            asked["sanitise_content_for"] = sorted(said)
        return asked

    async def _known(self, letter: Letter) -> SendResult | None:
        """What became of it there. None: nothing, or all that was tried has failed, so it may be sent. What went to
        another recipient (an address that was mended, a person before the team) is another letter.
        """
        query = {"reference": str(letter.message_id), "template_type": self.name}
        answer = await self._notify.ask("GET", "/v2/notifications", params=query)
        if answer.status_code != HTTPStatus.OK:
            return failure_of(answer)
        found = _object(answer).get("notifications")
        for one in cast("list[Any]", found) if isinstance(found, list) else []:
            known: dict[str, Any] = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
            provider_id, status = known.get("id"), known.get("status")
            if not isinstance(provider_id, str) or not isinstance(status, str) or not self._is_to(letter, known):
                continue
            if verdict_of(status) is Verdict.DELIVERED:
                return Accepted(provider_id=provider_id, receipt=_code(status))
            if verdict_of(status) is Verdict.UNDERWAY:
                return HandedOver(provider_id)
        return None

    def _is_to(self, letter: Letter, known: dict[str, Any]) -> bool:
        to = known.get(self._recipient)
        return isinstance(to, str) and _comparable(to) == _comparable(letter.to)


def failure_of(answer: httpx2.Response) -> SendResult:
    """What an answer that is no success means. Its status and the type of its error decide, never its words: those
    change, and may hold an address.
    """
    status, error = answer.status_code, _error_type(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        daily = error == "TooManyRequestsError"
        return TryLater(f"govuk_{error}", _seconds(answer) or 60, Why.OURS if daily else Why.NOT_NOW)
    if status == HTTPStatus.BAD_REQUEST and error == "ValidationError":
        return Refused("govuk_ValidationError")  # the rest of what we ask is of our own making, and tested
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TryLater(f"govuk_{status}", _seconds(answer), Why.HOST)
    return TryLater(f"govuk_{status}", _seconds(answer), Why.OURS)  # key, clock, template, trial mode: not the letter


def _comparable(to: str) -> str:
    """The provider may write an address in small letters, and a number with gaps or with 0 for +44."""
    if "@" in to:
        return to.strip().casefold()
    return re.sub(r"^(00)?44|^0", "", re.sub(r"\D", "", to))


def _handed_over(answer: httpx2.Response) -> SendResult:
    provider_id = _object(answer).get("id")
    # Without an id it cannot be asked after; the next try finds it by its reference.
    return HandedOver(provider_id) if isinstance(provider_id, str) else TryLater("govuk_unreadable", why=Why.HOST)


def _error_type(answer: httpx2.Response) -> str:
    errors = _object(answer).get("errors")
    first = cast("list[Any]", errors)[0] if isinstance(errors, list) and errors else None
    kind = cast("dict[str, Any]", first).get("error") if isinstance(first, dict) else None
    return _code(kind) if isinstance(kind, str) else str(answer.status_code)


def _object(answer: httpx2.Response) -> dict[str, Any]:
    try:
        content: Any = answer.json()
    except ValueError:
        content = None
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def _code(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z-]{1,40}", text) else "other"


def _seconds(answer: httpx2.Response) -> float:
    wish = answer.headers.get("Retry-After", "")
    return float(wish) if re.fullmatch(r"[0-9]{1,6}", wish) else 0
