// swift-tools-version: 6.2
import PackageDescription

// A module imports only from floors below its own; CI builds with
// `--explicit-target-dependency-import-check error`, so this manifest is the map of the house.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),  // functions that return a Span
    .strictMemorySafety(),  // every unsafe expression carries the word `unsafe`
    .treatAllWarnings(as: .error),
]

// Without the optimizer the kernels are tens of times slower, and debug tests with them. Only where this package is the
// one that is built: the package manager takes no such flags from a dependency.
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
            description: "Products by oneDNN (libdnnl-dev): bfloat16, and faster float32. Without it, OpenBLAS float32."
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
            // Compiled with every build, also where the trait is off and the library may be missing.
            cSettings: [.define("ONEDNN", .when(traits: ["OneDNN"]))],
            linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("dl")]),
        .target(name: "CGerundKernels", cSettings: optimizedInDebug, linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CGerundThreads"),

        // Ground
        .target(name: "GerundCore", swiftSettings: settings),

        // Floor 1
        .target(
            name: "GerundTensor",
            dependencies: [
                "CGerundKernels", "CGerundThreads", "COpenBLAS",
                .target(name: "COneDNN", condition: .when(traits: ["OneDNN"])),
                "GerundCore",
            ],
            swiftSettings: settings + [oneDNN]),
        .target(name: "GerundStream", dependencies: ["GerundCore"], swiftSettings: settings),

        // Floor 2
        .target(name: "XCLIP", dependencies: ["GerundTensor", "GerundCore"], swiftSettings: settings),
        .target(
            name: "GerundCheckpoint", dependencies: ["COpenSSL", "GerundTensor", "GerundCore"],
            swiftSettings: settings),
        .target(
            name: "GerundMedia", dependencies: ["CFFmpeg", "CVideo4Linux", "GerundStream", "GerundCore", logging],
            swiftSettings: settings),
        .target(name: "GerundEvents", dependencies: ["GerundCore"], swiftSettings: settings),

        // Floor 3
        .target(
            name: "GerundEngine",
            dependencies: [
                "XCLIP", "GerundCheckpoint", "GerundMedia", "GerundEvents", "GerundTensor", "GerundStream",
                "GerundCore", logging,
            ],
            swiftSettings: settings),

        // Floor 4
        .target(
            name: "GerundConfiguration",
            dependencies: [
                "GerundEngine", "GerundMedia", "GerundEvents", "GerundStream", "GerundCore",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings),
        .target(name: "GerundTerminal", dependencies: ["GerundEvents", "GerundCore"], swiftSettings: settings),

        // Roof
        // It doesn't import XCLIP, but holds its model by value: named here, it is compiled anew when the model's layout
        // changes, which SwiftPM does for the modules that are named alone.
        .executableTarget(
            name: "gerund",
            dependencies: [
                "GerundConfiguration", "GerundEngine", "GerundTerminal", "GerundEvents", "GerundMedia",
                "GerundCheckpoint", "GerundStream", "XCLIP", "GerundTensor", "GerundCore", argumentParser, logging,
            ],
            swiftSettings: settings),

        // Aside
        .target(
            name: "GerundTesting", dependencies: ["GerundStream", "GerundTensor", "GerundCore"],
            swiftSettings: settings),

        // Tests
        .testTarget(name: "GerundCoreTests", dependencies: ["GerundCore"], swiftSettings: settings),
        .testTarget(
            name: "GerundTensorTests", dependencies: ["GerundTensor", "GerundTesting"],
            swiftSettings: settings + [oneDNN]),
        .testTarget(
            name: "GerundStreamTests", dependencies: ["GerundStream", "GerundCore", "GerundTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "XCLIPTests",
            dependencies: ["XCLIP", "GerundCheckpoint", "GerundTensor", "GerundCore", "GerundTesting"],
            exclude: ["Fixtures"], swiftSettings: settings + [oneDNN]),
        .testTarget(
            name: "GerundCheckpointTests", dependencies: ["GerundCheckpoint", "GerundTensor", "GerundCore"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundMediaTests",
            dependencies: ["CFFmpeg", "GerundMedia", "GerundStream", "GerundCore", "GerundTesting", logging],
            exclude: ["Fixtures"], swiftSettings: settings),
        .testTarget(
            name: "GerundEventsTests", dependencies: ["GerundEvents", "GerundCore", "GerundTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundEngineTests",
            dependencies: [
                "GerundEngine", "GerundEvents", "GerundStream", "XCLIP", "GerundCheckpoint", "GerundTensor",
                "GerundCore",
                "GerundTesting",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "GerundTerminalTests", dependencies: ["GerundTerminal", "GerundEvents", "GerundCore"],
            swiftSettings: settings),
        .testTarget(
            name: "GerundConfigurationTests",
            dependencies: [
                "GerundConfiguration", "GerundEngine", "GerundMedia", "GerundEvents", "GerundCore", "GerundTesting",
            ],
            swiftSettings: settings),
        .testTarget(name: "EndToEndTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
