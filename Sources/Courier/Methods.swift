// What the contracts say of the methods of services.

import Contracts
import GRPCCore
import Kernel
import SwiftProtobuf

/// What the contracts say of their methods.
enum Methods {
  /// Those that only read, by their `idempotency_level`.
  ///
  /// - Throws: `Problem` where the contracts cannot be read.
  static func reads() throws(Problem) -> Set<MethodDescriptor> {
    let set: Set<MethodDescriptor>
    do {
      set = try Set(
        Descriptors.load().file.flatMap { file in
          file.service.flatMap { service in
            service.method.filter { $0.options.idempotencyLevel == .noSideEffects }.map { method in
              MethodDescriptor(fullyQualifiedService: "\(file.package).\(service.name)", method: method.name)
            }
          }
        })
    } catch {
      throw .contracts(error)
    }
    return set
  }
}

extension MethodDescriptor {
  /// Without its type, which not everybody gives.
  var plain: MethodDescriptor { MethodDescriptor(service: service, method: method) }
}

extension Problem {
  static func contracts(_ error: any Error) -> Problem {
    Problem(
      kind: .internalFault, code: "contracts.unreadable", detail: "The contracts cannot be read: \(error).",
      remedy: "Install Premia anew, with the folders beside its binary.")
  }
}
