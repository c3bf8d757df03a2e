import Commands

@main struct Entry {
  static func main() async { await Sluice.run() }
}
