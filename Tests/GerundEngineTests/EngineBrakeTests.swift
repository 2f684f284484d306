import Foundation
import GerundEngine
import Testing

@Suite("The engine's brake")
struct EngineBrakeTests {
    @Test("is off unless it is asked for")
    func off() {
        #expect(EngineBrake(environment: [:]) == nil)
        #expect(EngineBrake(environment: ["GERUND_BRAKE": ""]) == nil)
    }

    @Test(
        "slows by a number or to a time, and not at all by anything else",
        arguments: [
            ("10", .times(10)), ("2.5", .times(2.5)), ("0.5s", .atLeast(0.5)), ("0", .times(1)), ("-3", .times(1)),
            ("-1s", .times(1)), ("nan", .times(1)), ("nans", .times(1)), ("s", .times(1)), ("1e9", .times(1)),
            ("1e9s", .times(1)), ("no such file", .times(1)),
        ] as [(String, EngineBrake.Pace)])
    func setting(text: String, pace: EngineBrake.Pace) {
        #expect(EngineBrake(environment: ["GERUND_BRAKE": text])?.pace == pace)
    }

    @Test("follows a file")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("brake-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let brake = try #require(EngineBrake(environment: ["GERUND_BRAKE": path]))
        #expect(brake.pace == .times(1))
        try "10\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(brake.pace == .times(10))
        try "2s\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(brake.pace == .atLeast(2))
        try "1".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(brake.pace == .times(1))
    }
}
