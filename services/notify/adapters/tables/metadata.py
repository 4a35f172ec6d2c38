"""Where notify's tables are gathered, those included that every service has."""

from __future__ import annotations

import sqlalchemy as sa

from shared.messaging.tables import add_common_tables

METADATA = sa.MetaData()
add_common_tables(METADATA)
