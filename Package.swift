// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house and the doors between them. What a target does not list here it cannot import:
// the walls are kept by the build, by scripts/check-imports and by Tests/TidyTests.

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcInProcess = Target.Dependency.product(name: "GRPCInProcessTransport", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcHTTP2 = Target.Dependency.product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A bounded context: it sees the kernel, the contracts and the engine, and never another context.
func context(_ name: String, resources: [Resource] = [], _ more: [Target.Dependency] = []) -> Target {
  .target(
    name: name,
    dependencies: ["Kernel", "Contracts", "Runtime", "Courier", protobuf, grpc, grpcProtobuf] + more,
    exclude: ["README.md"], resources: resources, swiftSettings: house)
}

/// The tests of a context: its own rules, over the in-memory store.
func contextTests(_ name: String, _ more: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: [
      .init(stringLiteral: name), "Kernel", "Contracts", "Runtime", "Courier", protobuf, grpc,
    ]
      + more,
    swiftSettings: house)
}

let package = Package(
  name: "premia",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "premia", targets: ["premia"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .target(name: "Kernel", exclude: ["README.md"], swiftSettings: house),
    .target(
      name: "Contracts", dependencies: [protobuf, grpc, grpcProtobuf], exclude: ["README.md"],
      resources: [.copy("descriptors.binpb")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny")]),
    .target(
      name: "Runtime", dependencies: ["Kernel", "Contracts", protobuf, crypto], exclude: ["README.md"],
      swiftSettings: house),
    .target(
      name: "SQLiteStorage", dependencies: ["Kernel", "Runtime", grdb, sqlite], exclude: ["README.md"],
      swiftSettings: house),
    .systemLibrary(
      name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    .target(
      name: "PostgresStorage", dependencies: ["Kernel", "Runtime", "CPostgres"], exclude: ["README.md"],
      swiftSettings: house),
    .systemLibrary(
      name: "CNats", pkgConfig: "libnats", providers: [.apt(["libnats-dev"]), .brew(["cnats"])]),
    .systemLibrary(
      name: "CKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
    .target(
      name: "Brokers", dependencies: ["Kernel", "Runtime", "CNats", "CKafka"], exclude: ["README.md"],
      swiftSettings: house),
    .target(
      name: "Courier",
      dependencies: [
        "Kernel", "Contracts", "Runtime", protobuf, grpc, grpcProtobuf, grpcInProcess, grpcHTTP2, logging, x509,
      ],
      exclude: ["README.md"], swiftSettings: house),
    .target(name: "X12", exclude: ["README.md"], resources: [.copy("Guides")], swiftSettings: house),
    context("Party"),
    context("Products", [yams, crypto]),
    context("Policy", resources: [.copy("lifecycle.json")]),
    context("Billing", resources: [.copy("dunning.json"), .copy("Documents/document.mustache")], [mustache]),
    context("Payments"),
    context("Claims", resources: [.copy("codes.json")]),
    context("Ledger"),
    context("Notices", [mustache]),
    context("Commissions"),
    context("Exchange", ["X12", crypto, yams]),
    .target(
      name: "Edge",
      dependencies: [
        "Kernel", "Contracts", "Runtime", "Courier", protobuf, grpc, grpcProtobuf, hummingbird, crypto,
      ],
      exclude: ["README.md"], swiftSettings: house),
    .target(
      name: "Web",
      dependencies: ["Kernel", "Contracts", "Courier", protobuf, grpc, hummingbird, mustache],
      exclude: ["README.md"], resources: [.copy("Templates"), .copy("Assets")], swiftSettings: house),
    .executableTarget(
      name: "premia",
      dependencies: [
        "Kernel", "Contracts", "Runtime", "SQLiteStorage", "PostgresStorage", "Brokers", "Courier", "X12", "Exchange",
        "Edge", "Web", "Party", "Products", "Policy", "Billing", "Payments", "Claims", "Ledger", "Notices",
        "Commissions", protobuf, grpc, hummingbird, arguments, configuration, logging, yams,
      ],
      exclude: ["README.md"], swiftSettings: house),
    .target(name: "ServerTesting", path: "Tests/ServerTesting", swiftSettings: house),
    .target(
      name: "StoreTesting", dependencies: ["Kernel", "Runtime", "PostgresStorage", "CPostgres", "ServerTesting"],
      path: "Tests/StoreTesting", swiftSettings: house),
    .target(
      name: "ProductsTesting", dependencies: ["Kernel", "Contracts", grpc], path: "Tests/ProductsTesting",
      swiftSettings: house),
    .testTarget(name: "KernelTests", dependencies: ["Kernel"], swiftSettings: house),
    .testTarget(name: "X12Tests", dependencies: ["X12"], swiftSettings: house),
    .testTarget(
      name: "StoreTests",
      dependencies: ["Kernel", "Runtime", "SQLiteStorage", "PostgresStorage", "StoreTesting", "ServerTesting"],
      swiftSettings: house),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "Kernel", "Contracts", "Runtime", "SQLiteStorage", "PostgresStorage", "StoreTesting", grdb, protobuf,
      ],
      swiftSettings: house),
    .testTarget(
      name: "CourierTests",
      dependencies: ["Courier", "Kernel", "Contracts", "Runtime", protobuf, grpc, grpcProtobuf, grpcHTTP2],
      swiftSettings: house),
    contextTests("Party"),
    contextTests("Products"),
    contextTests("Policy", ["StoreTesting", "ProductsTesting"]),
    contextTests("Billing", ["StoreTesting"]),
    contextTests("Payments", ["StoreTesting", yams]),
    contextTests("Claims"),
    contextTests("Ledger"),
    contextTests("Notices"),
    contextTests("Commissions", [yams]),
    contextTests(
      "Exchange",
      [
        "X12", "Party", "Products", "Policy", "Claims", "Payments", "SQLiteStorage", "StoreTesting", yams,
      ]),
    .testTarget(
      name: "EdgeTests",
      dependencies: [
        "Edge", "Party", "Policy", "Billing", "Payments", "Claims", "Ledger", "Notices", "Commissions", "Kernel",
        "Contracts", "Runtime", "PostgresStorage", "Courier", "ProductsTesting", "StoreTesting", protobuf, grpc,
        hummingbird, hummingbirdTesting,
      ],
      swiftSettings: house),
    .testTarget(
      name: "WebTests",
      dependencies: [
        "Web", "Party", "Policy", "Kernel", "Contracts", "Runtime", "Courier", "ProductsTesting", protobuf, grpc,
        hummingbird, hummingbirdTesting,
      ],
      swiftSettings: house),
    .executableTarget(name: "kafka-mock", dependencies: ["CKafka"], path: "Tests/KafkaMock"),
    .testTarget(
      name: "BrokerTests", dependencies: ["Kernel", "Contracts", "Runtime", "Brokers", "ServerTesting", protobuf],
      swiftSettings: house),
    .testTarget(
      name: "PremiaTests", dependencies: ["premia", "Kernel", "Brokers", "Courier", "Runtime"], swiftSettings: house),
    .testTarget(name: "TidyTests", swiftSettings: house),
  ]
)
