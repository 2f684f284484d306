import GerundTesting
import Testing

@Suite("Command line", .timeLimit(.minutes(10)))
struct UsageTests {
    @Test(
        "Refuses invalid arguments with exit code 2, before anything is opened",
        arguments: [
            ["watch"], ["watch", "--nonsense", Gerund.clip], ["nonsense"], ["classify"],
            ["watch", Gerund.clip, "--end-threshold", "0.9", "--start-threshold", "0.5"],
            ["watch", Gerund.clip, "--end-threshold", "0.99"],
            ["watch", Gerund.clip, "--start-threshold", "1.5"], ["watch", Gerund.clip, "--start-threshold", "much"],
            ["watch", Gerund.clip, "--window", "0"], ["watch", Gerund.clip, "--window", "-2"],
            ["watch", Gerund.clip, "--window", "nan"], ["watch", Gerund.clip, "--rate", "0"],
            ["watch", Gerund.clip, "--rate", "inf"], ["watch", Gerund.clip, "--duration", "0"],
            ["watch", Gerund.clip, "--smoothing", "-1"], ["watch", Gerund.clip, "--format", "xml"],
            ["watch", Gerund.clip, "--stall-timeout", "0"], ["watch", Gerund.clip, Gerund.clip],
            ["watch", Gerund.clip, "--log-max-size", "10M"],
            ["watch", Gerund.clip, "--log", "/no/log", "--log-max-size", "10"],
            ["watch", Gerund.clip, "--log", "/no/log", "--log-max-files", "3"],
            ["watch", "ftp://127.0.0.1/x"], ["watch", "rtsp://"], ["watch", "rtsp://h/x#transport=pigeon"],
            ["watch", ""], ["watch", "\(Gerund.clip)#nonsense=1"], ["classify", Gerund.clip, "--top", "0"],
        ])
    func refusals(arguments: [String]) async throws {
        let result = try await Gerund.run(arguments)
        #expect(result.ending == .exited(2), "\(result.errors)")
        #expect(result.output == "")
        let first = try #require(result.errorLines.first)
        #expect(first.hasPrefix("gerund: "), "\(result.errors)")
    }

    @Test(
        "Suggests the closest command or option in one line",
        arguments: [
            (["wach", Gerund.clip], "Unknown command 'wach'. Did you mean 'watch'? See `gerund --help`."),
            (["dance"], "Unknown command 'dance'. See `gerund --help`."),
            (["watch", Gerund.clip, "--lable", "x"], "Unknown option '--lable'. Did you mean '--label'? See"),
        ])
    func misspelled(arguments: [String], words: String) async throws {
        let result = try await Gerund.run(arguments)
        #expect(result.ending == .exited(2))
        #expect(result.errorLines.count == 1 && result.errors.contains(words), "\(result.errors)")
    }

    @Test(
        "Replaces control characters in arguments that a message quotes, and keeps it in one line",
        arguments: [
            ["watch", Gerund.clip, "--rate", "\u{1b}[2J\n2"], ["watch", Gerund.clip, "--model", "\u{1b}]0;x\u{7}\n"],
            ["watch", Gerund.clip, "--log", "/no/\u{1b}[2J\nlog"], ["watch", "--config", "/no/\u{1b}[2J\n"],
            ["\u{1b}[2J\n"],
        ])
    func controlCharacters(arguments: [String]) async throws {
        let result = try await Gerund.run(arguments)
        #expect(result.errorLines.count == 1 && result.errors.hasPrefix("gerund: "), "\(result.errors)")
        #expect(result.errors.contains("\u{FFFD}") && !result.errors.contains("\u{1b}"))
    }

    @Test(
        "Refuses a former option with the name of the present one",
        arguments: [
            ("--span", "--window"), ("--enter", "--start-threshold"), ("--exit", "--end-threshold"),
            ("--updates", "--update-interval"), ("--changes", "--only-changes"), ("--log-size", "--log-max-size"),
            ("--log-keep", "--log-max-files"),
        ])
    func formerOptions(old: String, new: String) async throws {
        let values = old == "--changes" ? [] : ["1"]
        let result = try await Gerund.run(["watch", Gerund.clip, old] + values)
        result.expectRefused(exit: 2, old, new)
        #expect(result.output == "")
    }

    @Test("Refuses former values and option names of other commands with the present ones")
    func formerValues() async throws {
        try await Gerund.run("watch", Gerund.clip, "--pace", "fast").expectRefused(exit: 2, "--pace", "unpaced")
        try await Gerund.run("calibrate", Gerund.clip, "--out", "x.yaml").expectRefused(exit: 2, "--out", "--output")
        try await Gerund.run("watch", "/dev/video0#rate=30").expectRefused(exit: 2, "rate", "fps")
    }

    @Test(
        "Refuses a former key of the configuration file with the present one",
        arguments: [
            ("span", "window"), ("enter", "start_threshold"), ("exit", "end_threshold"),
            ("updates", "update_interval"), ("changes", "only_changes"), ("log_size", "log_max_size"),
            ("log_keep", "log_max_files"),
        ])
    func formerKeys(old: String, new: String) async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("sources: [\(Gerund.clip)]\n\(old): 1\n", to: "gerund.yaml")
        let result = try await Gerund.run("watch", "--config", path)
        result.expectRefused(exit: 2, "\(path):2: ", "'\(old)'", "'\(new)'")
    }

    @Test("Prints help on standard output", arguments: [["--help"], ["watch", "--help"], ["classify", "--help"]])
    func help(arguments: [String]) async throws {
        let result = try await Gerund.run(arguments)
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        #expect(result.output.contains("EXAMPLES") && result.output.contains("USAGE: gerund"))
    }

    @Test("Prints the version that the run record holds")
    func version() async throws {
        let result = try await Gerund.run("--version")
        #expect(result.ending == .exited(0))
        let run = try await Gerund.run("watch", Gerund.clip, "--duration", "0.1").lines.first
        #expect(result.output == "\(run?.members.version ?? "?")\n")
    }

    @Test("Finds the demo model from any working directory, and reports if it is missing")
    func demoModel() async throws {
        let result = try await Gerund.shell(#"cd / && "$gerund" watch "$clip" --duration 1"#)
        #expect(result.ending == .exited(0))
        let lonely = try await Gerund.shell(
            #"directory=$(mktemp -d) && cp "$gerund" "$directory/gerund" && "$directory/gerund" watch "$clip"; code=$?; "#
                + #"rm -r "$directory"; exit $code"#)
        lonely.expectRefused(exit: 4, "--model")
    }
}
