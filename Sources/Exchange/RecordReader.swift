// The records of a file as this door takes them: a family of an 834, a claim of an 837P, the lines of an 820 for one
// person or organisation. Memory holds one of them.

import X12

/// One thing to take in.
enum ImportRecord: Sendable {
  /// A subscriber's loop 2000 and those of the dependants that follow it.
  case family([LoopRecord])
  /// A loop 2300.
  case claim(LoopRecord)
  /// A loop 2000 of an 820.
  case payment(LoopRecord)

  var first: LoopRecord {
    switch self {
    case .family(let members): members[0]
    case .claim(let record), .payment(let record): record
    }
  }
}

/// Reads records, from a cursor on.
struct RecordReader: ~Copyable {
  /// More loops of one family are taken for another family, so that a file cannot fill the memory.
  private static let mostMembers = 100

  private var loops: LoopReader
  private let profiles: PartnerProfiles
  private var ahead: LoopRecord?
  private var hasStarted = false
  /// Where to go on once all that was read is done.
  private(set) var next: RecordCursor

  /// - Parameter isWanted: whether a transaction, by its place in the file, is taken.
  init(
    path: String, guides: GuideLibrary, profiles: PartnerProfiles, from start: RecordCursor,
    isWanted: @escaping (Int) -> Bool
  ) throws(X12SyntaxError) {
    loops = LoopReader(reader: try X12Reader(path: path), guides: guides, start: start) { header in
      FileDoor.transactions.contains(header.transaction) && isWanted(header.index)
    }
    self.profiles = profiles
    next = start
  }

  mutating func read() throws(X12SyntaxError) -> ImportRecord? {
    if !hasStarted {
      hasStarted = true
      ahead = try loops.next()
    }
    guard let first = ahead else { return nil }
    next = first.next
    ahead = try loops.next()
    guard first.transaction.transaction == "834" else {
      return first.transaction.transaction == "820" ? .payment(first) : .claim(first)
    }
    var members = [first]
    let number = subscriberNumber(of: first)
    while let member = ahead, number != nil, members.count < Self.mostMembers, continues(member, number, after: first) {
      members.append(member)
      next = member.next
      ahead = try loops.next()
    }
    return .family(members)
  }

  private func continues(_ member: LoopRecord, _ number: String?, after first: LoopRecord) -> Bool {
    member.transaction.index == first.transaction.index && member.loop.first("INS")?[1] == "N"
      && first.loop.first("INS")?[1] == "Y" && subscriberNumber(of: member) == number
  }

  private func subscriberNumber(of record: LoopRecord) -> String? {
    record.partner(in: profiles)?.subscriberNumber.firstValue(in: record.loop)
  }
}

extension LoopRecord {
  /// The partner whose file this is.
  func partner(in profiles: PartnerProfiles) -> PartnerProfile? {
    guard let interchange, let group else { return nil }
    return profiles.partner(of: interchange, group: group)
  }
}

extension [PartnerProfile.Source] {
  /// The first of them that the member's loop has.
  func firstValue(in loop: Loop) -> String? {
    for source in self {
      if let value = source.value(in: loop) { return value }
    }
    return nil
  }
}

extension PartnerProfile.Source {
  func value(in loop: Loop) -> String? {
    switch segment {
    case .reference:
      return loop.first("REF", qualifier: qualifier)?[2]
    case .name:
      let name = loop.child("2100A")?.first("NM1")
      return name?[8] == qualifier ? name?[9] : nil
    }
  }
}
