// swift-tools-version: 6.2

import PackageDescription

// Every room of the house is built alike: Swift 6 mode, explicit existentials and imports, and no warning let through.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Lazy binding spills vector registers, and with them key bytes, to the stack; binding at start does not.
let bindAtStart: [LinkerSetting] = [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"])]

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        swiftSettings: strict)
}

/// Random numbers that a seed repeats, for tests of several rooms; no room of the house knows it.
let seededNumbers = Target.target(name: "SeededNumbers", path: "Tests/SeededNumbers", swiftSettings: strict)

/// The doors of Tests/FuzzTests stand open for the seeded runs of every test run or, as a program, for libFuzzer alone:
/// Scripts/fuzz builds that one with flags of its own.
let fuzzing: Target = {
    let rooms: [Target.Dependency] = [
        "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "CardVerification", "IssuerKeys",
        "ISO7816", "Lifecycle", "Personalization", "VirtualCard",
    ]
    guard Context.environment["SSCARD_FUZZ"] != nil else {
        return .testTarget(
            name: "FuzzTests", dependencies: rooms + ["SeededNumbers"], exclude: ["Driver"], swiftSettings: strict)
    }
    return .executableTarget(
        name: "sscard-fuzz", dependencies: rooms, path: "Tests/FuzzTests",
        exclude: ["FuzzSeed.swift", "FuzzTargetTests.swift", "Mutation.swift", "RogueCardTests.swift"],
        swiftSettings: strict)
}()

let package = Package(
    name: "sscard",
    products: [
        .executable(name: "sscard", targets: ["sscard"]),
        .executable(name: "sscardd", targets: ["sscardd"]),
        .executable(name: "sscard-bench", targets: ["sscard-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        // 0: system modules, and bytes as text
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CPCSC", pkgConfig: "libpcsclite", providers: [.apt(["libpcsclite-dev"])]),
        .systemLibrary(name: "CPKCS11", providers: [.apt(["libp11-kit-dev"])]),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CTimex"),
        .systemLibrary(name: "CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        room("ByteText"),
        // 1a
        room("ISO7816", ["ByteText"]),
        room("CardData", ["ByteText", "SwiftCSV", "Yams"], resources: [.process("Resources")]),
        room("CardCryptography", ["ByteText", "COpenSSL"]),
        // 1b
        room("CardLayout", ["ByteText", "CardCryptography", "CardData", "ISO7816"]),
        room(
            "IssuerKeys", ["ByteText", "CardCryptography", "CardData", "CPKCS11", "ISO7816"],
            resources: [.process("Resources")]),
        room("Lifecycle", ["ByteText", "CardCryptography", "CardData"], resources: [.process("Resources")]),
        room("SecretEntry", ["CardCryptography", "CardData"]),
        // 1c
        room("SmartCardReader", ["ByteText", "CardData", "CPCSC", "ISO7816"]),
        room(
            "CardApplication", ["ByteText", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "ISO7816"]),
        room("Registry", ["ByteText", "CardCryptography", "CardData", "CSQLite", "Lifecycle", grdb, grdbSQLite]),
        // 2
        room("RemoteKeyService", ["ByteText", "CardCryptography", "CardData", "CTLS", "IssuerKeys", "ISO7816"]),
        room("VirtualCard", ["ByteText", "CardCryptography", "CardData", "CardLayout", "ISO7816"]),
        room(
            "Personalization",
            ["ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "ISO7816"]),
        room(
            "CardVerification",
            [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "ISO7816",
                "Lifecycle",
            ]),
        // 3
        room(
            "Issuing",
            [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "ISO7816",
                "Lifecycle", "Personalization", "Registry", "SmartCardReader",
            ]),
        // 4
        room(
            "CounterService",
            [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "Issuing",
                "ISO7816", "Lifecycle", "Personalization", "Registry", "SmartCardReader", "VirtualCard", httpTypes,
                hummingbird, hummingbirdCore, hummingbirdTLS, logging, mustache, nioCore, nioHTTPTypes, nioSSL,
                serviceLifecycle,
                unixSignals,
            ], resources: [.copy("Pages")]),
        // 5
        .executableTarget(
            name: "sscard",
            dependencies: [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "CardVerification",
                "IssuerKeys", "ISO7816", "Issuing", "Lifecycle", "Personalization", "Registry", "SecretEntry",
                "SmartCardReader", "VirtualCard", argumentParser,
            ],
            swiftSettings: strict, linkerSettings: bindAtStart),
        .executableTarget(
            name: "sscardd",
            dependencies: [
                "CardCryptography", "CardData", "CardLayout", "CounterService", "CTimex", "IssuerKeys", "Issuing",
                "Lifecycle",
                "Registry", "RemoteKeyService", "SecretEntry", "SmartCardReader", argumentParser, logging,
            ],
            swiftSettings: strict, linkerSettings: bindAtStart),
        .executableTarget(
            name: "sscard-bench",
            dependencies: [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "ISO7816",
                "Lifecycle", "Personalization", "Registry", "SmartCardReader", "VirtualCard", argumentParser,
            ],
            swiftSettings: strict, linkerSettings: bindAtStart),
        // tests
        seededNumbers,
        tests(of: "ByteText"),
        tests(of: "ISO7816", ["ByteText"]),
        tests(of: "CardData", ["ByteText", "SeededNumbers"]),
        tests(of: "CardCryptography", ["ByteText"]),
        tests(of: "CardLayout", ["ByteText", "CardCryptography", "CardData", "ISO7816", "SeededNumbers"]),
        tests(
            of: "IssuerKeys",
            [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "ISO7816", "VirtualCard",
            ]),
        tests(
            of: "CardApplication",
            ["ByteText", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "ISO7816", "VirtualCard"]),
        tests(of: "Lifecycle", ["ByteText", "CardCryptography", "CardData"], exclude: ["Fixtures"]),
        tests(of: "SmartCardReader", ["ByteText", "CardData", "CPCSC", "ISO7816", "VirtualCard"]),
        tests(of: "Registry", ["ByteText", "CardCryptography", "CardData", "Lifecycle", grdb]),
        tests(
            of: "RemoteKeyService", ["ByteText", "CardCryptography", "CardData", "ISO7816", "IssuerKeys"],
            exclude: ["Gateway"]),
        tests(
            of: "VirtualCard", ["ByteText", "CardCryptography", "CardData", "CardLayout", "ISO7816", "SeededNumbers"]),
        tests(
            of: "Personalization",
            [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "IssuerKeys", "ISO7816",
                "VirtualCard",
            ]),
        tests(
            of: "Issuing",
            [
                "ByteText", "CardApplication", "CardCryptography", "CardData", "CardLayout", "CardVerification",
                "IssuerKeys", "ISO7816", "Lifecycle", "Personalization", "Registry", "SmartCardReader",
                "VirtualCard",
            ]),
        tests(
            of: "CounterService",
            [
                "CardCryptography", "CardData", "Issuing", "Lifecycle", "Registry", "SmartCardReader", hummingbird,
                logging, nioCore, nioEmbedded, nioHTTPTypes,
            ]),
        fuzzing,
        .testTarget(name: "HouseTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
