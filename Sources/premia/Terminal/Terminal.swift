// What people see: text, tables, a bar that moves. Answers go to standard output, everything else to standard error.

import Foundation
import Synchronization

enum Terminal {
  static func print(_ text: String) { write(text + "\n", to: .standardOutput) }

  static func error(_ text: String) { write(text + "\n", to: .standardError) }

  /// Prints a value as JSON with its keys in order.
  static func printJSON(_ value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      print(String(decoding: try encoder.encode(value), as: UTF8.self))
    } catch {
      preconditionFailure("\(type(of: value)) cannot be encoded: \(error)")
    }
  }

  /// Whether standard error is a terminal that a bar can move on.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

  static func write(_ text: String, to handle: FileHandle) {
    // A reader that has gone away is no reason to stop.
    try? handle.write(contentsOf: Data(text.utf8))
  }
}

/// Columns of text; numbers are set to the right.
struct TextTable {
  private let header: [String]
  private var rows: [[String]] = []
  private let numeric: Set<Int>

  init(_ header: [String], numeric: Set<Int> = []) {
    self.header = header
    self.numeric = numeric
  }

  mutating func add(_ row: String...) { add(row) }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ row: [String]) -> String {
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return numeric.contains(column) ? space + cell : cell + space
      }
      return cells.joined(separator: "  ").trimmingSuffix(" ")
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
  }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self
    while text.last == character { text.removeLast() }
    return text
  }
}

/// A bar that moves on a terminal, and a line now and then elsewhere.
final class ProgressBar: Sendable {
  private let title: String
  private let total: Int
  private let shown: Mutex<Int>

  init(_ title: String, total: Int) {
    self.title = title
    self.total = max(1, total)
    shown = Mutex(-1)
  }

  func show(_ done: Int, _ words: String) {
    let percent = min(100, done * 100 / total)
    if Terminal.isInteractive {
      let filled = percent * 30 / 100
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
      Terminal.write("\r\u{1B}[K\(title) \(bar) \(percent)% \(words)", to: .standardError)
    } else {
      let step = percent / 10
      let isNew = shown.withLock { shown in
        defer { shown = max(shown, step) }
        return step > shown
      }
      if isNew { Terminal.error("\(title): \(percent)% \(words)") }
    }
  }

  /// - Parameter words: shown with a full bar; nil where it is full already, or was stopped.
  func finish(_ words: String? = nil) {
    if let words { show(total, words) }
    if Terminal.isInteractive { Terminal.write("\r\u{1B}[K", to: .standardError) }
  }
}
