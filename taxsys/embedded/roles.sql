-- Database roles of taxsys. One file for the embedded profile, the tests, Docker and production.
-- Run once per server by a role that may create roles; running it again changes nothing.
--
--   taxsys_owner  login; owns the database and its tables; used only by `manage.py migrate`
--   taxsys_vault  no login; owns schema `vault` (個人番号); reached only through SET ROLE by the owner in migrations
--   taxsys_erasure  no login; owns schema `erasure`: the only way by which a guarded row is deleted (消去)
--   taxsys_app    login of web and workers; reads and writes rows, owns nothing, no right on the vault's tables
--
-- Passwords are not set here: `ALTER ROLE taxsys_app PASSWORD '…'` from a file that only the operator can read.
DO $roles$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_vault') THEN
        CREATE ROLE taxsys_vault NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_erasure') THEN
        CREATE ROLE taxsys_erasure NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_owner') THEN
        CREATE ROLE taxsys_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_app') THEN
        CREATE ROLE taxsys_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
END
$roles$;

DO $membership$
BEGIN
    -- PostgreSQL 16 and newer can separate "may become" from "has the rights of".
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'GRANT taxsys_vault, taxsys_erasure TO taxsys_owner WITH INHERIT FALSE, SET TRUE';
    ELSE
        EXECUTE 'GRANT taxsys_vault, taxsys_erasure TO taxsys_owner';
    END IF;
END
$membership$;

ALTER ROLE taxsys_owner SET lock_timeout = '5s';
ALTER ROLE taxsys_app SET statement_timeout = '30s';
ALTER ROLE taxsys_app SET lock_timeout = '3s';
ALTER ROLE taxsys_app SET idle_in_transaction_session_timeout = '60s';
