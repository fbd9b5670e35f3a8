import Foundation
import SwiftProtobuf

/// The contracts as data, with their comments: what the OpenAPI document is made from.
public enum Descriptors {
  /// - Throws: where the resource is missing or is no descriptor set.
  public static func load() throws -> Google_Protobuf_FileDescriptorSet {
    guard let url = Bundle.module.url(forResource: "descriptors", withExtension: "binpb") else {
      throw CocoaError(.fileNoSuchFile)
    }
    return try Google_Protobuf_FileDescriptorSet(serializedBytes: Data(contentsOf: url))
  }
}
