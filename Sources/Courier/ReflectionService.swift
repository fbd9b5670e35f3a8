// The standard reflection service: tools such as grpcurl ask it for the contracts.

import Contracts
import FoundationEssentials
import GRPCCore
import SwiftProtobuf

struct ReflectionService: Grpc_Reflection_V1_ServerReflection.SimpleServiceProtocol {
  private typealias Answer = Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse

  private let services: [String]
  /// Serialized, by their names.
  private var files: [String: [UInt8]] = [:]
  /// The names of files, by the full names of what they define.
  private var places: [String: String] = [:]

  /// - Parameter services: by their full names.
  /// - Throws: where a contract cannot be serialized.
  init(services: Set<String>, contracts: Google_Protobuf_FileDescriptorSet) throws {
    self.services = services.sorted()
    for file in contracts.file {
      var bare = file
      bare.clearSourceCodeInfo()
      files[file.name] = try bare.serializedBytes()
      for message in file.messageType { place(message, in: file.package, of: file.name) }
      for enumeration in file.enumType { places["\(file.package).\(enumeration.name)"] = file.name }
      for service in file.service {
        places["\(file.package).\(service.name)"] = file.name
        for method in service.method { places["\(file.package).\(service.name).\(method.name)"] = file.name }
      }
    }
  }

  private mutating func place(_ message: Google_Protobuf_DescriptorProto, in scope: String, of file: String) {
    let name = "\(scope).\(message.name)"
    places[name] = file
    for nested in message.nestedType { place(nested, in: name, of: file) }
    for enumeration in message.enumType { places["\(name).\(enumeration.name)"] = file }
  }

  func serverReflectionInfo(
    request: RPCAsyncSequence<Grpc_Reflection_V1_ServerReflectionRequest, any Error>,
    response: RPCWriter<Grpc_Reflection_V1_ServerReflectionResponse>, context: ServerContext
  ) async throws {
    for try await question in request {
      var answer = Grpc_Reflection_V1_ServerReflectionResponse()
      answer.validHost = question.host
      answer.originalRequest = question
      answer.messageResponse = self.answer(question.messageRequest)
      try await response.write(answer)
    }
  }

  private func answer(_ question: Grpc_Reflection_V1_ServerReflectionRequest.OneOf_MessageRequest?) -> Answer {
    switch question {
    case .fileByFilename(let name): file(name)
    // Some tools ask for a method with a slash.
    case .fileContainingSymbol(let symbol): file(places[symbol.replacing("/", with: ".")])
    case .listServices:
      .listServicesResponse(
        .with { list in list.service = services.map { name in .with { $0.name = name } } })
    case .fileContainingExtension, .allExtensionNumbersOfType:
      .errorResponse(.notFound("The contracts extend nothing."))
    case nil: .errorResponse(.notFound("Nothing was asked for."))
    }
  }

  private func file(_ name: String?) -> Answer {
    guard let name, let bytes = files[name] else { return .errorResponse(.notFound("No contract has that name.")) }
    return .fileDescriptorResponse(.with { $0.fileDescriptorProto = [Data(bytes)] })
  }
}

extension Grpc_Reflection_V1_ErrorResponse {
  fileprivate static func notFound(_ why: String) -> Self {
    .with { error in
      error.errorCode = Int32(Status.Code.notFound.rawValue)
      error.errorMessage = why
    }
  }
}
