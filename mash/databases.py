"""Databases and roles on the embedded server: one database a service, an owner for migrations, a role to work as.

The roles get in and nothing more: what a service may do with a table is granted by the migration that makes the table.
"""

from mash.postgres import EmbeddedPostgres
from mash.services import BUS_DATABASE, BUS_ROLE, SERVICES, Service

# A database cannot be made inside a transaction or a DO block: psql's \gexec runs the statement if the query gives one.
ROLE = r"""
SELECT 'CREATE ROLE {role} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \gexec
"""
DATABASE = r"""
SELECT 'CREATE DATABASE {database} OWNER {owner}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \gexec
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
"""
ADMISSION = "GRANT CONNECT ON DATABASE {database} TO {role};\n"


def ensure_databases(postgres: EmbeddedPostgres) -> None:
    """Make every database and role that is missing; what is there stays as it is.

    Raises:
        PostgresRefused: the server refused a statement.
    """
    bus = ROLE.format(role=BUS_ROLE) + DATABASE.format(database=BUS_DATABASE, owner=BUS_ROLE)
    postgres.sql(bus + "".join(_statements(service) for service in SERVICES))


def _statements(service: Service) -> str:
    return (
        ROLE.format(role=service.owner)
        + ROLE.format(role=service.role)
        + DATABASE.format(database=service.database, owner=service.owner)
        + ADMISSION.format(database=service.database, role=service.role)
    )
