// One process writes a file. The kernel drops the lock when its holder ends, however it ends.

import Runtime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An exclusive lock, held as long as the value lives, at most as long as the process.
///
/// It is `flock` on a file of its own: SQLite's locks are POSIX locks on the data file, which are lost when any
/// descriptor of that file is closed. The lock file stays; it means nothing without the lock.
final class FileLock: Sendable {
  private let descriptor: Int32

  /// - Throws: `.unavailable` where somebody else holds it, in this process or another.
  init(path: String, of name: String) throws(StoreFailure) {
    // Not inherited: a child that outlives us must not keep the file.
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw .unavailable("\(path): \(String(cString: strerror(errno)))") }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(opened)
      throw .unavailable(
        code == EWOULDBLOCK ? "\(name) is in use by another process" : "\(path): \(String(cString: strerror(code)))")
    }
    descriptor = opened
  }

  deinit { close(descriptor) }
}
