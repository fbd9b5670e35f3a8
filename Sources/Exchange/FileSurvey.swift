// The first pass over a file: what is in it, what of it may be taken, who sent it. It changes nothing.

import Crypto
import Foundation
import Kernel
import X12

/// A file by its content.
struct FileContent {
  let path: String
  /// Without its directory.
  let name: String
  let bytes: Int
  /// In hexadecimal.
  let sha256: String
  private let digest: [UInt8]
  /// Whether it begins as an interchange does.
  let beginsInterchange: Bool

  private static let chunk = 1 << 18

  /// - Throws: `Problem` where the file cannot be read.
  init(path: String) throws(Problem) {
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    var hash = SHA256()
    var size = 0
    var beginning: [UInt8] = []
    do {
      guard let file = FileHandle(forReadingAtPath: path) else { throw CocoaError(.fileReadNoSuchFile) }
      defer { try? file.close() }
      while let chunk = try file.read(upToCount: Self.chunk), !chunk.isEmpty {
        if beginning.count < 3 { beginning += chunk.prefix(3) }
        hash.update(data: chunk)
        size += chunk.count
      }
    } catch {
      throw Problem(
        kind: .notFound, code: "exchange.unreadable_file", detail: "The file \(path) cannot be read.",
        remedy: "Check its name and who may read it.", fields: ["path": path])
    }
    bytes = size
    digest = Array(hash.finalize())
    sha256 = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    beginsInterchange = beginning.starts(with: "ISA".utf8)
  }

  /// The import's name: the same content has the same.
  var id: ID<FileTag> { ID(hi: word(0), lo: word(8)) }

  /// The control number of what answers the file: one to nine digits, not zero.
  var answerNumber: Int { Int(word(16) % 999_999_999) + 1 }

  private func word(_ offset: Int) -> UInt64 {
    digest[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// What the first pass found.
struct FileSurvey {
  /// Findings that are kept for people; the 999 has them all.
  static let mostFindings = 1_000

  /// Transactions, by their place in the file, that are not taken: refused themselves, or in an envelope that is
  /// broken.
  private(set) var rejected: Set<Int> = []
  /// Transactions that this door takes and that may be taken.
  private(set) var accepted = 0
  /// The first of them.
  private(set) var transaction = ""
  /// Transactions and guides that are for other doors.
  private(set) var foreign: [String] = []
  /// Transactions that are for this door, accepted or not.
  private(set) var meant = 0
  private(set) var findings: [X12Finding] = []
  private(set) var interchanges: [FileImport.Interchange] = []
  private(set) var partner: PartnerProfile?
  /// A sender of what this door takes that is no partner, as ISA and GS name it.
  private(set) var stranger: String?

  private var transactionCount = 0
  private var groupStart = 0
  private var interchangeStart = 0
  private var current: InterchangeHeader?
  private var usesControlNumber = false

  init(path: String, guides: GuideLibrary, profiles: PartnerProfiles) throws(X12SyntaxError) {
    var validator = X12Validator(reader: try X12Reader(path: path), guides: guides)
    while let event = validator.next() { take(event, guides, profiles) }
  }

  private mutating func take(_ event: X12Event, _ guides: GuideLibrary, _ profiles: PartnerProfiles) {
    switch event {
    case .interchangeBegan(let header):
      current = header
      interchangeStart = transactionCount
      usesControlNumber = false
    case .groupBegan(let header):
      groupStart = transactionCount
      know(header, guides, profiles)
    case .transaction(let report):
      count(report, guides)
    case .groupEnded(let report):
      note(report.findings)
      if !report.findings.isEmpty { reject(from: groupStart) }
    case .interchangeEnded(let report):
      note(report.findings)
      if report.verdict == .rejected { reject(from: interchangeStart) }
      if usesControlNumber, let header = report.header, rejected.count < transactionCount {
        interchanges.append(.init(sender: header.signature, controlNumber: header.controlNumber))
      }
    }
  }

  private mutating func know(_ header: GroupHeader, _ guides: GuideLibrary, _ profiles: PartnerProfiles) {
    guard let guide = guides.guide(version: header.version), FileDoor.transactions.contains(guide.transaction),
      let current
    else { return }
    guard let profile = profiles.partner(of: current, group: header) else {
      stranger = stranger ?? "ISA06 \(current.signature), GS02 \(header.sender)"
      return
    }
    partner = partner ?? profile
    usesControlNumber = usesControlNumber || profile.controlNumbers == .unique
  }

  private mutating func count(_ report: TransactionReport, _ guides: GuideLibrary) {
    let header = report.header
    transactionCount = header.index + 1
    note(report.findings)
    if report.verdict == .rejected { rejected.insert(header.index) }
    let guide = guides.guide(version: header.version)
    guard FileDoor.transactions.contains(header.transaction), guide?.transaction == header.transaction else {
      let name = "\(header.transaction) (\(header.version))"
      if !foreign.contains(name), foreign.count < 10 { foreign.append(name) }
      return
    }
    meant += 1
    if report.verdict != .rejected {
      accepted += 1
      if transaction.isEmpty { transaction = header.transaction }
      lastAccepted.append(header.index)
    }
  }

  /// Accepted transactions of the open interchange, which may still be broken.
  private var lastAccepted: [Int] = []

  private mutating func reject(from start: Int) {
    for index in start..<max(start, transactionCount) { rejected.insert(index) }
    let before = lastAccepted.count
    lastAccepted.removeAll { $0 >= start }
    accepted -= before - lastAccepted.count
  }

  private mutating func note(_ more: [X12Finding]) {
    findings += more.prefix(Self.mostFindings - findings.count)
  }
}
