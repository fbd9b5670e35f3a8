// Why an amount is not paid, in the industry's code lists. Which codes stand for which reason of ours is data
// (codes.json), with the confidence of each pairing.

import Foundation
import Kernel

/// Who bears an amount that is not paid (X12 element 1033).
enum AdjustmentGroup: String, Hashable, Sendable, Codable {
  case contractual = "CO"
  case patient = "PR"
  case other = "OA"
  case payerInitiated = "PI"
}

/// Part of a charge that is not paid, and why.
struct Adjustment: Hashable, Sendable, Codable {
  var group: AdjustmentGroup
  /// Claim adjustment reason code (X12 code list 139).
  var reason: String
  /// Above zero.
  var amount: Money
}

/// Why a service is not paid at all. In the order in which a line is judged: the first that holds is given.
enum Denial: String, Hashable, Sendable, CaseIterable {
  case missingInformation
  case unidentified
  case duplicate
  case serviceInFuture
  case lateFiling
  case beforeCoverage
  case afterCoverage
  case coveragePaused
  case anotherPayers
  case notInPlan
  case otherPayerFirst
}

/// The codes that stand for our reasons.
struct Codes: Sendable {
  struct Code: Hashable, Sendable, Codable {
    var group: AdjustmentGroup
    var reason: String
  }

  struct DenialCode: Hashable, Sendable, Codable {
    var group: AdjustmentGroup
    var reason: String
    /// Remittance advice remark codes (X12 code list 411).
    var remarks: [String]
  }

  /// Named by every decision that used it, such as "claims-codes@1".
  let edition: String
  /// Days after the last day of a service within which it is to be filed.
  let timelyFilingDays: Int
  let contractual: Code
  let deductible: Code
  let coinsurance: Code
  let copay: Code
  private let denials: [Denial: DenialCode]
  private let requirements: [FiledClaim.Requirement: String]

  subscript(denial: Denial) -> DenialCode {
    guard let code = denials[denial] else { preconditionFailure("init lets no denial go without a code") }
    return code
  }

  /// The remark code of what is missing.
  func remark(for requirement: FiledClaim.Requirement) -> String {
    guard let remark = requirements[requirement] else {
      preconditionFailure("init lets no requirement go without a code")
    }
    return remark
  }
}

extension Codes {
  /// What is wrong with a file of codes.
  enum Fault: Error, Hashable {
    case unknown(String)
    case missing(String)
  }

  private struct File: Decodable {
    struct Limit: Decodable { var days: Int }

    var edition: String
    var timelyFiling: Limit
    var adjustments: [String: Code]
    var denials: [String: DenialCode]
    var requirements: [String: String]
  }

  /// - Throws: `Fault` where a reason of ours has no code or a code no reason, `DecodingError` for any other file.
  init(json: Data) throws {
    let file = try JSONDecoder().decode(File.self, from: json)
    func adjustment(_ name: String) throws(Fault) -> Code {
      guard let code = file.adjustments[name] else { throw .missing(name) }
      return code
    }
    edition = file.edition
    timelyFilingDays = file.timelyFiling.days
    contractual = try adjustment("contractual")
    deductible = try adjustment("deductible")
    coinsurance = try adjustment("coinsurance")
    copay = try adjustment("copay")
    denials = try Self.named(file.denials)
    requirements = try Self.named(file.requirements)
  }

  private static func named<Name, Value>(_ values: [String: Value]) throws(Fault) -> [Name: Value]
  where Name: RawRepresentable<String> & CaseIterable & Hashable {
    var named: [Name: Value] = [:]
    for (text, value) in values {
      guard let name = Name(rawValue: text) else { throw .unknown(text) }
      named[name] = value
    }
    for name in Name.allCases where named[name] == nil { throw .missing(name.rawValue) }
    return named
  }

  /// The codes that Premia comes with.
  static let standard: Codes = {
    do {
      guard let url = Bundle.module.url(forResource: "codes", withExtension: "json") else {
        throw Fault.missing("codes.json")
      }
      return try Codes(json: Data(contentsOf: url))
    } catch {
      preconditionFailure("the codes that come with Claims cannot be read: \(error)")
    }
  }()
}
