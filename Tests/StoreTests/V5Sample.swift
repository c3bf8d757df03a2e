/// What version 5 changed in a ledger of version 4, and what it wrote there.
enum V5Sample {
  static let schema = """
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
    INSERT INTO grdb_migrations VALUES ('v5');
    """

  static let rows = """
    INSERT INTO notice VALUES (4, 'msg-1700000010-a', 'sub-1700000001-a', 'deployment_success',
      'webhook https://hooks.example.org/a', '{}', 1, 2, 9, 0, 'it answered 500');
    INSERT INTO notice VALUES (5, 'msg-1700000011-b', NULL, 'freeze', 'command /bin/tell a', '{}', 1, 10, 9, 1, NULL);
    """
}
