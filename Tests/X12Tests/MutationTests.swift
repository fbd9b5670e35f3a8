import Testing
import X12

/// Damages a valid file in one seeded way.
struct Mutation: CustomTestStringConvertible, Sendable {
  enum Kind: CaseIterable {
    case segmentDropped, segmentRepeated, segmentsSwapped, elementEmptied, elementTooLong, codeChanged, dateChanged,
      countChanged
  }

  let seed: Int
  let kind: Kind
  let text: String
  let note: String
  var testDescription: String { "seed \(seed): \(kind) \(note)" }

  init(seed: Int, of original: String) {
    var chance = Chance(state: UInt64(seed))
    let kind = Kind.allCases[seed % Kind.allCases.count]
    var segments = original.split(separator: "~").map { $0.filter { $0 != "\n" } }.filter { !$0.isEmpty }
    let start = segments.firstIndex { $0.hasPrefix("ST*") } ?? 0
    let end = segments.firstIndex { $0.hasPrefix("SE*") } ?? segments.count - 1
    let index = Int.random(in: start + 1..<end, using: &chance)
    var note = segments[index]
    var elements = segments[index].split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    let element = Int.random(in: 1..<elements.count, using: &chance)
    switch kind {
    case .segmentDropped: segments.remove(at: index)
    case .segmentRepeated: segments.insert(segments[index], at: index)
    case .segmentsSwapped: if index + 1 < end { segments.swapAt(index, index + 1) }
    case .elementEmptied: elements[element] = ""
    case .elementTooLong: elements[element] += String(repeating: "9", count: 100)
    case .codeChanged: elements[element] = "QQ"
    case .dateChanged:
      if let dated = segments.firstIndex(where: { $0.contains("D8*") }) {
        note = segments[dated]
        segments[dated] = String(segments[dated].dropLast(4)) + "0231"
      }
    case .countChanged: segments[end] = "SE*99*" + (segments[end].split(separator: "*").last ?? "")
    }
    if [.elementEmptied, .elementTooLong, .codeChanged].contains(kind) {
      while elements.last == "" { elements.removeLast() }
      note += " element \(element)"
      segments[index] = elements.joined(separator: "*")
    }
    let closing = segments.firstIndex { $0.hasPrefix("SE*") } ?? 0
    if kind != .countChanged {
      let number = segments[closing].split(separator: "*").last ?? ""
      segments[closing] = "SE*\(closing - start + 1)*\(number)"
    }
    self.seed = seed
    self.kind = kind
    self.note = note
    text = segments.joined(separator: "~\n") + "~\n"
  }
}

@Suite("Damaged files")
struct MutationTests {
  @Test("Are read to the end, and their acknowledgement is valid", arguments: 0..<400)
  func neverCrashes(seed: Int) throws {
    let mutation = Mutation(seed: seed, of: Fixture.claim)
    let reading = try Reading(mutation.text)
    #expect(reading.transactions.count == 1 && reading.interchanges.count == 1)
    if [.dateChanged, .countChanged].contains(mutation.kind) { #expect(reading.refuses) }
    let bytes = try AcknowledgementTests.acknowledge([UInt8](mutation.text.utf8))
    #expect(try Reading(bytes).summary == [], "\(mutation.testDescription)")
  }

  @Test(
    "Are refused where another validator refuses them",
    .enabled(if: ReferenceValidator.command != nil, "the reference validator is not installed"))
  func agreement() throws {
    let files =
      [Fixture.claim] + (try ["10_834", "02_837P"].flatMap { try Samples.names(containing: $0).map(Samples.text) })
    for seed in 0..<24 {
      for file in files {
        let mutation = Mutation(seed: seed, of: file)
        let complaints = try ReferenceValidator.complaints(about: [UInt8](mutation.text.utf8))
        let reading = try Reading(mutation.text)
        #expect(complaints.isEmpty || reading.refuses, "\(mutation.testDescription)\n\(complaints)")
      }
    }
  }
}
