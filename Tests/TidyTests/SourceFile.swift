// The sources of the house, as text.

import Foundation

/// One file, with its path from the root of the repository.
struct SourceFile: Sendable {
  let path: String
  let lines: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// "Sources" or "Tests".
  var wing: String { component(0) }
  /// The name of the target.
  var room: String { component(1) }
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }
  var isGenerated: Bool { path.contains("/Generated/") }

  private func component(_ index: Int) -> String {
    let parts = path.split(separator: "/")
    return parts.count > index + 1 ? String(parts[index]) : ""
  }
}

/// What is on disk.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every Swift file of a wing, in the order of the paths.
  static func swiftFiles(in wing: String) throws -> [SourceFile] {
    try paths(in: wing).filter { $0.hasSuffix(".swift") }.map { path in
      SourceFile(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }
  }

  /// Every file of a wing, as paths from the root.
  static func paths(in wing: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: wing).path(percentEncoded: false))
      .map { "\(wing)/\($0)" }.sorted()
  }
}
