import Foundation
import GerundEngine
import GerundTesting
import Testing

@Suite("ArtificialSlowdown")
struct ArtificialSlowdownTests {
    @Test("Is absent unless the environment asks for it")
    func off() {
        #expect(ArtificialSlowdown(environment: [:]) == nil)
        #expect(ArtificialSlowdown(environment: ["GERUND_DEBUG_SLOWDOWN": ""]) == nil)
    }

    @Test(
        "Accepts a factor or a minimum time, and ignores anything else",
        arguments: [
            ("10", .times(10)), ("2.5", .times(2.5)), ("0.5s", .atLeast(0.5)), ("0", .times(1)), ("-3", .times(1)),
            ("-1s", .times(1)), ("nan", .times(1)), ("nans", .times(1)), ("s", .times(1)), ("1e9", .times(1)),
            ("1e9s", .times(1)), ("no such file", .times(1)),
        ] as [(String, ArtificialSlowdown.Pace)])
    func setting(text: String, pace: ArtificialSlowdown.Pace) {
        #expect(ArtificialSlowdown(environment: ["GERUND_DEBUG_SLOWDOWN": text])?.pace == pace)
    }

    @Test("Follows the content of a file")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("slowdown")
        let slowdown = try #require(ArtificialSlowdown(environment: ["GERUND_DEBUG_SLOWDOWN": path]))
        #expect(slowdown.pace == .times(1))
        try "10\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(slowdown.pace == .times(10))
        try "2s\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(slowdown.pace == .atLeast(2))
        try "1".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(slowdown.pace == .times(1))
    }
}
