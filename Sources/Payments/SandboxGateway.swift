// The built-in gateway. It keeps nothing: every answer follows from the charge alone, so it is the same after a
// restart, for a key asked twice, and on every machine. The scripts are in this folder's README.

import Kernel

/// A gateway whose answers are written in the token. It moves no money.
public struct SandboxGateway: Gateway {
  public init() {}

  public func charge(_ charge: Charge) async -> GatewayAnswer {
    let script = Script(charge.token)
    return script.losesTheAnswer(of: charge) ? .unknown : script.outcome(of: charge)
  }

  /// Every charge that is asked for counts as arrived; so a lost answer is found here.
  public func lookUp(_ charge: Charge) async -> GatewayAnswer? { Script(charge.token).outcome(of: charge) }

  public func send(_ transfer: Transfer) async -> GatewayAnswer {
    .posted(reference: Self.trace(of: transfer.key))
  }

  public func lookUp(_ transfer: Transfer) async -> GatewayAnswer? { await send(transfer) }

  /// 15 digits, as in an ACH entry: eight that would name the bank, seven that number the entry.
  static func trace(of key: String) -> String {
    var random = SplitMix64(seed: 0, label: "trace/\(key)")
    let digits = String(random.next() % 1_000_000_000_000_000)
    return String(repeating: "0", count: 15 - digits.count) + digits
  }
}

/// What a token's text says is to happen.
enum Script: Hashable, Sendable {
  case ok
  /// Declined with the code on the first `times` attempts of an invoice, then posted; nil for ever.
  case decline(code: String, times: Int?)
  /// Declined with 51 on the first attempt in every `every`th month; `phase` moves the month.
  case failEvery(Int, phase: Int)
  /// The answer to the charge is lost; a look-up finds what the rest says.
  indirect case timeout(then: Script)
  /// No script: as an issuer answers that knows no such account.
  case unscripted

  init(_ token: Token) {
    let words = token.description.split(separator: "_").map(String.init)
    self = words.starts(with: ["tok", "sandbox"]) ? Self.read(words.dropFirst(2)) : .unscripted
  }

  /// What follows a script belongs to nobody: it lets each member have a token of its own.
  private static func read(_ words: ArraySlice<String>) -> Script {
    let rest = words.dropFirst()
    switch words.first {
    case "ok":
      return .ok
    case "decline":
      guard let code = rest.first else { return .unscripted }
      return .decline(code: code.uppercased(), times: declinesBeforeOk(rest.dropFirst()))
    case "fail":
      guard rest.first == "every", let every = rest.dropFirst().first.flatMap(Int.init), every > 0 else {
        return .unscripted
      }
      return .failEvery(every, phase: rest.dropFirst(2).first.flatMap(Int.init) ?? 0)
    case "timeout":
      return rest.first == "then" ? .timeout(then: read(rest.dropFirst())) : .unscripted
    default:
      return .unscripted
    }
  }

  private static func declinesBeforeOk(_ words: ArraySlice<String>) -> Int? {
    if words.starts(with: ["then", "ok"]) { return 1 }
    return words.starts(with: ["twice", "then", "ok"]) ? 2 : nil
  }

  func losesTheAnswer(of charge: Charge) -> Bool {
    switch self {
    case .timeout: true
    case .ok, .decline, .failEvery, .unscripted: false
    }
  }

  func outcome(of charge: Charge) -> GatewayAnswer {
    switch self {
    case .ok:
      return .posted(reference: SandboxGateway.trace(of: charge.key))
    case .decline(let code, let times):
      if let times, charge.attempt > times { return Script.ok.outcome(of: charge) }
      return .declined(code: code)
    case .failEvery(let every, let phase):
      let (year, month, _) = charge.dueMonth.components
      let fails = charge.attempt == 1 && (year * 12 + month + phase % every) % every == 0
      return fails ? .declined(code: "51") : Script.ok.outcome(of: charge)
    case .timeout(let then):
      return then.outcome(of: charge)
    case .unscripted:
      return .declined(code: "14")
    }
  }
}
