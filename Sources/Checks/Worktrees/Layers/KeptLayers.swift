/// The kept layers that stand on disk, and who uses or makes which.
struct KeptLayers {
  /// What somebody who needs a kept layer has to do.
  enum Answer {
    /// It is there, and is now used by whoever asked.
    case there(KeptLayer)
    /// Whoever asked makes it, and tells when that has ended.
    case make
    /// Somebody makes it just now.
    case wait
  }

  static let countMax = 20
  /// Seconds without use.
  static let ageMax = 7 * 24 * 3_600

  private var useCounts: [KeptLayer: Int] = [:]
  private var making: Set<KeptLayer.Place> = []

  /// Enters a layer that is complete on disk.
  mutating func add(_ layer: KeptLayer) { useCounts[layer] = 0 }

  mutating func ask(_ place: KeptLayer.Place) -> Answer {
    if let layer = useCounts.keys.first(where: { $0.place == place }) {
      useCounts[layer, default: 0] += 1
      return .there(layer)
    }
    return making.insert(place).inserted ? .make : .wait
  }

  /// Ends what `.make` began; the layer, where there is one now, is used by whoever made it.
  mutating func endMaking(_ place: KeptLayer.Place, as layer: KeptLayer?) {
    precondition(making.remove(place) != nil, "a kept layer is told as made that nobody was making")
    if let layer { useCounts[layer] = 1 }
  }

  mutating func release(_ layer: KeptLayer) {
    guard let count = useCounts[layer] else { return }
    precondition(count > 0, "a kept layer is released that nobody uses")
    useCounts[layer] = count - 1
  }

  /// A stamp that no layer has.
  func newStamp() -> UInt32 {
    while true {
      let stamp = UInt32.random(in: 1...UInt32.max)
      if !useCounts.keys.contains(where: { $0.stamp == stamp }) { return stamp }
    }
  }

  var count: Int { useCounts.count }

  /// The layers that nobody uses.
  var unused: [KeptLayer] { useCounts.filter { $0.value == 0 }.map(\.key) }

  /// Takes a layer out of the list, where nobody uses it: whoever gets it may remove it.
  mutating func take(_ layer: KeptLayer) -> Bool {
    guard useCounts[layer] == 0 else { return false }
    useCounts[layer] = nil
    return true
  }
}
