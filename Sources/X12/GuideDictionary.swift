// The standard that guides build on, read from `dictionary.x12`:
//
//     element 66 ID 1 2             reference number, type, shortest, longest
//     composite C003 235 234 …      its components, by element
//     segment NM1 98 1065 … ; P0809 its elements, then its relations
//     list states AK AL …           codes kept by others, referred to as @states

/// An element as the standard defines it, before a guide narrows it.
struct ElementDefinition {
  let reference: UInt16
  let type: ElementType
  let minimum: UInt16
  let maximum: UInt16
}

struct GuideDictionary {
  private(set) var elements: [String: ElementDefinition] = [:]
  private(set) var composites: [String: [String]] = [:]
  private(set) var segments: [String: (elements: [String], relations: [RelationSpec])] = [:]
  private(set) var lists: [String: [String]] = [:]
  private static let file = "dictionary.x12"

  init(text: String) throws(GuideError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(separator: " ").map(String.init)
      guard let kind = words.first, !kind.hasPrefix("#") else { continue }
      guard words.count >= 2, read(kind, words) else {
        throw GuideError(file: Self.file, line: index + 1, reason: "\"\(line)\" is not understood")
      }
    }
  }

  private mutating func read(_ kind: String, _ words: [String]) -> Bool {
    let name = words[1]
    let rest = Array(words.dropFirst(2))
    switch kind {
    case "element":
      guard rest.count == 3, let reference = UInt16(name), let type = ElementType(word: rest[0]),
        let minimum = UInt16(rest[1]), let maximum = UInt16(rest[2])
      else { return false }
      elements[name] = ElementDefinition(reference: reference, type: type, minimum: minimum, maximum: maximum)
    case "composite":
      composites[name] = rest
    case "segment":
      let parts = rest.split(separator: ";", omittingEmptySubsequences: false)
      var relations: [RelationSpec] = []
      for word in parts.count > 1 ? parts[1] : [] {
        guard let relation = RelationSpec(word: word) else { return false }
        relations.append(relation)
      }
      segments[name] = (Array(parts[0]), relations)
    case "list":
      lists[name] = rest
    case _:
      return false
    }
    return true
  }
}

extension ElementType {
  init?(word: String) {
    switch word {
    case "AN", "B": self = .text
    case "ID": self = .identifier
    case "R": self = .decimal
    case "DT": self = .date
    case "TM": self = .time
    case _ where word.hasPrefix("N"): self = .integer
    case _: return nil
    }
  }
}

extension RelationSpec {
  /// `P0304`: a letter, then element numbers of two digits each.
  init?(word: String) {
    let digits = Array(word.dropFirst())
    guard digits.count >= 4, digits.count.isMultiple(of: 2) else { return nil }
    var masks: [UInt64] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let number = UInt64(String(digits[index...index + 1])), (1...64).contains(number) else { return nil }
      masks.append(1 << (number - 1))
    }
    switch word.first {
    case "P": kind = .paired
    case "R": kind = .required
    case "E": kind = .exclusive
    case "C": kind = .conditional
    case "L": kind = .listConditional
    case _: return nil
    }
    first = masks[0]
    all = masks.reduce(0, |)
  }
}
