"""課税資料: what was filed stays as it was filed; an amendment is a paper of its own beside it (R-195, III-7)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION assessment_sourcedocument_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'source document % stays as it was filed', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER assessment_sourcedocument_as_filed BEFORE UPDATE ON assessment_sourcedocument
    FOR EACH ROW WHEN (
        (NEW.kind, NEW.tax_year, NEW.received_file_id, NEW.line_no, NEW.business_key, NEW.filing_kind, NEW.arrived_on,
         NEW.name, NEW.name_kana, NEW.birth_on, NEW.address, NEW.items, NEW.relatives, NEW.supersedes_id)
        IS DISTINCT FROM
        (OLD.kind, OLD.tax_year, OLD.received_file_id, OLD.line_no, OLD.business_key, OLD.filing_kind, OLD.arrived_on,
         OLD.name, OLD.name_kana, OLD.birth_on, OLD.address, OLD.items, OLD.relatives, OLD.supersedes_id)
    ) EXECUTE FUNCTION assessment_sourcedocument_guard();
"""

BACKWARD = """
DROP TRIGGER assessment_sourcedocument_as_filed ON assessment_sourcedocument;
DROP FUNCTION assessment_sourcedocument_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("assessment", "0006_document_placements")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
