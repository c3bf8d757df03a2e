/// What version 1 wrote.
enum V1Sample {
  static let schema = """
    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
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

    INSERT INTO grdb_migrations VALUES ('v1');
    """

  static let rows = """
    UPDATE ledger SET epoch = '0123456789abcdef0123456789abcdef', lease = 41;
    INSERT INTO submission VALUES
      (1, 'sub-1700000001-a', 'work', 'main', 'a000000000000000000000000000000000000001', 'file', 'task-1', 'agent', 'alice',
       4, 0, 0, 1700000001, NULL, 'landed', 'int-1700000003-c', NULL, NULL, 'a000000000000000000000000000000000000002',
       1700000009, 2, 1),
      (2, 'sub-1700000002-b', 'work', 'main', 'a000000000000000000000000000000000000003', 'blob', 'task-2', 'agent', 'bob',
       1, 1, 1, 1700000002, 'sub-1700000001-a', 'queued', NULL, NULL, NULL, NULL, NULL, 0, 0);
    INSERT INTO dependency VALUES ('sub-1700000002-b', 0, 'task-1');
    INSERT INTO event VALUES
      ('sub-1700000001-a', 1, '{"event":"submission_received"}'), ('sub-1700000001-a', 2, '{"event":"ended"}');
    INSERT INTO integration VALUES
      (1, 'int-1700000003-c', 'sub-1700000001-a', NULL, 'a000000000000000000000000000000000000002', 'landed', 1700000003,
       1700000008, '{"r":1}', '{"c":1}');
    INSERT INTO check_result VALUES
      (1, 'int-1700000003-c', 0, 'a000000000000000000000000000000000000005', 'unit', 'test', 'flaky', 'retried', 1.5, 3, 1, 0,
       1000000, 0, 'x' || char(10) || 'y'),
      (2, NULL, NULL, 'a000000000000000000000000000000000000005', 'unit', 'test', 'flaky', 'retried', 1.5, 3, 1, 0,
       1000000, 1, 'x' || char(10) || 'y');
    INSERT INTO test_failure VALUES (1, 0, 't.one', 'a' || char(10) || 'b');
    INSERT INTO landing VALUES
      (1, 'int-1700000003-c', 'sub-1700000001-a', 'main', '', 'a000000000000000000000000000000000000002', 1700000008);
    INSERT INTO paused VALUES ('next');
    """
}
