// Who a process is on the network, and whom it trusts: mutual TLS.

import FoundationEssentials
import GRPCNIOTransportHTTP2
import Kernel

/// What proves who a process is, in PEM files.
public struct Identity: Hashable, Sendable {
  /// The certificate and those between it and the authority, made out (as DNS name) to the name of the context.
  public let certificate: String
  public let key: String
  /// The certificates of those who vouch for everybody that this process talks to.
  public let authority: String

  public init(certificate: String, key: String, authority: String) {
    self.certificate = certificate
    self.key = key
    self.authority = authority
  }
}

/// How calls across the network are kept safe.
public enum Security: Hashable, Sendable {
  /// Both sides show certificates of their authority, and accept nobody without.
  case mutual(Identity)
  /// Anybody may listen and call: on loopback only, for development.
  case plaintext
}

extension Security {
  func client(reaching addresses: [Address]) throws(Problem) -> HTTP2ClientTransport.Posix.TransportSecurity {
    switch self {
    case .mutual(let identity):
      try identity.check()
      return .mTLS(
        certificateChain: [.file(path: identity.certificate, format: .pem)],
        privateKey: .file(path: identity.key, format: .pem)
      ) { tls in
        tls.trustRoots = .certificates([.file(path: identity.authority, format: .pem)])
        tls.serverCertificateVerification = .fullVerification
      }
    case .plaintext:
      try requireLoopback(addresses)
      return .plaintext
    }
  }

  func server(at address: Address) throws(Problem) -> HTTP2ServerTransport.Posix.TransportSecurity {
    switch self {
    case .mutual(let identity):
      try identity.check()
      return .mTLS(
        certificateChain: [.file(path: identity.certificate, format: .pem)],
        privateKey: .file(path: identity.key, format: .pem)
      ) { tls in
        tls.trustRoots = .certificates([.file(path: identity.authority, format: .pem)])
        // Callers come from anywhere; what counts is the name in their certificate.
        tls.clientCertificateVerification = .noHostnameVerification
        tls.requireALPN = true
      }
    case .plaintext:
      try requireLoopback([address])
      return .plaintext
    }
  }

  private func requireLoopback(_ addresses: [Address]) throws(Problem) {
    if let open = addresses.first(where: { !$0.isLoopback }) {
      throw .security("without certificates calls go over loopback only, and \(open) is none")
    }
  }
}

extension Identity {
  /// - Throws: `Problem` naming the file that cannot be read.
  fileprivate func check() throws(Problem) {
    for path in [certificate, key, authority] where !FileManager.default.isReadableFile(atPath: path) {
      throw .security("there is no file at \(path) that can be read")
    }
  }
}

extension Problem {
  static func security(_ why: String) -> Problem {
    Problem(
      kind: .precondition, code: "call.security", detail: "Calls to other contexts cannot be kept safe: \(why).",
      remedy: "Correct the paths of the certificate, its key and the authority, or what is in them.")
  }
}
