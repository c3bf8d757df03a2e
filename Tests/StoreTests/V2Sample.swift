/// What version 2 changed in a ledger of version 1, and what it wrote there.
enum V2Sample {
  static let schema = """
    ALTER TABLE submission ADD COLUMN is_promoted INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE submission ADD COLUMN change_files INTEGER;
    ALTER TABLE submission ADD COLUMN change_folders TEXT;
    ALTER TABLE paused ADD COLUMN gate TEXT NOT NULL DEFAULT 'closed';
    DROP INDEX integration_judged;
    CREATE INDEX check_result_newest ON check_result (id) WHERE integration IS NULL;
    INSERT INTO grdb_migrations VALUES ('v2');
    """

  static let rows = """
    UPDATE submission SET is_promoted = 1, change_files = 3, change_folders = 'docs' || char(10) || 'src'
      WHERE id = 'sub-1700000002-b';
    INSERT INTO paused VALUES ('frozen', 'urgent_only');
    """
}
