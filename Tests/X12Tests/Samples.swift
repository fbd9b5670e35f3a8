import Foundation
import Testing
import X12

/// Public sample files beside the repository, where there are any.
enum Samples {
  static let directory: URL? = {
    var candidates: [URL] = []
    if let shared = ProcessInfo.processInfo.environment["PREMIA_SHARED"] {
      candidates.append(URL(fileURLWithPath: shared))
    }
    if let root = packageRoot { candidates.append(root.appendingPathComponent("../shared").standardizedFileURL) }
    return candidates.map { $0.appendingPathComponent("samples/x12") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  static let packageRoot: URL? = {
    var url = URL(fileURLWithPath: #filePath)
    while url.path != "/" {
      url.deleteLastPathComponent()
      if FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path) { return url }
    }
    return nil
  }()

  static func bytes(_ name: String) throws -> [UInt8] {
    let directory = try #require(directory)
    return [UInt8](try Data(contentsOf: directory.appendingPathComponent(name)))
  }

  static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// The files whose name has one of these parts.
  static func names(containing part: String) -> [String] {
    guard let directory else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.contains(part) }.sorted()
  }
}

/// The reference validator, pyx12, where `make .venv/.installed` has put it.
enum ReferenceValidator {
  /// The Python that has it, and the script that asks it.
  static let command: (python: URL, script: String)? = {
    guard let root = Samples.packageRoot else { return nil }
    let python = root.appendingPathComponent(".venv/bin/python3")
    guard FileManager.default.isExecutableFile(atPath: python.path) else { return nil }
    return (python, root.appendingPathComponent("scripts/check-x12").path)
  }()

  /// What it complains of; empty when it accepts the file.
  static func complaints(about bytes: [UInt8]) throws -> String {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("x12-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appendingPathComponent("input.x12")
    try Data(bytes).write(to: file)
    let process = Process()
    let command = try #require(command)
    process.executableURL = command.python
    process.arguments = [command.script, file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? output : output + "exit \(process.terminationStatus)"
  }
}

/// Everything a validator says of some bytes.
struct Reading: Equatable {
  var transactions: [TransactionReport] = []
  var groups: [GroupReport] = []
  var groupHeaders: [GroupHeader] = []
  var interchanges: [InterchangeReport] = []

  init(_ bytes: [UInt8], chunk: Int = .max) throws {
    var position = 0
    let reader = X12Reader { buffer in
      let count = min(buffer.count, bytes.count - position, chunk)
      buffer.copyBytes(from: bytes[position..<position + count])
      position += count
      return count
    }
    var validator = X12Validator(reader: reader, guides: try .shipped())
    while let event = validator.next() {
      switch event {
      case .interchangeBegan: break
      case .groupBegan(let header): groupHeaders.append(header)
      case .transaction(let report): transactions.append(report)
      case .groupEnded(let report): groups.append(report)
      case .interchangeEnded(let report): interchanges.append(report)
      }
    }
  }

  init(_ text: String) throws { try self.init([UInt8](text.utf8)) }

  var findings: [X12Finding] {
    interchanges.flatMap(\.findings) + groups.flatMap(\.findings) + transactions.flatMap(\.findings)
  }

  var isClean: Bool { findings.isEmpty && !transactions.isEmpty }
  var refuses: Bool { findings.contains { $0.gravity == .rejects } }

  /// `level code segment-element`, for tables of expectations.
  var summary: [String] {
    findings.map { finding in
      "\(finding.level) \(finding.code) \(finding.segmentID)" + (finding.element.map { "-\($0)" } ?? "")
        + (finding.component.map { ".\($0)" } ?? "")
    }
  }
}

/// A seeded source of chance (SplitMix64), so that a failing case can be run again.
struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

/// A small file of our own: two claims of one subscriber, valid.
enum Fixture {
  static let claim = """
    ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*PREMIA         *250301*1200*^*00501*000000001*0*T*:~
    GS*HC*SUBMITTER*PREMIA*20250301*1200*1*X*005010X222A1~
    ST*837*0001*005010X222A1~
    BHT*0019*00*REF1*20250301*1200*CH~
    NM1*41*2*CLEARING HOUSE*****46*12345~
    PER*IC*HELP DESK*TE*8005551212~
    NM1*40*2*PREMIA*****46*99999~
    HL*1**20*1~
    NM1*85*2*RIVERSIDE PRACTICE*****XX*1234567893~
    N3*100 MAIN STREET~
    N4*ALBANY*NY*122070001~
    REF*EI*123456789~
    HL*2*1*22*0~
    SBR*P*18*******CI~
    NM1*IL*1*MARTINEZ*JOSEPHINE****MI*W100~
    N3*42 WALLABY WAY~
    N4*TROY*NY*12180~
    DMG*D8*19800704*F~
    NM1*PR*2*PREMIA*****PI*99999~
    CLM*C1*245.5***11:B:1*Y*A*Y*Y~
    HI*ABK:J0390~
    LX*1~
    SV1*HC:99213:25*245.5*UN*1***1~
    DTP*472*D8*20250115~
    CLM*C2*80***11:B:1*Y*A*Y*Y~
    HI*ABK:J0390*ABF:R509~
    LX*1~
    SV1*HC:99212*80*UN*1***1:2~
    DTP*472*RD8*20250116-20250117~
    SE*28*0001~
    GE*1*1~
    IEA*1*000000001~
    """

  /// The same with another text in the place of one, and SE01 counted anew where asked.
  static func claim(replacing old: String, with new: String, recount: Bool = true) -> String {
    let text = claim.replacingOccurrences(of: old, with: new)
    guard recount else { return text }
    let segments = text.split(separator: "~").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    guard let start = segments.firstIndex(where: { $0.hasPrefix("ST*") }),
      let end = segments.firstIndex(where: { $0.hasPrefix("SE*") })
    else { return text }
    return text.replacingOccurrences(of: "SE*28*", with: "SE*\(end - start + 1)*")
  }
}
