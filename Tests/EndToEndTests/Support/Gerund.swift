import Foundation

/// The program as it was built, and the files that come with it.
enum Gerund {
    /// Beside the test bundle.
    static let program: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: bundle).deletingLastPathComponent().path + "/gerund"
    }()

    /// The package's root.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    static let clip = "\(Self.root)/Samples/everyday-actions.mp4"
    static let timelinePath = "\(Self.root)/Samples/everyday-actions.timeline.json"
    static let demoModel = "\(Self.root)/Samples/demo-model"

    /// A source without an end: a test pattern of 25 frames per second.
    static let testPattern = "test:testsrc2=size=320x240:rate=25"
    /// Options with which every window is inside an event, whatever it shows.
    static let eager = ["--start-threshold", "0", "--end-threshold", "0", "--min-duration", "0", "--merge-gap", "0"]

    static var clipBytes: [UInt8] {
        get throws { Array(try Data(contentsOf: URL(filePath: Self.clip))) }
    }

    /// The ground truth of the bundled clip.
    static var timeline: [TimelineSegment] {
        get throws { try TimelineSegment.list(path: Self.timelinePath) }
    }

    /// A run over the whole clip, shared by all tests that only look at its output.
    static let wholeClip = Task { try await Self.run("watch", Self.clip) }

    /// Starts the program when its turn has come.
    static func start(
        _ arguments: [String], environment: [String: String] = [:],
        streams: ChildProcess.Streams = ChildProcess.Streams()
    ) async throws -> ChildProcess {
        try ChildProcess(
            Self.program, arguments, environment: environment, streams: streams, slot: await ProgramSlot.take())
    }

    /// Runs the program to its end.
    static func run(_ arguments: [String]) async throws -> ChildProcess.Result {
        try await Self.start(arguments).result()
    }

    static func run(_ arguments: String...) async throws -> ChildProcess.Result {
        try await Self.run(arguments)
    }

    /// Runs a line of shell, in which `$gerund` is the program and `$clip` the bundled clip, to its end.
    static func shell(_ script: String, environment: [String: String] = [:]) async throws -> ChildProcess.Result {
        let variables = ["gerund": Self.program, "clip": Self.clip].merging(environment) { $1 }
        return try await ChildProcess(
            "/bin/sh", ["-c", script], environment: variables, slot: await ProgramSlot.take()
        ).result()
    }
}
