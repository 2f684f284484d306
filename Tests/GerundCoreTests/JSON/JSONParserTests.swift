import Testing

@testable import GerundCore

@Suite("JSONParser")
struct JSONParserTests {
    func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    @Test("Parses every type of value")
    func values() throws {
        #expect(try self.parse(" null ") == .null)
        #expect(try self.parse("[true,false]") == .array([.boolean(true), .boolean(false)]))
        #expect(try self.parse("[ ]") == .array([]))
        #expect(try self.parse("{ }") == .object(JSONObject()))
        let object = try #require(try self.parse("{\"b\": 1,\r\n\t\"a\" : {\"c\":[2]}}").object)
        #expect(object.names == ["b", "a"])
        #expect(object["a"]?.object?["c"] == .array([.integer(2)]))
    }

    @Test(
        "Keeps integers exact and other numbers as doubles",
        arguments: [
            ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("-12", .integer(-12)),
            ("9223372036854775807", .integer(.max)), ("9007199254740993", .integer(9_007_199_254_740_993)),
            ("9223372036854775808", .number(0x1p63)), ("1.5", .number(1.5)), ("1e3", .number(1000)),
            ("-2.5E-1", .number(-0.25)), ("1e-400", .number(0)),
        ])
    func numbers(text: String, value: JSONValue) throws {
        #expect(try self.parse(text) == value)
    }

    @Test(
        "Resolves the escapes of strings",
        arguments: [
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u4E2D""#, "é中"),
            (#""\ud83d\ude00!""#, "😀!"), ("\"Ġé😀\"", "Ġé😀"), (#""\u0000""#, "\0"),
        ])
    func strings(text: String, value: String) throws {
        #expect(try self.parse(text) == .string(value))
    }

    @Test(
        "Reports the position and the kind of a syntax error",
        arguments: [
            ("", 1, 1, "end of input"), ("{", 1, 2, "name"), ("[1,]", 1, 4, "value"), ("{\"a\":1,}", 1, 8, "name"),
            ("[1 2]", 1, 4, "','"), ("{\"a\" 1}", 1, 6, "':'"), ("01", 1, 2, "leading zero"), ("-", 1, 2, "digit"),
            ("1.", 1, 3, "digit"), (".5", 1, 1, "value"), ("1e", 1, 3, "digit"), ("+1", 1, 1, "value"),
            ("NaN", 1, 1, "value"), ("Infinity", 1, 1, "value"), ("nul", 1, 1, "value"), ("1e999", 1, 1, "range"),
            ("\"a", 1, 1, "unterminated"), ("\"\\x\"", 1, 3, "escape"), ("\"\\u12g4\"", 1, 6, "hexadecimal"),
            ("\"\\ud800\"", 1, 8, "surrogate"), ("\"\\udc00\"", 1, 8, "surrogate"), ("\"a\tb\"", 1, 3, "control"),
            ("{\n \"a\": 1,\n  \"a\": 2}", 3, 3, "duplicate"), ("1 2", 1, 3, "after the value"), ("'a'", 1, 1, "value"),
            ("// c\n1", 1, 1, "value"), ("\u{FEFF}1", 1, 1, "value"), ("\u{A0}1", 1, 1, "value"),
        ])
    func errors(text: String, line: Int, column: Int, message: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try self.parse(text) }
        #expect(error?.line == line && error?.column == column, "\(error.debugDescription)")
        #expect(error?.message.contains(message) == true, "\(error.debugDescription)")
    }

    @Test("Accepts 64 nested arrays and refuses more, however many")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try self.parse(nested(JSONParser.depthLimit)) }
        #expect(throws: JSONSyntaxError.self) { try self.parse(nested(JSONParser.depthLimit + 1)) }
        #expect(throws: JSONSyntaxError.self) { try self.parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test("Never traps on random bytes", arguments: 0..<4 as Range<UInt64>)
    func noise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("{}[]:,\"\\u0123456789abcdefnrtl.-+eE \n".utf8) + [0, 0x80, 0xC3, 0xA9, 0xFF]
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<40, using: &random)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            _ = try? JSONParser.parse(bytes)
        }
    }
}
