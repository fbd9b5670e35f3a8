// The house rules that a compiler and a formatter do not keep.

/// A rule that is broken.
struct Finding: Hashable, CustomStringConvertible {
  let path: String
  /// From 1; 0 where the whole file or folder is meant.
  let line: Int
  let what: String

  var description: String { "\(path):\(line): \(what)" }
}

enum Tidy {
  static let longestLine = 120
  static let longestFile = 500

  /// Rules of every written file.
  static func findings(in file: SourceFile) -> [Finding] {
    guard !file.isGenerated else { return [] }
    return length(of: file) + unfinishedWork(in: file) + names(in: file)
  }

  private static func length(of file: SourceFile) -> [Finding] {
    var findings: [Finding] = []
    for (index, line) in file.lines.enumerated() where line.count > longestLine {
      findings.append(
        Finding(path: file.path, line: index + 1, what: "is \(line.count) characters long, more than \(longestLine)"))
    }
    if file.lines.count > longestFile {
      findings.append(
        Finding(path: file.path, line: 0, what: "has \(file.lines.count) lines, more than \(longestFile)"))
    }
    return findings
  }

  /// In two halves, so that this file does not break the rule.
  private static let marksOfUnfinishedWork = ["TO" + "DO", "FIX" + "ME"]

  private static func unfinishedWork(in file: SourceFile) -> [Finding] {
    var findings: [Finding] = []
    for (index, line) in file.lines.enumerated() {
      let words = line.split { !$0.isLetter }
      for mark in marksOfUnfinishedWork where words.contains(Substring(mark)) {
        findings.append(Finding(path: file.path, line: index + 1, what: "says \(mark): finish it or leave it out"))
      }
    }
    return findings
  }

  /// Folders and files that are named after nothing in the domain.
  private static let emptyNames: Set<String> = [
    "Models", "Utils", "Utilities", "Helpers", "Managers", "Common", "Misc", "New", "Deprecated",
  ]

  private static func names(in file: SourceFile) -> [Finding] {
    let parts = file.path.split { $0 == "/" || $0 == "." }
    return parts.filter { emptyNames.contains(String($0)) }.map {
      Finding(path: file.path, line: 0, what: "is called \($0), which says nothing about what is in it")
    }
  }

  /// The walls between the rooms.
  static func imports(of file: SourceFile) -> [Finding] {
    guard file.wing == "Sources", file.room != Walls.root else { return [] }
    guard let allowed = Walls.allowed(to: file.room) else {
      return [Finding(path: file.path, line: 0, what: "is in \(file.room), which the table of walls does not have")]
    }
    var findings: [Finding] = []
    for (index, line) in file.lines.enumerated() {
      guard let module = Walls.imported(by: line), !allowed.contains(module) else { continue }
      findings.append(Finding(path: file.path, line: index + 1, what: "\(file.room) may not import \(module)"))
    }
    return findings
  }

  /// What every room, and every context, has.
  static func rooms(_ paths: [String]) -> [Finding] {
    var files: [String: Set<String>] = [:]
    for path in paths {
      let parts = path.split(separator: "/").map(String.init)
      guard parts.count > 2, let name = parts.last else { continue }
      files[parts[1], default: []].insert(parts.count == 3 ? name : "\(parts[2...].joined(separator: "/"))")
    }
    var findings: [Finding] = []
    for (room, names) in files.sorted(by: { $0.key < $1.key }) {
      for needed in needed(in: room) where !names.contains(needed) {
        findings.append(Finding(path: "Sources/\(room)", line: 0, what: "has no \(needed)"))
      }
      guard Walls.contexts.contains(room) else { continue }
      for name in names.sorted() {
        guard let plus = name.firstIndex(of: "+"), !names.contains("\(name[..<plus]).swift") else { continue }
        findings.append(
          Finding(path: "Sources/\(room)/\(name)", line: 0, what: "stands alone: there is no \(name[..<plus]).swift"))
      }
    }
    return findings
  }

  private static func needed(in room: String) -> [String] {
    guard Walls.contexts.contains(room) else { return ["README.md"] }
    return ["README.md", "\(room)Context.swift", "\(room)Service.swift", "\(room)Tables.swift"]
  }
}
