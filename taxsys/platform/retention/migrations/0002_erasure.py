"""Erasure in the database: a role of its own, rules only it writes, and the only functions by which anything goes.

Nobody but these functions deletes a guarded row. They delete what an approved list names, and refuse by the database's
own clock whatever is not due (R-189, R-190, N-076). docs/adr/0016-erasure.md.
"""

# ruff: noqa: S608 -- constants
from django.db import migrations

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxsys_erasure') THEN
        CREATE ROLE taxsys_erasure NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'erasure') THEN
        CREATE SCHEMA erasure AUTHORIZATION taxsys_erasure;
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO taxsys_erasure;
REVOKE ALL ON retention_erasurelist, retention_erasureitem, retention_erasurechunk, retention_doomedfile,
    retention_erasurecertificate, retention_stoporder, retention_backupcopy FROM taxsys_app;
GRANT SELECT, INSERT, UPDATE ON retention_erasurelist, retention_stoporder, retention_backupcopy TO taxsys_app;
GRANT SELECT, INSERT ON retention_erasurecertificate TO taxsys_app;
GRANT SELECT ON retention_erasureitem, retention_erasurechunk, retention_doomedfile TO taxsys_app;
GRANT UPDATE (removed_at) ON retention_doomedfile TO taxsys_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON retention_erasurelist, retention_erasureitem, retention_erasurechunk,
    retention_doomedfile TO taxsys_erasure;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO taxsys_erasure;
GRANT SELECT ON approvals_approval, staff_staff TO taxsys_erasure;
"""

GUARDS = """
CREATE FUNCTION retention_list_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '消去候補の記録は削除できません' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(OLD) - 'state' - 'proposed_by_id' - 'first_approval_id' - 'second_approval_id')
       IS DISTINCT FROM (to_jsonb(NEW) - 'state' - 'proposed_by_id' - 'first_approval_id' - 'second_approval_id')
       OR OLD.state IN ('running', 'erased', 'dropped')
       OR (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
            ('open', 'proposed'), ('open', 'dropped'), ('proposed', 'first'), ('proposed', 'open'),
            ('first', 'approved'), ('first', 'open'), ('approved', 'dropped'))) THEN
        RAISE EXCEPTION '消去候補の内容は変更できません' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retention_list_guard BEFORE UPDATE OR DELETE ON retention_erasurelist
    FOR EACH ROW WHEN (CURRENT_USER <> 'taxsys_erasure') EXECUTE FUNCTION retention_list_guard();
CREATE FUNCTION retention_born_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'open' OR NEW.planned <> 0 OR NEW.keys_hash <> '' THEN
        RAISE EXCEPTION '消去候補は空の候補として始まります' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retention_list_born BEFORE INSERT ON retention_erasurelist
    FOR EACH ROW EXECUTE FUNCTION retention_born_open();
CREATE TRIGGER retention_certificate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_erasurecertificate
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

TABLES = """
CREATE TABLE erasure.period (class_code text NOT NULL, from_on date NOT NULL, months int NOT NULL CHECK (months >= 0),
    law_ja text NOT NULL, PRIMARY KEY (class_code, from_on));
CREATE TABLE erasure.family (code text PRIMARY KEY, class_code text NOT NULL, facts_sql text NOT NULL,
    links_sql text NOT NULL, steps jsonb NOT NULL, files jsonb NOT NULL);
CREATE TABLE erasure.installed (fingerprint text PRIMARY KEY);
-- Keys picked before the rows go, for the steps of one chunk; empty outside of a transaction.
CREATE TABLE erasure.chosen (name text NOT NULL, key text NOT NULL, PRIMARY KEY (name, key));
GRANT USAGE ON SCHEMA erasure TO taxsys_app, taxsys_owner;
GRANT SELECT ON erasure.period, erasure.family, erasure.installed TO taxsys_app, taxsys_owner;
"""

_HEAD = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
# What was asked of the database by the application keeps the application's limits of time; an erasure takes its own.
READING = f"""
CREATE FUNCTION erasure.next_fiscal_year(day date) RETURNS date LANGUAGE sql IMMUTABLE STRICT
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT make_date(extract(year FROM day - interval '3 months')::int + 1, 4, 1)
$$;

CREATE FUNCTION erasure.months(p_class text) RETURNS int {_HEAD} STABLE AS $$
DECLARE found int;
BEGIN
    SELECT months INTO found FROM erasure.period
     WHERE class_code = p_class AND from_on <= current_date ORDER BY from_on DESC LIMIT 1;
    IF found IS NULL THEN
        RAISE EXCEPTION '保管期間が定められていません: %', p_class USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN found;
END $$;

-- Start, erase date and stop of the roots of a family: all of them, or those of the keys; due ones only, or any.
CREATE FUNCTION erasure.facts(p_family text, p_keys text[], p_due boolean)
    RETURNS TABLE (key text, start_on date, erase_on date, stop text) {_HEAD} STABLE AS $$
DECLARE rule erasure.family%ROWTYPE;
BEGIN
    SELECT * INTO rule FROM erasure.family WHERE code = p_family;
    IF rule.code IS NULL THEN
        RAISE EXCEPTION '消去単位がありません: %', p_family USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN QUERY EXECUTE rule.facts_sql USING p_keys, erasure.months(rule.class_code), p_due;
END $$;
"""

LISTS = f"""
-- Items linked with a stopped or absent one are stopped with it; the rest gets its group and its number.
CREATE FUNCTION erasure.settle(p_list bigint, p_family text) RETURNS void {_HEAD} AS $$
DECLARE links text := (SELECT links_sql FROM erasure.family WHERE code = p_family);
        keys text[];
BEGIN
    UPDATE retention_erasureitem SET no = NULL, group_no = NULL WHERE list_id = p_list;
    IF links <> '' THEN
        SELECT array_agg(root_key) INTO keys FROM retention_erasureitem WHERE list_id = p_list;
        DELETE FROM erasure.chosen WHERE name = 'link';
        EXECUTE format('INSERT INTO erasure.chosen SELECT DISTINCT ''link'', a || '' '' || b FROM (%s) AS l (a, b)',
                       links) USING keys;
        LOOP
            UPDATE retention_erasureitem AS i SET stop_code = 'linked'
              FROM erasure.chosen AS l
             WHERE i.list_id = p_list AND i.stop_code = '' AND l.name = 'link'
               AND split_part(l.key, ' ', 1) = i.root_key
               AND NOT EXISTS (SELECT FROM retention_erasureitem o WHERE o.list_id = p_list AND o.stop_code = ''
                                  AND o.root_key = split_part(l.key, ' ', 2));
            EXIT WHEN NOT FOUND;
        END LOOP;
    END IF;
    UPDATE retention_erasureitem AS i SET group_no = s.n
      FROM (SELECT id, row_number() OVER (ORDER BY length(root_key), root_key) AS n FROM retention_erasureitem
             WHERE list_id = p_list AND stop_code = '') AS s WHERE s.id = i.id;
    IF links <> '' THEN
        LOOP
            UPDATE retention_erasureitem AS i SET group_no = m.least
              FROM (SELECT a.id, min(b.group_no) AS least FROM erasure.chosen AS l
                      JOIN retention_erasureitem a ON a.list_id = p_list AND a.root_key = split_part(l.key, ' ', 1)
                      JOIN retention_erasureitem b ON b.list_id = p_list AND b.root_key = split_part(l.key, ' ', 2)
                     WHERE l.name = 'link' AND a.stop_code = '' GROUP BY a.id) AS m
             WHERE m.id = i.id AND m.least < i.group_no;
            EXIT WHEN NOT FOUND;
        END LOOP;
        DELETE FROM erasure.chosen WHERE name = 'link';
    END IF;
    UPDATE retention_erasureitem AS i SET no = s.n
      FROM (SELECT id, row_number() OVER (ORDER BY group_no, length(root_key), root_key) AS n FROM retention_erasureitem
             WHERE list_id = p_list AND stop_code = '') AS s WHERE s.id = i.id;
END $$;

CREATE FUNCTION erasure.keys_hash(p_list bigint) RETURNS text {_HEAD} STABLE AS $$
BEGIN
    RETURN (SELECT encode(sha256(convert_to(coalesce(string_agg(root_key, E'\\n' ORDER BY no), ''), 'UTF8')), 'hex')
              FROM retention_erasureitem WHERE list_id = p_list AND stop_code = '');
END $$;

-- The dry run: what is due goes into the list with its stops; nothing is deleted.
CREATE FUNCTION erasure.fill(p_list bigint) RETURNS bigint {_HEAD} AS $$
DECLARE target retention_erasurelist%ROWTYPE;
BEGIN
    SELECT * INTO target FROM retention_erasurelist WHERE id = p_list FOR UPDATE;
    IF target.state IS DISTINCT FROM 'open' OR target.keys_hash <> '' THEN
        RAISE EXCEPTION '消去候補%は作成済です', p_list USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO retention_erasureitem (list_id, root_key, start_on, erase_on, stop_code)
        SELECT p_list, f.key, f.start_on, f.erase_on, f.stop FROM erasure.facts(target.family, NULL, true) AS f;
    PERFORM erasure.settle(p_list, target.family);
    UPDATE retention_erasurelist AS l
       SET planned = s.planned, stopped = s.stopped, oldest_start_on = s.oldest, newest_start_on = s.newest,
           oldest_erase_on = s.erase_on, keys_hash = erasure.keys_hash(p_list),
           first_key = coalesce(s.first_key, ''), last_key = coalesce(s.last_key, '')
      FROM (SELECT count(*) FILTER (WHERE stop_code = '') AS planned,
                   count(*) FILTER (WHERE stop_code <> '') AS stopped,
                   min(start_on) FILTER (WHERE stop_code = '') AS oldest,
                   max(start_on) FILTER (WHERE stop_code = '') AS newest,
                   min(erase_on) FILTER (WHERE stop_code = '') AS erase_on,
                   (array_agg(root_key ORDER BY length(root_key), root_key)
                       FILTER (WHERE stop_code = ''))[1] AS first_key,
                   (array_agg(root_key ORDER BY length(root_key) DESC, root_key DESC)
                       FILTER (WHERE stop_code = ''))[1] AS last_key
              FROM retention_erasureitem WHERE list_id = p_list) AS s
     WHERE l.id = p_list RETURNING l.planned INTO target.planned;
    RETURN target.planned;
END $$;

-- Three different persons: who proposed and the two who approved exactly this list.
CREATE FUNCTION erasure.approved(p_list bigint) RETURNS boolean {_HEAD} STABLE AS $$
BEGIN
    RETURN (SELECT count(DISTINCT person) = 3 AND bool_and(is_right)
              FROM retention_erasurelist l
              JOIN approvals_approval a ON a.id IN (l.first_approval_id, l.second_approval_id)
              CROSS JOIN LATERAL (VALUES (a.decided_by_id), (l.proposed_by_id)) AS w (staff_id)
              CROSS JOIN LATERAL (
                   SELECT coalesce(nullif(s.person_no, ''), s.staff_no) AS person,
                          a.state = 'approved' AND a.kind LIKE 'retention.erase\\_%'
                          AND a.content ->> 'keys_hash' = l.keys_hash
                          AND (a.content ->> 'list')::bigint = l.id AS is_right
                     FROM staff_staff s WHERE s.id = w.staff_id) AS p
             WHERE l.id = p_list AND l.first_approval_id <> l.second_approval_id);
END $$;

-- What may be erased is decided once more, now; what was stopped since then falls out, with what hangs on it.
CREATE FUNCTION erasure.begin(p_list bigint) RETURNS bigint {_HEAD} AS $$
DECLARE target retention_erasurelist%ROWTYPE;
BEGIN
    SELECT * INTO target FROM retention_erasurelist WHERE id = p_list FOR UPDATE;
    IF target.state = 'running' THEN
        RETURN target.planned;
    END IF;
    IF target.state IS DISTINCT FROM 'approved' OR NOT coalesce(erasure.approved(p_list), false) THEN
        RAISE EXCEPTION '消去候補%は二人の決裁を受けていません', p_list USING ERRCODE = 'restrict_violation';
    END IF;
    IF erasure.keys_hash(p_list) <> target.keys_hash THEN
        RAISE EXCEPTION '消去候補%の内容が決裁の時と違います', p_list USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE retention_erasureitem AS i SET stop_code = f.stop
      FROM erasure.facts(target.family,
           (SELECT array_agg(root_key) FROM retention_erasureitem WHERE list_id = p_list AND stop_code = ''), true) AS f
     WHERE i.list_id = p_list AND i.root_key = f.key AND f.stop <> '' AND i.stop_code = '';
    PERFORM erasure.settle(p_list, target.family);
    UPDATE retention_erasurelist AS l SET state = 'running', begun_at = clock_timestamp(),
           planned = s.planned, stopped = s.stopped, keys_hash = erasure.keys_hash(p_list)
      FROM (SELECT count(*) FILTER (WHERE stop_code = '') AS planned, count(*) FILTER (WHERE stop_code <> '') AS stopped
              FROM retention_erasureitem WHERE list_id = p_list) AS s
     WHERE l.id = p_list RETURNING l.planned INTO target.planned;
    RETURN target.planned;
END $$;
"""

ERASING = f"""
CREATE FUNCTION erasure.chunk(p_list bigint, p_from bigint, p_to bigint) RETURNS jsonb {_HEAD} AS $$
DECLARE
    target retention_erasurelist%ROWTYPE;
    rule erasure.family%ROWTYPE;
    keys text[];
    refused text;
    step jsonb;
    file_sql text;
    gone bigint;
    counts jsonb := '{{}}';
BEGIN
    SELECT * INTO target FROM retention_erasurelist WHERE id = p_list FOR SHARE;
    IF target.state IS DISTINCT FROM 'running' THEN
        RAISE EXCEPTION '消去候補%は消去中ではありません', p_list USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT c.counts INTO counts FROM retention_erasurechunk c WHERE c.list_id = p_list AND c.from_no = p_from;
    IF FOUND THEN
        RETURN counts;
    END IF;
    counts := '{{}}';
    SELECT * INTO rule FROM erasure.family WHERE code = target.family;
    SELECT array_agg(root_key ORDER BY no) INTO keys FROM retention_erasureitem
     WHERE list_id = p_list AND stop_code = '' AND no BETWEEN p_from AND p_to;
    -- The refusal does not trust the list: each key must be due and unstopped at this very moment.
    SELECT k INTO refused FROM unnest(keys) AS k
     WHERE k NOT IN (SELECT f.key FROM erasure.facts(target.family, keys, true) AS f WHERE f.stop = '') LIMIT 1;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION '保管期間が過ぎていないか、停止されています: % %', target.family, refused
            USING ERRCODE = 'restrict_violation';
    END IF;
    FOR file_sql IN SELECT jsonb_array_elements_text(rule.files) LOOP
        EXECUTE format('INSERT INTO retention_doomedfile (list_id, path) SELECT DISTINCT $2, p FROM (%s) AS f (p)'
                       ' WHERE p <> '''' ON CONFLICT DO NOTHING', file_sql) USING keys, p_list;
    END LOOP;
    FOR step IN SELECT jsonb_array_elements(rule.steps) LOOP
        IF step ? 'set' THEN
            EXECUTE format('INSERT INTO erasure.chosen SELECT DISTINCT %L, k FROM (%s) AS s (k)', step ->> 'set',
                           step ->> 'sql') USING keys;
        ELSIF step ? 'act' THEN
            IF step ->> 'act' <> '' THEN
                EXECUTE step ->> 'sql' INTO gone USING keys;
                counts := jsonb_set(counts, ARRAY[step ->> 'act'], to_jsonb(coalesce(gone, 0)));
            ELSE
                EXECUTE step ->> 'sql' USING keys;
            END IF;
        ELSE
            EXECUTE step ->> 'sql' USING keys;
            GET DIAGNOSTICS gone = ROW_COUNT;
            IF step ->> 'sql' LIKE 'DELETE %' THEN
                counts := jsonb_set(counts, ARRAY[step ->> 'table'],
                                    to_jsonb(coalesce((counts ->> (step ->> 'table'))::bigint, 0) + gone));
            END IF;
        END IF;
    END LOOP;
    DELETE FROM erasure.chosen;
    INSERT INTO retention_erasurechunk (list_id, from_no, to_no, roots, counts, erased_at)
        VALUES (p_list, p_from, p_to, cardinality(keys), counts, clock_timestamp());
    RETURN counts;
END $$;

-- All of it gone, the files too: the keys themselves are forgotten, range and hash stay.
CREATE FUNCTION erasure.finish(p_list bigint) RETURNS void {_HEAD} AS $$
DECLARE target retention_erasurelist%ROWTYPE;
BEGIN
    SELECT * INTO target FROM retention_erasurelist WHERE id = p_list FOR UPDATE;
    IF target.state = 'erased' THEN
        RETURN;
    END IF;
    IF target.state IS DISTINCT FROM 'running'
       OR target.planned <> (SELECT coalesce(sum(roots), 0) FROM retention_erasurechunk WHERE list_id = p_list)
       OR EXISTS (SELECT FROM retention_doomedfile WHERE list_id = p_list AND removed_at IS NULL) THEN
        RAISE EXCEPTION '消去候補%の消去は終わっていません', p_list USING ERRCODE = 'restrict_violation';
    END IF;
    DELETE FROM retention_erasureitem WHERE list_id = p_list;
    DELETE FROM retention_doomedfile WHERE list_id = p_list;
    UPDATE retention_erasurelist SET state = 'erased', ended_at = clock_timestamp() WHERE id = p_list;
END $$;
"""

RIGHTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA erasure FROM PUBLIC;
-- The look after leaked numbers reads every table outside the vault, this scratch table too.
GRANT SELECT ON erasure.chosen TO taxsys_app;
GRANT EXECUTE ON FUNCTION erasure.next_fiscal_year, erasure.months, erasure.facts, erasure.fill, erasure.begin,
    erasure.chunk, erasure.finish TO taxsys_app;
"""

FORWARD = "\n".join(
    (ROLES, GUARDS, "SET ROLE taxsys_erasure;", TABLES, READING, LISTS, ERASING, RIGHTS,
     "RESET ROLE;")
)  # fmt: skip
BACKWARD = """
SET ROLE taxsys_erasure;
DROP FUNCTION erasure.finish, erasure.chunk, erasure.begin, erasure.approved, erasure.fill, erasure.keys_hash,
    erasure.settle, erasure.facts, erasure.months, erasure.next_fiscal_year;
DROP TABLE erasure.chosen, erasure.installed, erasure.family, erasure.period;
RESET ROLE;
DROP TRIGGER retention_certificate_append_only ON retention_erasurecertificate;
DROP TRIGGER retention_list_born ON retention_erasurelist;
DROP TRIGGER retention_list_guard ON retention_erasurelist;
DROP FUNCTION retention_born_open();
DROP FUNCTION retention_list_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0001_initial"),
        ("approvals", "0002_database_rules"),
        ("audit", "0002_database_rules"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
