/// What version 3 changed in a ledger of version 2, and what it wrote there.
enum V3Sample {
  static let schema = """
    ALTER TABLE check_result ADD COLUMN cpu_seconds REAL;
    ALTER TABLE check_result ADD COLUMN read_bytes INTEGER;
    ALTER TABLE check_result ADD COLUMN written_bytes INTEGER;
    ALTER TABLE check_result ADD COLUMN lines_covered INTEGER;
    ALTER TABLE check_result ADD COLUMN lines_valid INTEGER;

    CREATE TABLE finding (
      check_result INTEGER NOT NULL REFERENCES check_result (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      rule TEXT NOT NULL,
      severity TEXT NOT NULL,
      path TEXT,
      line INTEGER,
      message TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      PRIMARY KEY (check_result, position)
    ) WITHOUT ROWID;

    CREATE TABLE metric (
      check_result INTEGER NOT NULL REFERENCES check_result (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      name TEXT NOT NULL,
      value REAL NOT NULL,
      unit TEXT NOT NULL,
      better TEXT NOT NULL,
      PRIMARY KEY (check_result, position)
    ) WITHOUT ROWID;

    CREATE TABLE test_cases (
      check_result INTEGER NOT NULL PRIMARY KEY REFERENCES check_result (id) ON DELETE CASCADE,
      cases BLOB NOT NULL
    );
    INSERT INTO grdb_migrations VALUES ('v3');
    """

  static let rows = """
    UPDATE check_result SET cpu_seconds = 2.5, read_bytes = 7000000000, written_bytes = 11, lines_covered = 30,
      lines_valid = 40;
    INSERT INTO finding SELECT id, 0, 'sql', 'critical', 'src/a.py', 7, 'built from input', 'sql src/a.py x' FROM check_result;
    INSERT INTO finding SELECT id, 1, 'key', 'low', NULL, NULL, 'a key', 'key - x' FROM check_result;
    INSERT INTO metric SELECT id, 0, 'p99', 12.5, 'ms', 'lower' FROM check_result;
    INSERT INTO test_cases SELECT id, x'01050005742e6f6e65e80702020374776f' FROM check_result WHERE integration IS NULL;
    """
}
