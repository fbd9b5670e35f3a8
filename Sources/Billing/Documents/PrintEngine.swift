// The program that makes a PDF of a page: WeasyPrint, which knows the half of CSS that is for print. It reads nothing
// from elsewhere for a page that names nothing elsewhere.

import Foundation
import Kernel
import Synchronization

/// A print engine of the machine.
public final class PrintEngine: Sendable {
  private let program: String
  /// Where programs are looked for, first to last.
  private let folders: [String]
  private let running = Mutex(0)

  /// - Parameter program: takes the file of a page and the file of the PDF to be written.
  public convenience init(program: String = "weasyprint") {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    self.init(program: program, folders: path.split(separator: ":").map(String.init))
  }

  init(program: String, folders: [String]) {
    self.program = program
    self.folders = folders
  }

  /// Whether there is such a program.
  var isInstalled: Bool { place != nil }

  private var place: String? {
    folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The page as PDF, on paper of the size that the page names.
  ///
  /// - Throws: `Problem` where there is no such program, it is busy, or it fails.
  func pdf(of page: String) async throws(Problem) -> [UInt8] {
    guard let place else {
      throw Problem(
        kind: .unavailable, code: "billing.no_print_engine",
        detail: "There is no '\(program)' on this machine, which makes PDFs.",
        remedy: "Install the packages of scripts/system-packages, or take the page as HTML and print that.")
    }
    let mayRun = running.withLock { running in
      guard running < Self.mostAtOnce else { return false }
      running += 1
      return true
    }
    guard mayRun else {
      throw Problem(
        kind: .exhausted, code: "billing.press_busy", detail: "\(Self.mostAtOnce) PDFs are being made at once.",
        remedy: "Ask again in a few seconds.")
    }
    defer { running.withLock { $0 -= 1 } }
    // A thread of its own: it waits for a program.
    let made: Result<[UInt8], Problem> = await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in continuation.resume(returning: print(page, with: place)) }
    }
    return try made.get()
  }

  private func print(_ page: String, with place: String) -> Result<[UInt8], Problem> {
    do {
      let folder = FileManager.default.temporaryDirectory.appending(path: "premia-press-\(UUID().uuidString)")
      // Names and addresses: for nobody else to read.
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      defer { try? FileManager.default.removeItem(at: folder) }
      let (source, target) = (folder.appending(path: "page.html"), folder.appending(path: "page.pdf"))
      try Data(page.utf8).write(to: source)
      let process = Process()
      process.executableURL = URL(filePath: place)
      process.arguments = [source, target].map { $0.path(percentEncoded: false) }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      let deadline = ContinuousClock.now + Self.longest
      while process.isRunning {
        if ContinuousClock.now > deadline { process.terminate() }
        Thread.sleep(forTimeInterval: 0.01)
      }
      guard process.terminationReason == .exit, process.terminationStatus == 0 else {
        return .failure(failed("ended with status \(process.terminationStatus)"))
      }
      return .success(Array(try Data(contentsOf: target)))
    } catch {
      return .failure(failed("cannot be used: \(error)"))
    }
  }

  private func failed(_ why: String) -> Problem {
    Problem(
      kind: .internalFault, code: "billing.print_failed", detail: "'\(program)' \(why).",
      remedy: "Take the page as HTML, and report this.")
  }

  /// Each takes about a second of one core and 100 MB.
  private static let mostAtOnce = 4
  private static let longest: Duration = .seconds(60)
}
