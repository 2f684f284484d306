import Foundation
import GerundEvents
import GerundTesting
import Testing

@Suite("A JSON line")
struct JSONLineTests {
    private func line(_ text: String) -> String {
        var json = JSONLine(type: "test")
        json.add("text", text)
        return json.finished()
    }

    private func parsed(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test("keeps its members in the order in which they were added")
    func order() {
        var json = JSONLine(type: "test")
        json.add("z", 1)
        json.add("a", true)
        json.add("m", ["x", "y"])
        json.add("none", [String]())
        json.add("b", 0.5, decimals: 2)
        json.add("top", [ScoredLabel(label: "a", score: 0.25), ScoredLabel(label: "b", score: 0)])
        #expect(
            json.finished()
                == #"{"type":"test","z":1,"a":true,"m":["x","y"],"none":[],"b":0.50,"top":[["a",0.250],["b",0.000]]}"#)
    }

    @Test(
        "escapes what would break the line or the string",
        arguments: [
            ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", #"a\r\nb"#), ("a\tb", #"a\tb"#),
            ("\u{0}", #"\u0000"#), ("\u{1b}[2J", #"\u001b[2J"#), ("\u{7f}", #"\u007f"#),
            ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("/", "/"), ("winkt \u{1f44b}\u{1f3fd}", "winkt 👋🏽"), ("é", "é"),
        ])
    func escaping(text: String, escaped: String) {
        #expect(self.line(text) == #"{"type":"test","text":""# + escaped + "\"}")
    }

    @Test("gives every text back to a JSON parser, and stays one line", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var text = ""
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let range: ClosedRange<UInt32> =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: 0...0x7f
                case 1: 0x80...0x2fff
                case 2: 0xe000...0xffff
                default: 0x1_0000...0x10_ffff
                }
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        let line = self.line(text)
        let object = try self.parsed(line)
        let back = try #require(object["text"] as? String)
        #expect(Array(back.unicodeScalars) == Array(text.unicodeScalars), "seed \(seed)")
        let hasLineEnd = line.contains { $0.isNewline }
        #expect(!hasLineEnd, "seed \(seed)")
    }

    @Test(
        "writes numbers with a fixed number of decimals, ties away from zero",
        arguments: [
            (0.0, 3, "0.000"), (-0.0, 3, "0.000"), (-0.0004, 3, "0.000"), (0.0005, 3, "0.001"), (-0.0005, 3, "-0.001"),
            (12.25, 3, "12.250"), (0.995, 2, "1.00"), (41.24999, 1, "41.2"), (1e15, 3, "1000000000000000.000"),
            (2.5, 0, "3"), (-2.5, 0, "-3"), (-12.5, 1, "-12.5"),
        ])
    func numbers(value: Double, decimals: Int, text: String) {
        #expect(value.fixed(decimals) == text)
    }

    @Test("writes null for what JSON can't express", arguments: [Double.nan, .infinity, -.infinity, 1e300])
    func notNumbers(value: Double) throws {
        var json = JSONLine(type: "test")
        json.add("x", value, decimals: 3)
        #expect(json.finished() == #"{"type":"test","x":null}"#)
    }

    @Test("Objects stand within objects, and an object may be empty")
    func nested() {
        var inner = JSONLine()
        inner.add("a", 1)
        inner.add("b", "x")
        var outer = JSONLine()
        outer.add("one", inner)
        outer.add("many", [JSONLine(), inner])
        #expect(outer.finished() == #"{"one":{"a":1,"b":"x"},"many":[{},{"a":1,"b":"x"}]}"#)
    }
}
