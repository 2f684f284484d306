// swift-tools-version: 6.2
import PackageDescription

// A module imports only modules of lower layers. CI builds with `--explicit-target-dependency-import-check error`, so the
// dependencies below are complete.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),  // for functions that return a Span
    .strictMemorySafety(),  // every unsafe expression is marked `unsafe`
    .treatAllWarnings(as: .error),
]

// Without optimization the kernels, and with them the debug tests, are tens of times slower. SwiftPM refuses unsafe flags
// in a dependency, so they are set only if this is the root package.
let isDependency = Context.packageDirectory.contains("/checkouts/")
let optimizedInDebug: [CSetting] = isDependency ? [] : [.unsafeFlags(["-O2"], .when(configuration: .debug))]

let oneDNN = SwiftSetting.define("ONEDNN", .when(traits: ["OneDNN"]))

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "gerund",
    products: [
        .executable(name: "gerund", targets: ["gerund"]),
        .library(name: "GerundEngine", targets: ["GerundEngine"]),
        .library(name: "XCLIP", targets: ["XCLIP"]),
    ],
    traits: [
        .default(enabledTraits: ["OneDNN"]),
        .trait(
            name: "OneDNN",
            description: "oneDNN (libdnnl-dev) for matrix multiplication: bfloat16, and faster float32 than OpenBLAS."
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavdevice",
            providers: [.apt(["libavformat-dev", "libavdevice-dev", "libavfilter-dev", "libswscale-dev"])]),
        .systemLibrary(name: "CVideo4Linux"),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(
            name: "COneDNN",
            // Compiled without the trait too, when the library may be missing.
            cSettings: [.define("ONEDNN", .when(traits: ["OneDNN"]))],
            linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("dl")]),
        .target(name: "CGerundKernels", cSettings: optimizedInDebug, linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CGerundThreads"),

        // Base layer
        .target(name: "GerundCore", swiftSettings: settings),
        .target(
            name: "GerundRecords", dependencies: ["GerundCore"],
            resources: [.embedInCode("Resources/records.schema.json")], swiftSettings: settings),

        // Layer 1
        .target(
            name: "GerundTensor",
            dependencies: [
                "CGerundKernels", "CGerundThreads", "COpenBLAS",
                .target(name: "COneDNN", condition: .when(traits: ["OneDNN"])),
                "GerundCore",
            ],
            swiftSettings: settings + [oneDNN]),
        .target(name: "GerundStream", dependencies: ["GerundCore"], swiftSettings: settings),

        // Layer 2
        .target(name: "XCLIP", dependencies: ["GerundTensor", "GerundCore"], swiftSettings: settings),
        .target(
            name: "GerundCheckpoint", dependencies: ["COpenSSL", "GerundTensor", "GerundCore"],
            swiftSettings: settings),
        .target(
            name: "GerundMedia", dependencies: ["CFFmpeg", "CVideo4Linux", "GerundStream", "GerundCore", logging],
            swiftSettings: settings),
        .target(name: "GerundEvents", dependencies: ["GerundRecords", "GerundCore"], swiftSettings: settings),

        // Layer 3
        .target(
            name: "GerundEngine",
            dependencies: [
                "XCLIP", "GerundCheckpoint", "GerundEvents", "GerundRecords", "GerundTensor", "GerundStream",
                "GerundCore",
            ],
            swiftSettings: settings),

        // Layer 4
        .target(
            name: "GerundSettings",
            dependencies: [
                "GerundEngine", "GerundMedia", "GerundEvents", "GerundTensor", "GerundStream", "GerundCore",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .target(name: "GerundTerminal", dependencies: ["GerundRecords", "GerundCore"], swiftSettings: settings),

        // Executable
        // It holds the model of XCLIP by value without importing XCLIP. Listing the module recompiles the executable when the
        // layout of the model changes: SwiftPM tracks listed modules only.
        .executableTarget(
            name: "gerund",
            dependencies: [
                "GerundSettings", "GerundEngine", "GerundTerminal", "GerundEvents", "GerundRecords", "GerundMedia",
                "GerundStream", "XCLIP", "GerundTensor", "GerundCore", argumentParser, logging,
            ],
            swiftSettings: settings),

        // Test support
        .target(
            name: "GerundTesting", dependencies: ["GerundStream", "GerundCore", logging],
            swiftSettings: settings),

        // Tests
        .testTarget(
            name: "GerundCoreTests", dependencies: ["GerundCore", "GerundTesting"], swiftSettings: settings),
        .testTarget(
            name: "GerundRecordsTests", dependencies: ["GerundRecords", "GerundCore", "GerundTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundTensorTests", dependencies: ["CGerundKernels", "GerundTensor", "GerundCore", "GerundTesting"],
            swiftSettings: settings + [oneDNN]),
        .testTarget(
            name: "GerundStreamTests", dependencies: ["GerundStream", "GerundCore", "GerundTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "XCLIPTests",
            dependencies: ["XCLIP", "GerundCheckpoint", "GerundTensor", "GerundCore", "GerundTesting"],
            exclude: ["Fixtures"], swiftSettings: settings + [oneDNN]),
        .testTarget(
            name: "GerundCheckpointTests",
            dependencies: ["GerundCheckpoint", "GerundTensor", "GerundCore", "GerundTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundMediaTests",
            dependencies: ["CFFmpeg", "GerundMedia", "GerundStream", "GerundCore", "GerundTesting", logging],
            exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(
            name: "GerundEventsTests", dependencies: ["GerundEvents", "GerundRecords", "GerundCore", "GerundTesting"],
            exclude: ["Snapshots"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundEngineTests",
            dependencies: [
                "GerundEngine", "GerundEvents", "GerundRecords", "GerundStream", "XCLIP", "GerundCheckpoint",
                "GerundTensor",
                "GerundCore",
                "GerundTesting",
            ],
            exclude: ["Snapshots"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundTerminalTests",
            dependencies: ["GerundTerminal", "GerundRecords", "GerundCore", "GerundTesting"], exclude: ["Snapshots"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundSettingsTests",
            dependencies: [
                "GerundSettings", "GerundEngine", "GerundMedia", "GerundEvents", "GerundStream", "GerundCore",
                "GerundTesting",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "GerundCommandTests",
            dependencies: [
                "gerund", "GerundSettings", "GerundEngine", "GerundEvents", "GerundRecords", "GerundMedia",
                "GerundStream", "GerundCore", "GerundTesting", argumentParser,
            ],
            exclude: ["Snapshots"], swiftSettings: settings),
        .testTarget(name: "EndToEndTests", dependencies: ["GerundTesting", "GerundCore"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
