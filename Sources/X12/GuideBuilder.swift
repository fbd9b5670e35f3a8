/// Lays a parsed guide out as tables.
struct GuideBuilder {
  let name: String
  let dictionary: GuideDictionary
  let recordLoops: [String]

  private(set) var loops: [GuideLoop] = []
  private(set) var nodes: [GuideNode] = []
  private(set) var groups: [NodeGroup] = []
  private(set) var candidates: [Int32] = []
  private(set) var required: [Int32] = []
  private(set) var segments: [SegmentSpec] = []
  private(set) var elements: [ElementSpec] = []
  private(set) var relations: [RelationSpec] = []
  private(set) var codes: [UInt64] = []
  private var knownSets: [[UInt64]: CodeSet] = [:]

  init(name: String, dictionary: GuideDictionary, recordLoops: [String]) {
    self.name = name
    self.dictionary = dictionary
    self.recordLoops = recordLoops
  }

  mutating func build(_ items: [GuideItem]) throws(GuideError) {
    _ = try addLoop("", items, opening: -1)
  }

  /// Adds a loop and everything below it; returns its index.
  private mutating func addLoop(_ id: String, _ items: [GuideItem], opening: Int32) throws(GuideError) -> Int32 {
    let index = loops.count
    let first = Int32(nodes.count)
    loops.append(
      GuideLoop(
        id: id, nodes: first..<first, groups: 0..<0, required: 0..<0, opening: opening, holdsRecords: false))
    var sequence: UInt16 = 0
    for item in items {
      if !item.isAtSamePlace { sequence += 1 }
      nodes.append(try node(item, sequence))
    }
    let range = first..<Int32(nodes.count)
    loops[index].nodes = range
    loops[index].groups = addGroups(range, isRoot: opening < 0)
    let start = Int32(required.count)
    required += range.filter { nodes[Int($0)].usage == .required }
    loops[index].required = start..<Int32(required.count)
    for (offset, item) in items.enumerated() {
      guard let children = item.children else { continue }
      let node = Int(first) + offset
      let child = try addLoop(item.id, children, opening: nodes[node].segment)
      nodes[node].loop = child
      if recordLoops.contains(item.id) || loops[Int(child)].holdsRecords { loops[index].holdsRecords = true }
    }
    return Int32(index)
  }

  /// Groups a loop's nodes by identifier. The segment that opens the loop is left out: seen again, it opens the next
  /// repetition, which is for the loop above to count.
  private mutating func addGroups(_ range: Range<Int32>, isRoot: Bool) -> Range<Int32> {
    let start = Int32(groups.count)
    var done: Set<SegmentID> = []
    let members = isRoot ? range : range.dropFirst()
    for index in members where done.insert(nodes[Int(index)].id).inserted {
      let id = nodes[Int(index)].id
      let lower = Int32(candidates.count)
      candidates += members.filter { nodes[Int($0)].id == id }
      groups.append(NodeGroup(id: id, nodes: lower..<Int32(candidates.count)))
    }
    return start..<Int32(groups.count)
  }

  private mutating func node(_ item: GuideItem, _ sequence: UInt16) throws(GuideError) -> GuideNode {
    var source = item
    while let children = source.children {
      guard let first = children.first else { throw failure(item, "a loop must start with a segment") }
      source = first
    }
    let segment = try addSegment(source)
    var node = GuideNode(
      id: SegmentID(source.id), segment: segment, loop: -1, usage: item.usage, sequence: sequence,
      maximum: item.maximum)
    for (offset, word) in source.words.enumerated() {
      let isInComposite = word.components.first?.isKey ?? false
      guard word.isKey || isInComposite else { continue }
      let spec = elements[Int(segments[Int(segment)].elements.lowerBound) + offset]
      node.keyElement = UInt8(offset + 1)
      node.isKeyInComposite = isInComposite
      node.keyCodes = isInComposite ? elements[Int(spec.components.lowerBound)].codes : spec.codes
    }
    return node
  }

  private mutating func addSegment(_ item: GuideItem) throws(GuideError) -> Int32 {
    guard let definition = dictionary.segments[item.id] else { throw failure(item, "unknown segment \(item.id)") }
    let specs = try elementSpecs(item, item.words, definition.elements)
    let first = Int32(elements.count)
    elements += specs
    let firstRelation = Int32(relations.count)
    relations += definition.relations
    segments.append(
      SegmentSpec(
        id: SegmentID(item.id), elements: first..<Int32(elements.count),
        relations: firstRelation..<Int32(relations.count), requiredCount: Self.requiredCount(specs)))
    return Int32(segments.count - 1)
  }

  private static func requiredCount(_ specs: [ElementSpec]) -> UInt8 {
    UInt8((specs.lastIndex { $0.usage == .required } ?? -1) + 1)
  }

  private mutating func elementSpecs(
    _ item: GuideItem, _ words: [ElementWord], _ names: [String]
  ) throws(GuideError) -> [ElementSpec] {
    guard words.count <= names.count else { throw failure(item, "\(item.id) has only \(names.count) elements") }
    var specs: [ElementSpec] = []
    for (offset, name) in names.enumerated() {
      let word = offset < words.count ? words[offset] : ElementWord(usage: .notUsed)
      if let components = dictionary.composites[name] {
        let parts = try elementSpecs(item, word.components, components)
        let first = Int32(elements.count)
        elements += parts
        specs.append(
          ElementSpec(
            usage: word.usage, type: .composite, reference: 0, minimum: 0, maximum: .max, repeats: word.repeats,
            components: first..<Int32(elements.count), requiredCount: Self.requiredCount(parts)))
      } else if let element = dictionary.elements[name] {
        specs.append(
          ElementSpec(
            usage: word.usage, type: element.type, reference: element.reference, minimum: element.minimum,
            maximum: element.maximum, repeats: word.repeats, codes: try codeSet(item, word.codes)))
      } else {
        throw failure(item, "the dictionary has no element \(name)")
      }
    }
    return specs
  }

  private mutating func codeSet(_ item: GuideItem, _ words: [String]) throws(GuideError) -> CodeSet {
    if words.isEmpty { return CodeSet() }
    var values: Set<UInt64> = []
    for word in words {
      if word.hasPrefix("@") {
        guard let list = dictionary.lists[String(word.dropFirst())] else { throw failure(item, "no list \(word)") }
        values.formUnion(list.map { PackedCode.pack($0) })
      } else {
        values.insert(PackedCode.pack(String(word.map { $0 == "_" ? " " : $0 })))
      }
    }
    let sorted = values.sorted()
    if let known = knownSets[sorted] { return known }
    let set = CodeSet(lower: Int32(codes.count), upper: Int32(codes.count + sorted.count))
    codes += sorted
    knownSets[sorted] = set
    return set
  }

  private func failure(_ item: GuideItem, _ reason: String) -> GuideError {
    GuideError(file: name, line: item.line, reason: reason)
  }
}
