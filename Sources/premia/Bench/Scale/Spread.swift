// What many measurements come to, and how the highest load that is kept up with is looked for.

/// Measurements of one thing, to be asked for the one below which a share of them lies.
struct Spread: Equatable {
  private let sorted: [Double]

  init(_ measurements: [Double]) { sorted = measurements.sorted() }

  var count: Int { sorted.count }

  /// By nearest rank: a measurement that was taken, never one in between.
  ///
  /// - Parameter percent: 1 to 100.
  /// - Returns: nil where nothing was measured.
  func percentile(_ percent: Int) -> Double? {
    precondition((1...100).contains(percent), "\(percent) is no percentage of measurements")
    return sorted.isEmpty ? nil : sorted[(sorted.count * percent + 99) / 100 - 1]
  }
}

/// A search for the highest load that is kept up with: doubled until one is lost, then the gap is halved.
struct LoadSearch {
  /// The highest load that was kept up with; nil before there is one.
  private(set) var kept: Double?
  private var lost: Double?
  private let first: Double
  private var halvings: Int

  init(from first: Double, halvings: Int = 2) {
    precondition(first > 0, "a load")
    self.first = first
    self.halvings = halvings
  }

  /// What is to be tried next; nil when the search is over.
  var next: Double? {
    switch (kept, lost) {
    case (nil, nil): first
    // Not even the first: less is tried as often as a gap would be halved.
    case (nil, let lost?): halvings > 0 ? lost / 2 : nil
    case (let kept?, nil): kept * 2
    case (let kept?, let lost?): halvings > 0 ? (kept + lost) / 2 : nil
    }
  }

  mutating func tell(_ load: Double, isKept: Bool) {
    if lost != nil { halvings -= 1 }
    if isKept { kept = load } else { lost = load }
  }
}
