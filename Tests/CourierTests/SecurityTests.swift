import Contracts
import Courier
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Kernel
import Synchronization
import Testing

@Suite("Across the network: who may call whom")
struct SecurityTests {
  @Test("a call is answered, and the service knows the caller by the name in its certificate")
  func names() async throws {
    let caller = Mutex("")
    let service = Scripted { caller.withLock { $0 = Call.current?.caller ?? "nobody" } }
    try await connected([service]) { line, _ in
      let answer = try await line.read(7)
      #expect(answer == 7)
      #expect(caller.withLock { $0 } == "policy")
    }
  }

  @Test("a context is found by the name of its host, whatever the certificate is made out to")
  func hosts() async throws {
    let authority = try Authority.ours.get()
    try await serving([Scripted()], security: .mutual(authority.identity("billing"))) { _, address in
      let line = try Line(
        to: "billing", at: [Address(host: "localhost", port: address.port)],
        security: .mutual(authority.identity("policy")), policy: .strict)
      try await calling(line) { line in
        let answer = try await line.read(6)
        #expect(answer == 6)
      }
    }
  }

  enum Peer: String, CaseIterable {
    case clientOfAnotherAuthority = "a client that another authority vouches for"
    case serverOfAnotherAuthority = "a server that another authority vouches for"
    case expiredServer = "a server whose certificate has expired"
    case expiredClient = "a client whose certificate has expired"
    case otherName = "a server of another name"
  }

  @Test("what is not called, or not answered", arguments: Peer.allCases)
  func refused(_ peer: Peer) async throws {
    let (ours, others) = (try Authority.ours.get(), try Authority.others.get())
    var server = try ours.identity("billing")
    var client = try ours.identity("policy")
    switch peer {
    case .clientOfAnotherAuthority: client = try others.identity("policy", trusting: ours)
    case .serverOfAnotherAuthority: server = try others.identity("billing", trusting: ours)
    case .expiredServer: server = try ours.identity("billing", days: -1)
    case .expiredClient: client = try ours.identity("policy", days: -1)
    case .otherName: server = try ours.identity("claims")
    }
    let reached = Gate()
    try await serving([Scripted { reached.arrive() }], security: .mutual(server)) { _, address in
      let line = try Line(to: "billing", at: [address], security: .mutual(client), policy: .strict)
      try await calling(line) { line in
        let problem = await refusal { _ = try await line.read(within: .seconds(5)) }
        #expect(problem?.kind == .unavailable, "\(peer.rawValue): \(String(describing: problem))")
        #expect(reached.count == 0, "\(peer.rawValue) was reached")
      }
    }
  }

  @Test("a client without a certificate is refused")
  func nobody() async throws {
    let authority = try Authority.ours.get()
    let identity = try authority.identity("billing")
    let reached = Gate()
    try await serving([Scripted { reached.arrive() }], security: .mutual(identity)) { _, address in
      let transport = try HTTP2ClientTransport.Posix(
        target: .ipv4(address: address.host, port: address.port),
        transportSecurity: .tls { tls in
          tls.trustRoots = .certificates([.file(path: identity.authority, format: .pem)])
        }, config: .defaults { $0.http2.authority = "billing" })
      await #expect(throws: RPCError.self) {
        try await withGRPCClient(transport: transport) { client in
          _ = try await Premia_Common_V1_EventLog.Client(wrapping: client)
            .read(Premia_Common_V1_ReadLogRequest(), options: .within(.seconds(5)))
        }
      }
      #expect(reached.count == 0)
    }
  }

  @Test("without certificates only on loopback; with them only where they can be read")
  func settings() throws {
    let abroad = Address(host: "10.0.0.1", port: 9_090)
    let home = Address(host: "127.0.0.1", port: 9_090)
    let missing = Security.mutual(Identity(certificate: "/none", key: "/none", authority: "/none"))
    #expect(throws: Problem.self) { try Line(to: "billing", at: [abroad], security: .plaintext) }
    #expect(throws: Problem.self) { try Line(to: "billing", at: [home, abroad], security: .plaintext) }
    #expect(throws: Problem.self) { try Line(to: "billing", at: [], security: .plaintext) }
    #expect(throws: Problem.self) { try Line(to: "billing", at: [home], security: missing) }
    #expect(throws: Problem.self) { try ContextServer(services: [], at: abroad, security: .plaintext) }
    #expect(throws: Problem.self) { try ContextServer(services: [], at: home, security: missing) }
    _ = try Line(to: "billing", at: [home], security: .plaintext)
  }
}
