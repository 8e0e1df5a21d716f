-- Rights inside one taxsys database. Run in that database, after roles.sql, by a superuser or by the database's owner
-- with the right to create extensions; running it again changes nothing.
DO $database$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO taxsys_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO taxsys_app', current_database());
    EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database());
END
$database$;

ALTER SCHEMA public OWNER TO taxsys_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO taxsys_app, taxsys_vault, taxsys_erasure;

CREATE SCHEMA IF NOT EXISTS vault AUTHORIZATION taxsys_vault;
REVOKE ALL ON SCHEMA vault FROM PUBLIC;
-- The application may call the door's functions; it holds no right on any table of the vault.
GRANT USAGE ON SCHEMA vault TO taxsys_app;

CREATE SCHEMA IF NOT EXISTS erasure AUTHORIZATION taxsys_erasure;
REVOKE ALL ON SCHEMA erasure FROM PUBLIC;
GRANT USAGE ON SCHEMA erasure TO taxsys_app, taxsys_owner;

ALTER DEFAULT PRIVILEGES FOR ROLE taxsys_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO taxsys_app;
ALTER DEFAULT PRIVILEGES FOR ROLE taxsys_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO taxsys_app;
-- EXECUTE is taken from everybody (it can only be revoked globally, not per schema) and given where it is needed.
ALTER DEFAULT PRIVILEGES FOR ROLE taxsys_vault REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE taxsys_erasure REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
