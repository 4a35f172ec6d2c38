"""`python -m mash.compose_settings` prints fresh secrets for docker-compose.yml, as lines for an --env-file.

`make up` keeps them in data/compose.env; in production they come from wherever the council keeps its secrets.
"""

import base64
import secrets

from mash.service_client import new_secret
from mash.services import SERVICES

KEY_BYTES = 32
PASSWORD_BYTES = 24


def compose_settings() -> dict[str, str]:
    """Return a value for every variable that docker-compose.yml asks for and does not default."""
    # Hexadecimal, since the passwords become parts of URLs.
    passwords = {service.setting("PASSWORD"): secrets.token_hex(PASSWORD_BYTES) for service in SERVICES}
    owners = {service.setting("OWNER_PASSWORD"): secrets.token_hex(PASSWORD_BYTES) for service in SERVICES}
    return {
        "MASH_POSTGRES_PASSWORD": secrets.token_hex(PASSWORD_BYTES),
        **passwords,
        **owners,
        "MASH_ENCRYPTION_KEYS": f"k1:{_key()}",
        "MASH_INDEX_KEY": _key(),
        "MASH_NOTIFY_CLIENT_SECRET": new_secret(),
    }


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


if __name__ == "__main__":
    for name, value in compose_settings().items():
        print(f"{name}={value}")
