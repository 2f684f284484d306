import Glibc
import Testing

@Suite("Command bench", .timeLimit(.minutes(10)))
struct BenchTests {
    private static let options = ["--model", Gerund.demoModel, "--runs", "1", "--labels", "3"]

    @Test("Prints the times of a model's stages as JSON")
    func json() async throws {
        let result = try await Gerund.run(["bench", "--json"] + Self.options)
        #expect(result.ending == .exited(0), "\(result.errors)")
        let lines = try result.lines
        #expect(lines.count == 1 && lines.first?.members.type == "bench")
        for name in ["peak_gflops", "bandwidth_gb_s", "label_count", "roofline_ms", "cold_start_ms"] {
            #expect(result.output.contains("\"\(name)\":"), "\(name) in \(result.output)")
        }
        #expect(result.output.contains(#""label_count":3"#))
    }

    @Test("Computes with the requested number of threads, and reports it")
    func threads() async throws {
        let result = try await Gerund.run(["bench", "--json"] + Self.options)
        guard result.output.contains(#""engine":"Gerund"#) else {
            try Test.cancel("the threads of oneDNN and OpenBLAS have no names")
        }
        let three = try await Gerund.start(
            ["bench", "--json", "--threads", "3", "--model", Gerund.demoModel, "--runs", "1000"])
        // The calling thread is the third one.
        try await three.wait(for: "two threads of the pool") { $0.threadNames.contains("compute 2") }
        #expect(!three.threadNames.contains("compute 3"))
        three.signal(SIGKILL)
        _ = try await three.result()

        let one = try await Gerund.start(["bench", "--json", "--threads", "1"] + Self.options)
        var names: Set<String> = []
        try await one.wait(for: "the end") { process in
            names.formUnion(process.threadNames)
            return process.hasEnded()
        }
        #expect(!names.contains { $0.hasPrefix("compute ") }, "\(names)")
        #expect(one.output.contains(#""threads":1"#), "\(one.output)")
    }

    @Test("Prints a table as text")
    func text() async throws {
        let result = try await Gerund.run(["bench"] + Self.options)
        #expect(result.ending == .exited(0), "\(result.errors)")
        #expect(result.output.contains("ms") && !result.output.contains("{"), "\(result.output)")
    }
}
