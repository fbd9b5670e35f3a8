// The table of contents of the context, and the way from a folder of files to a catalogue.

public import GRPCCore
public import Runtime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

public enum ProductsContext {
  public static let context = Context(
    name: "products", tables: ProductsTables.all,
    aggregates: [
      AnyAggregate(Shelf<CostSharingLimits>.self), AnyAggregate(Shelf<AgeCurve>.self),
      AnyAggregate(Shelf<StateRules>.self), AnyAggregate(Shelf<FeeSchedule>.self), AnyAggregate(Shelf<Plan>.self),
    ])

  public static func services(engine: Engine) -> [any RegistrableRPCService] { [ProductsService(engine)] }

  /// The product files under a folder such as "config/products", in the order in which they can be published: each
  /// after what it refers to.
  ///
  /// - Returns: names to publish them under, with the folder in front, and their content.
  /// - Throws: where a file cannot be read.
  public static func catalogueFiles(in directory: String) throws -> [(name: String, content: [UInt8])] {
    var files: [(name: String, content: [UInt8])] = []
    for folder in ["limits", "curves", "states", "fees", "plans"] {
      let path = "\(directory)/\(folder)"
      for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where name.hasSuffix(".yaml") {
        files.append(("\(path)/\(name)", Array(try Data(contentsOf: URL(filePath: "\(path)/\(name)")))))
      }
    }
    return files
  }
}
