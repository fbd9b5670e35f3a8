// How states, events and messages become bytes.

import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How the values of one type are kept.
public struct StoredForm<Value: Sendable>: Sendable {
  public let write: @Sendable (Value) -> [UInt8]
  public let read: @Sendable ([UInt8]) throws -> Value

  /// - Parameter read: the inverse of `write`; throws where the bytes are not what that wrote.
  public init(write: @escaping @Sendable (Value) -> [UInt8], read: @escaping @Sendable ([UInt8]) throws -> Value) {
    self.write = write
    self.read = read
  }
}

extension StoredForm where Value: Codable {
  /// JSON, by Foundation's coders. They take longer for a value than most decisions do.
  public static var json: StoredForm {
    StoredForm(write: Coding.json, read: { try Coding.decoder.decode(Value.self, from: Data($0)) })
  }
}

extension StoredForm {
  func read(_ bytes: [UInt8], of stream: StreamID) throws(StoreFailure) -> Value {
    do {
      return try read(bytes)
    } catch {
      throw .corrupt("\(Value.self) of \(stream): \(error)")
    }
  }
}

enum Coding {
  private static let encoder = JSONEncoder()
  fileprivate static let decoder = JSONDecoder()

  @Sendable
  fileprivate static func json(_ value: some Encodable) -> [UInt8] {
    do {
      return Array(try encoder.encode(value))
    } catch {
      preconditionFailure("\(type(of: value)) cannot be encoded: \(error)")
    }
  }

  static func bytes(of message: any Message) -> Data {
    do {
      return try message.serializedData()
    } catch {
      preconditionFailure("\(type(of: message)) cannot be serialised: \(error)")
    }
  }

  static func bytes(of message: any Message) -> [UInt8] {
    do {
      return try message.serializedBytes()
    } catch {
      preconditionFailure("\(type(of: message)) cannot be serialised: \(error)")
    }
  }
}
