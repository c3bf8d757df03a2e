import GRDB

/// The tables and how older ones become them. A migration that was released never changes; a new one is added.
enum Schema {
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1", foreignKeyChecks: .immediate) { try $0.execute(sql: v1) }
    migrator.registerMigration("v2", foreignKeyChecks: .immediate) { try $0.execute(sql: v2) }
    migrator.registerMigration("v3", foreignKeyChecks: .immediate) { try $0.execute(sql: v3) }
    migrator.registerMigration("v4", foreignKeyChecks: .immediate) { try $0.execute(sql: v4) }
    migrator.registerMigration("v5", foreignKeyChecks: .immediate) { try $0.execute(sql: v5) }
    return migrator
  }()

  /// Whether nothing is left to migrate.
  static func isCurrent(_ database: Database) throws -> Bool {
    if try migrator.hasBeenSuperseded(database) { throw WrittenByNewerVersion() }
    return try migrator.hasCompletedMigrations(database)
  }

  /// What holds for a submission in flight; SQLite takes a partial index only where the query says the same words.
  static let isOpen = "state IN ('queued', 'integrating', 'staged')"
  static let isEnded = "state NOT IN ('queued', 'integrating', 'staged')"

  /// Object ids are hex and times seconds since 1970, so that a person with `sqlite3` can read them.
  private static let v1 = """
    CREATE TABLE ledger (
      id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
      epoch TEXT NOT NULL,
      lease INTEGER NOT NULL
    );
    INSERT INTO ledger VALUES (1, lower(hex(randomblob(16))), 0);

    CREATE TABLE submission (
      sequence INTEGER NOT NULL PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      target TEXT NOT NULL,
      pushed TEXT NOT NULL,
      embedding TEXT NOT NULL,
      task_id TEXT NOT NULL,
      agent_id TEXT NOT NULL,
      identity TEXT NOT NULL,
      priority INTEGER NOT NULL,
      is_dry_run INTEGER NOT NULL,
      is_retry INTEGER NOT NULL,
      accepted_at INTEGER NOT NULL,
      supersedes TEXT,
      state TEXT NOT NULL,
      integration TEXT,
      category TEXT,
      reason TEXT,
      landed_commit TEXT,
      ended_at INTEGER,
      event_count INTEGER NOT NULL DEFAULT 0,
      has_events INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX submission_open ON submission (priority DESC, sequence)
      WHERE state IN ('queued', 'integrating', 'staged');
    CREATE INDEX submission_ended ON submission (ended_at, sequence)
      WHERE state NOT IN ('queued', 'integrating', 'staged');
    CREATE INDEX submission_prunable ON submission (ended_at, sequence)
      WHERE has_events = 1 AND state NOT IN ('queued', 'integrating', 'staged');
    CREATE INDEX submission_landed ON submission (pushed, name, target) WHERE state = 'landed';
    CREATE INDEX submission_landed_task ON submission (task_id, target) WHERE state = 'landed';

    CREATE TABLE dependency (
      submission TEXT NOT NULL REFERENCES submission (id),
      position INTEGER NOT NULL,
      needs TEXT NOT NULL,
      PRIMARY KEY (submission, position)
    ) WITHOUT ROWID;

    CREATE TABLE event (
      submission TEXT NOT NULL REFERENCES submission (id),
      number INTEGER NOT NULL,
      json TEXT NOT NULL,
      PRIMARY KEY (submission, number)
    ) WITHOUT ROWID;

    CREATE TABLE integration (
      sequence INTEGER NOT NULL PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      submission TEXT NOT NULL REFERENCES submission (id),
      base TEXT,
      candidate TEXT,
      state TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      report TEXT,
      certificate TEXT
    );
    CREATE INDEX integration_of_submission ON integration (submission, sequence);
    CREATE INDEX integration_judged ON integration (ended_at, sequence)
      WHERE state IN ('landed', 'verified', 'failed');

    -- With an integration: one of its checks. Without: the verdict that stands under its key.
    CREATE TABLE check_result (
      id INTEGER NOT NULL PRIMARY KEY,
      integration TEXT REFERENCES integration (id),
      position INTEGER,
      key TEXT NOT NULL,
      name TEXT NOT NULL,
      kind TEXT NOT NULL,
      verdict TEXT NOT NULL,
      reason TEXT,
      seconds REAL NOT NULL,
      tests_passed INTEGER,
      tests_failed INTEGER,
      tests_skipped INTEGER,
      peak_memory INTEGER,
      is_cached INTEGER NOT NULL,
      output_tail TEXT,
      CHECK ((integration IS NULL) = (position IS NULL))
    );
    CREATE UNIQUE INDEX check_result_of_integration ON check_result (integration, position)
      WHERE integration IS NOT NULL;
    CREATE UNIQUE INDEX check_result_of_key ON check_result (key) WHERE integration IS NULL;

    CREATE TABLE test_failure (
      check_result INTEGER NOT NULL REFERENCES check_result (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      name TEXT NOT NULL,
      output TEXT,
      PRIMARY KEY (check_result, position)
    ) WITHOUT ROWID;

    CREATE TABLE landing (
      sequence INTEGER NOT NULL PRIMARY KEY,
      integration TEXT NOT NULL REFERENCES integration (id),
      submission TEXT NOT NULL UNIQUE REFERENCES submission (id),
      target TEXT NOT NULL,
      old TEXT NOT NULL,
      new TEXT NOT NULL,
      at INTEGER NOT NULL,
      UNIQUE (target, new)
    );
    CREATE INDEX landing_of_integration ON landing (integration);
    CREATE INDEX landing_on_target ON landing (target, sequence);

    CREATE TABLE paused (target TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
    """

  private static let v2 = """
    ALTER TABLE submission ADD COLUMN is_promoted INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE submission ADD COLUMN change_files INTEGER;
    ALTER TABLE submission ADD COLUMN change_folders TEXT;
    ALTER TABLE paused ADD COLUMN gate TEXT NOT NULL DEFAULT 'closed';
    DROP INDEX integration_judged;
    CREATE INDEX check_result_newest ON check_result (id) WHERE integration IS NULL;
    """

  private static let v3 = """
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

    -- All tests of a verdict in one column, and apart from it: a verdict without them is read far more often.
    CREATE TABLE test_cases (
      check_result INTEGER NOT NULL PRIMARY KEY REFERENCES check_result (id) ON DELETE CASCADE,
      cases BLOB NOT NULL
    );
    """

  private static let v4 = """
    ALTER TABLE check_result ADD COLUMN performance TEXT;

    CREATE TABLE review (
      submission TEXT NOT NULL PRIMARY KEY REFERENCES submission (id),
      asked_at INTEGER,
      approved_by TEXT,
      approved_at INTEGER,
      CHECK ((approved_by IS NULL) = (approved_at IS NULL))
    ) WITHOUT ROWID;
    """

  private static let v5 = """
    CREATE TABLE notice (
      sequence INTEGER NOT NULL PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      submission TEXT REFERENCES submission (id),
      occasion TEXT NOT NULL,
      sink TEXT NOT NULL,
      body TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      due_at INTEGER NOT NULL,
      is_dead INTEGER NOT NULL,
      error TEXT
    );
    CREATE INDEX notice_of_sink ON notice (sink) WHERE is_dead = 0;
    CREATE INDEX notice_due ON notice (sink, due_at) WHERE is_dead = 0;
    CREATE INDEX notice_of_submission ON notice (submission, sink, due_at) WHERE is_dead = 0;
    CREATE INDEX notice_dead ON notice (created_at) WHERE is_dead = 1;
    """
}
