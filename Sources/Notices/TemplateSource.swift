// The text of one template file, checked tag by tag before it is used.

/// A template file.
struct TemplateSource {
  let file: String
  /// "welcome.v1": the name of the file without its ending.
  let key: String
  /// Nil for a part that letters share, such as the page.
  let template: Template?
  let version: Int
  let text: String

  /// - Throws: `BadTemplate` where the file's name has no version.
  init(file: String, text: String) throws(BadTemplate) {
    let parts = file.dropLast(NoticeTemplates.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].first == "v", let version = Int(parts[1].dropFirst()),
      version > 0
    else {
      throw BadTemplate(file: file, reason: "is not named like name.v1\(NoticeTemplates.suffix)")
    }
    self.file = file
    self.text = text
    self.version = version
    key = parts.joined(separator: ".")
    template = Template(rawValue: String(parts[0]))
  }

  /// - Parameter partials: the keys of all files.
  /// - Throws: `BadTemplate` for a field that letters of the kind do not have, a value that would not be escaped, and a
  ///   part that is not there.
  func check(partials: Set<String>) throws(BadTemplate) {
    let known = Template.commonFields.union(template?.fields ?? [])
    for tag in try tags() {
      switch tag.sigil {
      case nil, "#", "^":
        guard tag.name == "." || known.contains(tag.name) else {
          throw BadTemplate(file: file, reason: "line \(tag.line) has the unknown field '\(tag.name)'")
        }
      case "<", ">":
        guard partials.contains(tag.name) else {
          throw BadTemplate(file: file, reason: "line \(tag.line) includes '\(tag.name)', which is not there")
        }
      case "/", "$", "!": break
      case let sigil?:
        throw BadTemplate(
          file: file, reason: "line \(tag.line) uses '{{\(sigil)', which letters may not: every value is escaped")
      }
    }
  }

  private struct Tag {
    let sigil: Character?
    let name: String
    let line: Int
  }

  private func tags() throws(BadTemplate) -> [Tag] {
    var tags: [Tag] = []
    var line = 1
    var rest = text[...]
    while let opening = rest.firstRange(of: "{{") {
      line += rest[..<opening.lowerBound].count(where: \.isNewline)
      let inside = rest[opening.upperBound...]
      guard let closing = inside.firstRange(of: "}}") else {
        throw BadTemplate(file: file, reason: "line \(line) opens a tag that does not end")
      }
      let content = inside[..<closing.lowerBound].drop(while: \.isWhitespace)
      let sigil = content.first.flatMap { $0.isLetter || $0 == "." ? nil : $0 }
      let name = (sigil == nil ? content : content.dropFirst()).filter { !$0.isWhitespace }
      tags.append(Tag(sigil: sigil, name: name, line: line))
      line += content.count(where: \.isNewline)
      rest = inside[closing.upperBound...]
    }
    return tags
  }
}
