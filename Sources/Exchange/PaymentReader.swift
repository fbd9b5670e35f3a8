// What a loop 2000 of an 820 says was paid, in our own words: its lines, what each is for, and by which identifiers of
// the payer's it is known. Pure.

import Contracts
import Kernel
import X12

/// An amount of a remittance.
struct PaymentLine: Sendable {
  /// RMR, or ADX for what is put right of an earlier payment.
  let segment: SegmentValue
  let loopID: String
  /// Of the segment.
  let amountElement: Int
  let funds: Premia_Payments_V1_Funds
  /// The payer's identifiers, such as `CT 190206123 20270201-20270228`.
  let remark: String
  /// The identifiers that may find a policy, in order of trust.
  let names: [PayerName]
}

/// An identifier of the payer's.
struct PayerName: Sendable, Hashable {
  let value: String
  let meaning: PartnerProfile.Remittances.Meaning
}

struct PaymentReader {
  let record: LoopRecord
  let profile: PartnerProfile

  /// Whom the lines are for, as the payer names them: lines of the same are applied one after the other.
  var subject: String {
    lines.lazy.flatMap(\.names).first?.value ?? record.loop.first("ENT")?[4] ?? ""
  }

  /// Who pays, by name where it is said.
  var payer: String { record.loop("1000B")?.first("N1")?[2] ?? profile.name }

  /// The trace number of the transfer.
  var reference: String { record.ancestors.first?.first("TRN")?[2] ?? "" }

  /// A prenotification tries the way that money will go; none moves.
  var isPrenotification: Bool { record.ancestors.first?.first("BPR")?[1] == "P" }

  /// In the order of the file.
  var lines: [PaymentLine] {
    record.loop.children.compactMap { loop in
      switch loop.id {
      case "2200A", "2200B": loop.first("ADX").map { line($0, amount: 1, in: loop, premium) }
      case "2300A", "2300B": loop.first("RMR").map { line($0, amount: 4, in: loop, premium) }
      case "2300": loop.first("RMR").map { line($0, amount: 4, in: loop, funds(of: $0)) }
      case _: nil
      }
    }
  }

  /// What lines of premium are: of members, or what an employer owes for them.
  private var premium: Premia_Payments_V1_Funds {
    profile.remittances?.contributor == nil ? .memberPremium : .contribution
  }

  /// What an exchange pays is told by RMR02.
  private func funds(of segment: SegmentValue) -> Premia_Payments_V1_Funds {
    profile.remittances?.taxCredits.contains(segment[2] ?? "") == true ? .taxCredit : .otherFunds
  }

  private func line(
    _ segment: SegmentValue, amount element: Int, in loop: Loop, _ funds: Premia_Payments_V1_Funds
  ) -> PaymentLine {
    let names = (profile.remittances?.matches ?? []).compactMap { match in
      value(of: match, in: loop).map { PayerName(value: $0, meaning: match.meaning) }
    }
    var remark: [String] = []
    if segment.id == "RMR" { remark += [segment[1], segment[2]].compactMap(\.self) }
    if segment.id == "ADX" { remark += ["ADX", segment[2]].compactMap(\.self) }
    remark += names.map(\.value).filter { !remark.contains($0) }
    if let period = loop.first("DTM", qualifier: "582")?[6] { remark.append(period) }
    return PaymentLine(
      segment: segment, loopID: loop.id, amountElement: element, funds: funds,
      remark: remark.joined(separator: " "), names: names)
  }

  /// The line's own goes before that of its person.
  private func value(of match: PartnerProfile.Remittances.Match, in loop: Loop) -> String? {
    let person = record.loop.child("2100B") ?? record.loop.child("2100")
    switch match.segment {
    case .line: return loop.first("RMR", qualifier: match.qualifier)?[2]
    case .entity: return record.loop.first("ENT").flatMap { $0[3] == match.qualifier ? $0[4] : nil }
    case .name: return person?.first("NM1").flatMap { $0[8] == match.qualifier ? $0[9] : nil }
    case .reference:
      return
        (loop.first("REF", qualifier: match.qualifier)
        ?? person?.first("REF", qualifier: match.qualifier))?[2]
    }
  }

  func refusal(of line: PaymentLine, _ why: String) -> RecordRefusal {
    RecordRefusal(
      at: line.segment, line.loopID, element: line.amountElement,
      subject: reference.isEmpty ? nil : X12Finding.Context(name: "TRN02", value: reference),
      why + " (byte \(line.segment.byteOffset)).")
  }
}
