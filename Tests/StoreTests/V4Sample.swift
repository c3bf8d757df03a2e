/// What version 4 changed in a ledger of version 3, and what it wrote there.
enum V4Sample {
  static let schema = """
    CREATE TABLE review (
      submission TEXT NOT NULL PRIMARY KEY REFERENCES submission (id),
      asked_at INTEGER,
      approved_by TEXT,
      approved_at INTEGER,
      CHECK ((approved_by IS NULL) = (approved_at IS NULL))
    ) WITHOUT ROWID;
    INSERT INTO grdb_migrations VALUES ('v4');
    """

  static let rows = """
    INSERT INTO review VALUES ('sub-1700000002-b', 1700000004, 'carol', 1700000005);
    """
}
