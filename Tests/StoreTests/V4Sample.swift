/// What version 4 changed in a ledger of version 3, and what it wrote there.
enum V4Sample {
  static let schema = """
    ALTER TABLE check_result ADD COLUMN performance TEXT;

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
    UPDATE check_result SET performance = '{"compared":true,"reason":null,"impact":"degraded","changes":[{"quantity":"time","unit":"s","base":1.0,"candidate":1.5,"estimate":{"change":0.5,"lower":0.4,"upper":0.6,"confidence":0.98,"pairs":7},"budget":0.05,"answer":"exceeded"}]}';
    """
}
