import Testing

@Suite("The command line")
struct UsageTests {
    @Test(
        "refuses what makes no sense with exit code 2, before anything is opened",
        arguments: [
            ["watch"], ["watch", "--nonsense", Gerund.clip], ["nonsense"], ["classify"],
            ["watch", Gerund.clip, "--exit", "0.9", "--enter", "0.5"], ["watch", Gerund.clip, "--exit", "0.99"],
            ["watch", Gerund.clip, "--enter", "1.5"], ["watch", Gerund.clip, "--enter", "much"],
            ["watch", Gerund.clip, "--span", "0"], ["watch", Gerund.clip, "--span", "-2"],
            ["watch", Gerund.clip, "--span", "nan"], ["watch", Gerund.clip, "--rate", "0"],
            ["watch", Gerund.clip, "--rate", "inf"], ["watch", Gerund.clip, "--duration", "0"],
            ["watch", Gerund.clip, "--smoothing", "-1"], ["watch", Gerund.clip, "--format", "xml"],
            ["watch", Gerund.clip, "--stall-timeout", "0"], ["watch", Gerund.clip, Gerund.clip],
            ["watch", Gerund.clip, "--log-size", "10M"],
            ["watch", Gerund.clip, "--log", "/no/log", "--log-size", "10"],
            ["watch", Gerund.clip, "--log", "/no/log", "--log-keep", "3"],
            ["watch", "ftp://127.0.0.1/x"], ["watch", "rtsp://"], ["watch", "rtsp://h/x#transport=pigeon"],
            ["watch", ""], ["watch", "\(Gerund.clip)#nonsense=1"], ["classify", Gerund.clip, "--top", "0"],
        ])
    func refusals(arguments: [String]) async throws {
        let result = try await Gerund.run(arguments)
        #expect(result.ending == .exited(2), "\(result.errors)")
        #expect(result.output == "")
        let first = try #require(result.errorLines.first)
        #expect(first.hasPrefix("gerund: ") || first.hasPrefix("Error: "), "\(result.errors)")
    }

    @Test(
        "says in one line which name was probably meant",
        arguments: [
            (["wach", Gerund.clip], "There is no command 'wach'. Did you mean 'watch'? See `gerund --help`."),
            (["dance"], "There is no command 'dance'. See `gerund --help`."),
            (["watch", Gerund.clip, "--lable", "x"], "Unknown option '--lable'. Did you mean '--label'? See"),
        ])
    func misspelt(arguments: [String], words: String) async throws {
        let result = try await Gerund.run(arguments)
        #expect(result.ending == .exited(2))
        #expect(result.errorLines.count == 1 && result.errors.contains(words), "\(result.errors)")
    }

    @Test("explains itself on standard output", arguments: [["--help"], ["watch", "--help"], ["classify", "--help"]])
    func help(arguments: [String]) async throws {
        let result = try await Gerund.run(arguments)
        #expect(result.ending == .exited(0))
        #expect(result.errors == "")
        #expect(result.output.contains("EXAMPLES") && result.output.contains("USAGE: gerund"))
    }

    @Test("tells its version, the one that records carry")
    func version() async throws {
        let result = try await Gerund.run("--version")
        #expect(result.ending == .exited(0))
        let run = try await Gerund.run("watch", Gerund.clip, "--duration", "0.1").lines.first
        #expect(result.output == "\(run?.members.version ?? "?")\n")
    }

    @Test("finds the demo model from wherever it is called, and says so when it is not there")
    func demoModel() async throws {
        let result = try await Gerund.shell(#"cd / && "$gerund" watch "$clip" --duration 1"#)
        #expect(result.ending == .exited(0))
        let lonely = try await Gerund.shell(
            #"folder=$(mktemp -d) && cp "$gerund" "$folder/gerund" && "$folder/gerund" watch "$clip"; code=$?; "#
                + #"rm -r "$folder"; exit $code"#)
        BadSourceTests.expectRefused(lonely, exit: 4, "--model")
    }
}
