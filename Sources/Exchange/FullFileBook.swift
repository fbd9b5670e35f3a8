// A partner's full file as the book that agrees with it: what each policy would be quoted and applied for, for timing
// bulk work over a book that nobody took in coverage by coverage.

public import Contracts
import Courier
import Kernel
import X12

extension FileDoor {
  /// Reads the coverages of a full file. People are named by the subscriber's number and their place.
  ///
  /// - Parameters:
  ///   - size: families at a time; memory holds so many.
  ///   - body: is given what to ask for each coverage; its quote has no identifier yet.
  /// - Throws: `Problem` and `X12SyntaxError` where the file is not a partner's full file; what `body` throws.
  public func readFullFile(
    path: String, size: Int = 500,
    _ body: ([(quote: Premia_Policy_V1_QuoteRequest, application: Premia_Policy_V1_ApplyRequest)]) async throws -> Void
  ) async throws {
    var reader = try RecordReader(
      path: path, guides: guides, profiles: profiles, from: RecordCursor(transaction: 0, record: 0)
    ) { _ in true }
    while true {
      var wanted: [(quote: Premia_Policy_V1_QuoteRequest, application: Premia_Policy_V1_ApplyRequest)] = []
      while wanted.count < size, let record = try reader.read() {
        guard case .family(let members) = record, let partner = members[0].partner(in: profiles) else { continue }
        do {
          let request = try FamilyReader(profile: partner, members: members).verification()
          let parties = request.members.indices.map { "\(request.subscriberNumber)/\($0)" }
          for coverage in request.coverages {
            wanted.append((request.question(coverage), request.application(coverage, parties, of: partner)))
          }
        } catch {
          throw Problem.field("path", "has a family that cannot be read: \(error.finding.message)")
        }
      }
      if wanted.isEmpty { return }
      try await body(wanted)
    }
  }
}
