extension Pipe {
  /// Keeps the reading end and closes the other.
  package consuming func keepReading() -> Descriptor { reading }

  /// Keeps the writing end and closes the other.
  package consuming func keepWriting() -> Descriptor { writing }
}
