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
        "slows by a number, and not at all by anything else",
        arguments: [("10", 10.0), ("2.5", 2.5), ("0", 1), ("-3", 1), ("nan", 1), ("1e9", 1), ("no such file", 1)])
    func number(text: String, factor: Double) {
        #expect(EngineBrake(environment: ["GERUND_BRAKE": text])?.factor == factor)
    }

    @Test("follows a file")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("brake-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let brake = try #require(EngineBrake(environment: ["GERUND_BRAKE": path]))
        #expect(brake.factor == 1)
        try "10\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(brake.factor == 10)
        try "1".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(brake.factor == 1)
    }
}
