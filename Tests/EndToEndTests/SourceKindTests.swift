import Testing

@Suite("Kinds of sources", .timeLimit(.minutes(10)))
struct SourceKindTests {
    @Test("Standard input gives the same labels as the file that is piped in")
    func standardInput() async throws {
        let file = try await Gerund.run("watch", Gerund.clip, "--duration", "10")
        let piped = try await Gerund.shell(#"cat "$clip" | "$gerund" watch - --duration 10"#)
        piped.expectSuccess()
        let labels = try piped.lines.ofType("label")
        let expected = try file.lines.ofType("label")
        #expect(labels.count > 20)
        #expect(labels.map(\.mediaTime) == expected.map(\.mediaTime))
        #expect(labels.map(\.label) == expected.map(\.label))
    }

    @Test("A test graph ends after --duration")
    func testGraph() async throws {
        let result = try await Gerund.run("watch", "test:testsrc2=size=640x480:rate=25", "--duration", "6")
        result.expectSuccess()
        let lines = try result.lines
        #expect(lines.ofType("label").count == 17)
        #expect(lines.last?.members.framesRead == 24)
        let connected = lines.ofType("source").first
        #expect(connected?.width == 640 && connected?.height == 480 && connected?.fps == 25)
    }

    @Test("A test graph in real time ends after --duration, and ends its open event")
    func liveTestGraph() async throws {
        let start = ContinuousClock.now
        let result = try await Gerund.run(
            ["watch", Gerund.testPattern, "--pace", "realtime", "--duration", "4"] + Gerund.eager)
        #expect(ContinuousClock.now - start >= .seconds(3.5), "frames come at their times")
        result.expectSuccess()
        let lines = try result.lines
        lines.expectClosedEvents()
        let last = try #require(lines.ofType("event").last)
        #expect(last.interrupted == nil && last.end == 3.76)
    }

    @Test("Several sources run at once, each as if it were the only one")
    func several() async throws {
        let alone = try await Gerund.run("watch", "\(Gerund.clip)#name=one", "--duration", "8")
        let result = try await Gerund.run(
            "watch", "\(Gerund.clip)#name=one", "\(Gerund.clip)#name=two",
            "test:testsrc2=size=320x240:rate=10#name=three",
            "--duration", "8")
        result.expectSuccess()
        let lines = try result.lines
        #expect(lines.ofType("run").count == 1)
        #expect(Set(lines.ofType("summary").map(\.source)) == ["one", "two", "three"])
        let one = lines.filter { $0.members.source == "one" }.map(\.timeless)
        #expect(one == (try alone.lines.dropFirst().map(\.timeless)))
        let counts = ["one", "two", "three"].map { name in lines.ofType("label").count { $0.source == name } }
        #expect(counts == [25, 25, 25])
    }
}
