/// What version 4 changed in a ledger of version 3, and what it wrote there.
enum V4Sample {
  static let schema = """
    ALTER TABLE check_result ADD COLUMN performance TEXT;
    INSERT INTO grdb_migrations VALUES ('v4');
    """

  static let rows = """
    UPDATE check_result SET performance = '{"compared":true,"reason":null,"impact":"degraded","changes":[{"quantity":"time","unit":"s","base":1.0,"candidate":1.5,"estimate":{"change":0.5,"lower":0.4,"upper":0.6,"confidence":0.98,"pairs":7},"budget":0.05,"answer":"exceeded"}]}';
    """
}
