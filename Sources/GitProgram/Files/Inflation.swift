import CZlib

/// Reads zlib streams whose length is known.
enum Inflation {
  /// The content of a stream; nil where it is not exactly `size` bytes, or the input does not hold the whole stream.
  static func whole(_ input: ArraySlice<UInt8>, size: Int) -> [UInt8]? {
    let (bytes, isEnd) = run(input, max: size, isWhole: true)
    return isEnd && bytes.count == size ? bytes : nil
  }

  /// The first bytes of a stream's content, at most `max` of them.
  static func start(_ input: ArraySlice<UInt8>, max: Int) -> [UInt8] { run(input, max: max, isWhole: false).bytes }

  private static func run(_ input: ArraySlice<UInt8>, max: Int, isWhole: Bool) -> (bytes: [UInt8], isEnd: Bool) {
    var isEnd = false
    // Room for one byte more, so that a stream that goes on is noticed and an empty one can be read.
    let bytes = [UInt8](unsafeUninitializedCapacity: max + 1) { output, filled in
      input.withUnsafeBytes { source in
        var stream = z_stream()
        guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(source.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(isWhole ? max + 1 : max)
        isEnd = inflate(&stream, isWhole ? Z_FINISH : Z_SYNC_FLUSH) == Z_STREAM_END
        filled = Int(stream.total_out)
      }
    }
    return (bytes, isEnd)
  }
}
