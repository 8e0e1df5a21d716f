"""印刷物の組の決まり: states go forward only, built packages keep their rows, a part's files are fixed once built."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION printing_package_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'planned' THEN
            RAISE EXCEPTION 'a built print package is kept' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('planned', 'built'), ('built', 'released'), ('released', 'handed_over'), ('released', 'mailed'),
        ('handed_over', 'mailed'), ('planned', 'recalled'), ('built', 'recalled'), ('released', 'recalled'),
        ('handed_over', 'recalled'), ('mailed', 'recalled')
    ) THEN
        RAISE EXCEPTION 'print package state % cannot become %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> 'planned' AND (
        OLD.content_hash <> NEW.content_hash OR OLD.pieces <> NEW.pieces OR OLD.pages <> NEW.pages
        OR OLD.built_by <> NEW.built_by OR OLD.business_key <> NEW.business_key OR OLD.kind <> NEW.kind
    ) THEN
        RAISE EXCEPTION 'the content of a built print package is fixed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER printing_package_guard BEFORE UPDATE OR DELETE ON printing_printpackage
    FOR EACH ROW EXECUTE FUNCTION printing_package_guard();

CREATE FUNCTION printing_content_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE package_state text;
BEGIN
    SELECT state INTO package_state FROM printing_printpackage WHERE id = OLD.package_id;
    IF package_state = 'planned' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'printing_printitem' THEN
        IF (to_jsonb(OLD) - 'pulled_by' - 'pulled_at' - 'pull_reason')
           = (to_jsonb(NEW) - 'pulled_by' - 'pulled_at' - 'pull_reason') THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the pieces of a built print package are fixed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER printing_item_guard BEFORE UPDATE OR DELETE ON printing_printitem
    FOR EACH ROW EXECUTE FUNCTION printing_content_guard();
CREATE TRIGGER printing_part_guard BEFORE UPDATE OR DELETE ON printing_printpart
    FOR EACH ROW EXECUTE FUNCTION printing_content_guard();
CREATE TRIGGER printing_subject_guard BEFORE UPDATE OR DELETE ON printing_printsubject
    FOR EACH ROW EXECUTE FUNCTION printing_content_guard();
"""

BACKWARD = """
DROP TRIGGER printing_subject_guard ON printing_printsubject;
DROP TRIGGER printing_part_guard ON printing_printpart;
DROP TRIGGER printing_item_guard ON printing_printitem;
DROP FUNCTION printing_content_guard();
DROP TRIGGER printing_package_guard ON printing_printpackage;
DROP FUNCTION printing_package_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("printing", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
