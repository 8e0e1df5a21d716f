#!/bin/sh
# Runs once, when the PostgreSQL container creates its cluster: roles, passwords from secret files, database, rights.
set -eu
quoted() { sed "s/'/''/g" "$1" | tr -d '\n'; }

psql -X -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres -f /taxsys/roles.sql
psql -X -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<SQL
SET log_statement = 'none';
ALTER ROLE taxsys_owner PASSWORD '$(quoted /run/secrets/database_owner_password)';
ALTER ROLE taxsys_app PASSWORD '$(quoted /run/secrets/database_app_password)';
CREATE DATABASE taxsys OWNER taxsys_owner;
SQL
psql -X -q -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname taxsys -f /taxsys/database.sql
