// For a name that nobody knows: the known names that it may have been meant to be.

extension String {
  /// Up to three of the names that differ in few letters, the nearest first.
  func nearest(in names: some Sequence<String>) -> [String] {
    let most = Swift.max(2, utf8.count / 6)
    // A distance is worked out on short names only: it costs the product of the lengths.
    guard utf8.count <= 64 else { return [] }
    return names.map { (distance: distance(to: $0), name: $0) }
      .filter { $0.distance <= most }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
      .prefix(3).map(\.name)
  }

  /// How many letters must be changed, put in or left out (Levenshtein).
  private func distance(to other: String) -> Int {
    let (mine, theirs) = (Array(utf8), Array(other.utf8))
    var row = Array(0...theirs.count)
    for (index, byte) in mine.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, otherByte) in theirs.enumerated() {
        let changed = diagonal + (byte == otherByte ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = Swift.min(changed, Swift.min(row[column], diagonal) + 1)
      }
    }
    return row[theirs.count]
  }
}
