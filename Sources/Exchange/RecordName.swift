// The name of one record of one file: what makes every call about it safe to repeat.

import Courier
import GRPCCore
import Kernel
import Runtime
import X12

struct RecordName: Sendable {
  let file: StreamID
  let sha256: String
  let partner: PartnerProfile
  let interchange: String
  let cursor: RecordCursor

  init(_ record: LoopRecord, of file: StreamID, sha256: String, partner: PartnerProfile) {
    self.file = file
    self.sha256 = sha256
    self.partner = partner
    interchange = record.transaction.interchangeControlNumber
    cursor = record.cursor
  }

  var place: FileImport.Cursor { FileImport.Cursor(transaction: cursor.transaction, record: cursor.record) }

  /// Such as `x12:acme:000010216/0/3`.
  var lineage: String { "\(partner.lineage):\(interchange)/\(cursor.transaction)/\(cursor.record)" }

  /// The same step of the same record of the same content has the same key, whenever it is done.
  func key(_ step: String) -> String { "\(sha256)/\(cursor.transaction).\(cursor.record)/\(step)" }

  /// Makes one call in the name of the record, once.
  ///
  /// - Throws: `Problem`; see `Problem.stopsBulkWork`.
  func call<Answer: Sendable>(_ step: String, _ body: () async throws -> Answer) async throws(Problem) -> Answer {
    let act = Act(
      correlation: "\(file)/\(cursor.transaction).\(cursor.record)", causation: key(step), actor: partner.name,
      lineage: lineage)
    return try await ask { try await Carriage.with(act, key: key(step), body) }
  }
}
