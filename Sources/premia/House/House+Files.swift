// Files in and out.

import Courier
import Exchange
import Foundation
import Kernel
import X12

extension House {
  /// Takes a file in, and lays its acknowledgement beside the others in `out/`. A file that was taken before is left.
  @discardableResult
  func take(_ path: String, onProgress: @Sendable (FileProgress) -> Void = { _ in }) async throws -> FileReport {
    let report = try await files.take(path: path, onProgress: onProgress)
    if !report.acknowledgement.isEmpty {
      let name = URL(filePath: path).lastPathComponent
      try OutputFile.write(places.file("out/\(name).999")) { try $0(report.acknowledgement) }
    }
    return report
  }

  /// Compares a partner's full file with the book, and lays the acknowledgement and, where they differ, the book's own
  /// version beside the others in `out/`. Nothing is changed.
  func audit(_ path: String, onProgress: @Sendable (FileProgress) -> Void = { _ in }) async throws -> AuditReport {
    let report = try await files.audit(path: path, onProgress: onProgress)
    let name = URL(filePath: path).lastPathComponent
    try OutputFile.write(places.file("out/\(name).999")) { try $0(report.acknowledgement) }
    let answer = try OutputFile(places.file("out/\(name).834"))
    _ = try await files.writeAnswer(to: report, from: .load(path: places.config("partners/payer.yml"))) {
      try answer.write($0)
    }
    try answer.close()
    return report
  }

  /// Writes the 835 of a period to a file.
  func writeRemittance(_ period: Period, to path: String) async throws -> RemittanceExport.Summary {
    let export = try RemittanceExport(
      payer: .load(path: places.config("partners/payer.yml")), party: lines.party, claims: lines.claims,
      payments: lines.payments)
    let file = try OutputFile(path)
    // A number for each day of the calendar: a remittance written again has the same.
    let summary = try await export.write(
      period, at: clock.now, controlNumber: Int(period.end.dayNumber)
    ) { try file.write($0) }
    try file.close()
    return summary
  }
}

/// A file that is written aside and takes its name when it is whole.
final class OutputFile {
  private let path: String
  private let handle: FileHandle
  private var isEmpty = true

  init(_ path: String) throws {
    self.path = path
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: path + ".part", contents: nil),
      let handle = FileHandle(forWritingAtPath: path + ".part")
    else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
    self.handle = handle
  }

  func write(_ bytes: [UInt8]) throws {
    isEmpty = isEmpty && bytes.isEmpty
    try handle.write(contentsOf: Data(bytes))
  }

  /// Gives the file its name; one that nothing was written to is not kept.
  func close() throws {
    try handle.synchronize()
    try handle.close()
    if isEmpty { return try FileManager.default.removeItem(atPath: path + ".part") }
    guard rename(path + ".part", path) == 0 else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
    }
  }
}

extension OutputFile {
  /// Writes a file whole; where nothing is written there is no file.
  static func write(_ path: String, _ body: (@escaping X12Writer.Sink) throws -> Void) throws {
    let file = try OutputFile(path)
    try body { try file.write($0) }
    try file.close()
  }
}

enum InputFiles {
  /// The file, or the files of a folder and those below it, in the order of their names.
  ///
  /// - Throws: `Problem` where there is nothing of that name.
  static func all(at path: String) throws(Problem) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Problem(
        kind: .notFound, code: "import.no_such_file", detail: "There is no file or folder \(path).",
        remedy: "Check the path.")
    }
    guard isFolder.boolValue else { return [path] }
    var files: [String] = []
    for name in FileManager.default.enumerator(atPath: path) ?? .init() {
      let file = "\(path)/\(name)"
      if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue {
        files.append(file)
      }
    }
    return files.sorted()
  }

  /// The contents of a file, or of standard input for '-'.
  ///
  /// - Throws: `Problem` where it cannot be read.
  static func bytes(of file: String) throws(Problem) -> [UInt8] {
    do {
      let input = FileHandle.standardInput
      return Array(file == "-" ? try input.readToEnd() ?? Data() : try Data(contentsOf: URL(filePath: file)))
    } catch {
      throw Problem(
        kind: .notFound, code: "input.file", detail: "\(file) cannot be read: \(error.localizedDescription)",
        remedy: "Name a file that is there, or '-' for standard input.")
    }
  }
}
