// The templates of letters: files `name.vN.mustache`, of which the highest version is used for new letters and every
// version is kept for the old ones. All that could go wrong at a member's desk is refused when they are loaded.

import Foundation
public import Kernel
import Mustache

/// A template that cannot be used.
public struct BadTemplate: Refusal, Hashable {
  public let file: String
  public let reason: String

  public var problem: Problem {
    Problem(
      kind: .invalid, code: "notices.bad_template", detail: "\(file): \(reason).",
      remedy: "Correct the file and start again.", fields: [file: reason])
  }
}

/// A loaded library of templates and the words of reason codes.
public struct NoticeTemplates: Sendable {
  package let reasons: Reasons
  private let library: MustacheLibrary
  /// The highest version of each template's files.
  private let current: [Template: Int]

  /// - Throws: `BadTemplate` for the first file that cannot be used, in the order of their names.
  init(in directory: String) throws(BadTemplate) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    } catch {
      throw BadTemplate(file: directory, reason: "cannot be listed (\(error.localizedDescription))")
    }
    reasons = try Self.reasons(in: directory)
    let files = names.filter { $0.hasSuffix(Self.suffix) }
    var library = MustacheLibrary()
    var current: [Template: Int] = [:]
    for file in files {
      let source = try TemplateSource(file: file, text: try Self.text(of: file, in: directory))
      try source.check(partials: Set(files.map { String($0.dropLast(Self.suffix.count)) }))
      do {
        try library.register(source.text, named: source.key)
      } catch let error as MustacheTemplate.ParserError {
        throw BadTemplate(file: file, reason: "line \(error.context.lineNumber) is not Mustache (\(error.error))")
      } catch {
        throw BadTemplate(file: file, reason: "is not Mustache (\(error))")
      }
      if let template = source.template { current[template] = max(current[template] ?? 0, source.version) }
    }
    for template in Template.allCases where current[template] == nil {
      throw BadTemplate(file: "\(template.name).v1\(Self.suffix)", reason: "is missing from \(directory)")
    }
    self.library = library
    self.current = current
  }

  /// The version that a new letter is written with.
  package func version(of template: Template) -> Int {
    guard let version = current[template] else { preconditionFailure("\(template.name) was loaded without a version") }
    return version
  }

  /// The page. Everything filled in is escaped.
  ///
  /// - Throws: `BadTemplate` where the version that the letter was written with is gone.
  package func page(of notice: Notice.Sent, policyNumber: String) throws(BadTemplate) -> String {
    let letter = notice.letter
    var content: [String: Any] = letter.fields
    for (name, list) in letter.lists { content[name] = list }
    content["subject"] = letter.subject
    content["policyNumber"] = policyNumber
    content["sentOn"] = notice.on.inWords
    let key = "\(letter.template.name).v\(notice.templateVersion)"
    guard let page = library.render(content, withTemplate: key) else {
      throw BadTemplate(file: key + Self.suffix, reason: "is gone, and letters were written with it")
    }
    return page
  }

  static let suffix = ".mustache"

  private static func text(of file: String, in directory: String) throws(BadTemplate) -> String {
    do {
      return try String(contentsOf: URL(filePath: directory).appending(path: file), encoding: .utf8)
    } catch {
      throw BadTemplate(file: file, reason: "cannot be read as UTF-8 (\(error.localizedDescription))")
    }
  }

  private static func reasons(in directory: String) throws(BadTemplate) -> Reasons {
    let file = "reasons.json"
    let text = try text(of: file, in: directory)
    do {
      return try JSONDecoder().decode(Reasons.self, from: Data(text.utf8))
    } catch {
      throw BadTemplate(file: file, reason: "is not the words of reason codes (\(error))")
    }
  }
}
