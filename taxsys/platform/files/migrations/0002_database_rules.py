"""Database rules of the files app: what a file was never changes, and no receipt or issue is ever deleted."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION files_guard_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION '受領・提供の記録は削除できません' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.id <> OLD.id OR NEW.sha256 <> OLD.sha256 OR NEW.size <> OLD.size THEN
    RAISE EXCEPTION '受領・提供したファイルの内容は変更できません' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER files_received_identity BEFORE UPDATE OR DELETE ON files_receivedfile
  FOR EACH ROW EXECUTE FUNCTION files_guard_identity();
CREATE TRIGGER files_outgoing_identity BEFORE UPDATE OR DELETE ON files_outgoingfile
  FOR EACH ROW EXECUTE FUNCTION files_guard_identity();
"""

BACKWARD = """
DROP TRIGGER files_received_identity ON files_receivedfile;
DROP TRIGGER files_outgoing_identity ON files_outgoingfile;
DROP FUNCTION files_guard_identity();
"""


class Migration(migrations.Migration):
    """Triggers that keep receipts and issues as they were."""

    dependencies = [("files", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
