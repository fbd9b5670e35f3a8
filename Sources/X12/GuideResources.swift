import Foundation

extension GuideLibrary {
  private static let loaded = Result { () throws(GuideError) in
    let directory = Bundle.module.bundleURL.appendingPathComponent("Guides")
    return try GuideLibrary(directory: directory.path)
  }

  /// The guides that come with this module; read once.
  /// - Throws: `GuideError` when the module's resources are missing or broken.
  public static func shipped() throws(GuideError) -> GuideLibrary { try loaded.get() }

  /// Reads `dictionary.x12` and every `*.guide` of a directory.
  public init(directory: String) throws(GuideError) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    } catch {
      throw GuideError(file: directory, line: 0, reason: "the directory of guides cannot be read")
    }
    func text(_ name: String) throws(GuideError) -> String {
      guard let data = FileManager.default.contents(atPath: directory + "/" + name) else {
        throw GuideError(file: name, line: 0, reason: "the file cannot be read")
      }
      return String(decoding: data, as: UTF8.self)
    }
    var texts: [(name: String, text: String)] = []
    for name in names where name.hasSuffix(".guide") { texts.append((name, try text(name))) }
    try self.init(dictionary: try text("dictionary.x12"), guides: texts)
  }
}
