import FoundationEssentials
import GerundCore
import Testing

@testable import GerundRecords

@Suite("RecordEncoder")
struct RecordEncoderTests {
    private struct Text: Codable, Hashable {
        var text: String
    }

    private struct Everything: Encodable {
        enum CodingKeys: String, CodingKey {
            case z, a, m, none, b, optional, missing, nested, list
        }

        func encode(to encoder: any Encoder) throws {
            var json = encoder.container(keyedBy: CodingKeys.self)
            try json.encode(1, forKey: .z)
            try json.encode(true, forKey: .a)
            try json.encode(["x", "y"], forKey: .m)
            try json.encode([String](), forKey: .none)
            try json.encode(0.5, decimals: 2, forKey: .b)
            try json.encode(String?.some("x"), forKey: .optional)
            try json.encode(String?.none, forKey: .missing)
            var nested = json.nestedContainer(keyedBy: CodingKeys.self, forKey: .nested)
            try nested.encode(2.5, forKey: .a)
            var list = json.nestedUnkeyedContainer(forKey: .list)
            try list.encode(UInt8(7))
            try list.encodeNil()
            try list.encode(Text(text: "t"))
            #expect(list.count == 3)
        }
    }

    @Test("Keeps members in the order in which they were encoded")
    func order() {
        #expect(
            RecordEncoder.text(of: Everything())
                == #"{"z":1,"a":true,"m":["x","y"],"none":[],"b":0.50,"optional":"x","missing":null,"#
                + #""nested":{"a":2.5},"list":[7,null,{"text":"t"}]}"#)
    }

    @Test(
        "Escapes what would break the line or the string",
        arguments: [
            ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", #"a\r\nb"#), ("a\tb", #"a\tb"#),
            ("\u{0}", #"\u0000"#), ("\u{1b}[2J", #"\u001b[2J"#), ("\u{7f}", #"\u007f"#),
            ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("/", "/"), ("winkt \u{1f44b}\u{1f3fd}", "winkt 👋🏽"), ("é", "é"),
        ])
    func escaping(text: String, escaped: String) {
        #expect(RecordEncoder.text(of: Text(text: text)) == #"{"text":""# + escaped + "\"}")
    }

    @Test("Writes any text as one line that a JSON parser reads back", arguments: 0..<200)
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
        let line = RecordEncoder.text(of: Text(text: text))
        let back = try JSONDecoder().decode(Text.self, from: Data(line.utf8))
        #expect(Array(back.text.unicodeScalars) == Array(text.unicodeScalars))
        #expect(try JSONValue(parsing: Array(line.utf8)).object?["text"]?.string == text)
        let hasLineEnd = line.contains { $0.isNewline }
        #expect(!hasLineEnd)
    }

    @Test("Writes null for a number that JSON can't express", arguments: [Double.nan, .infinity, -.infinity])
    func notNumbers(value: Double) {
        #expect(RecordEncoder.text(of: value) == "null")
        #expect(RecordEncoder.text(of: FixedDecimal(value, decimals: 3)) == "null")
        #expect(RecordEncoder.text(of: Float(value)) == "null")
        #expect(RecordEncoder.text(of: FixedDecimal(1e300, decimals: 3)) == "null")
    }
}
