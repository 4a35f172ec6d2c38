#!/bin/sh
# Runs once, when the server's volume is empty. A database a service; its owner migrates, its role works and owns nothing.
# The passwords come from the environment and reach psql as variables, never as text of a statement.
set -eu

for service in intake triage deadlines notify; do
  prefix="MASH_$(echo "$service" | tr '[:lower:]' '[:upper:]')"
  psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set role="mash_$service" --set password="$(printenv "${prefix}_PASSWORD")" \
    --set owner="mash_${service}_owner" --set owner_password="$(printenv "${prefix}_OWNER_PASSWORD")" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"owner";
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"role" TO :"role";
SQL
done
