import Commands

@main struct Entry {
  static func main() { Sluice.run() }
}
