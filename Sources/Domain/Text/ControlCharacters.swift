extension Unicode.Scalar {
  /// Whether this is a C0 or C1 control, DEL, or a line or paragraph separator.
  package var isControl: Bool {
    value < 32 || (127...159).contains(value) || value == 0x2028 || value == 0x2029
  }

  /// Whether this changes the direction of the text around it, which can make text read as what it is not.
  ///
  /// - Source: Unicode, property `Bidi_Control`.
  package var isBidiControl: Bool {
    value == 0x061C || value == 0x200E || value == 0x200F || (0x202A...0x202E).contains(value)
      || (0x2066...0x2069).contains(value)
  }
}
