"""SQL that every service's database has beside its tables: business time, and what our own role may do.

Migrations run it by version: never change one that has been released, add the next.
"""

from __future__ import annotations

BUSINESS_TIME_V1 = """
INSERT INTO clock (single) VALUES (true) ON CONFLICT DO NOTHING;
CREATE OR REPLACE FUNCTION mash_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT anchor_business + make_interval(secs => extract(epoch FROM now() - anchor_real)::float8 * speed) FROM clock
$$;
"""
"""Computed in seconds: adding an interval with days in it is an hour wrong in summer. STABLE, so that indexes serve."""


def grants_v1(role: str) -> str:
    """What the service's own role may do: everything with rows, but on audit only insert and read (for the sealer)."""
    return f"""
GRANT USAGE ON SCHEMA public TO "{role}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{role}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO "{role}";
REVOKE UPDATE, DELETE, TRUNCATE ON audit, audit_seal FROM "{role}";
REVOKE ALL ON alembic_version FROM "{role}";
GRANT SELECT ON alembic_version TO "{role}";
"""


def statements(script: str) -> list[str]:
    """The single statements of one of these scripts: the driver takes one at a time. A function's body stays whole."""
    found: list[str] = []
    current = ""
    for piece in script.split(";"):
        current += piece
        if current.count("$$") % 2 == 0:
            if current.strip():
                found.append(current.strip())
            current = ""
        else:
            current += ";"
    return found
