import GerundCore
import Testing

@Suite("JSONReader")
struct JSONReaderTests {
    private func reader(_ text: String, acceptsNull: Bool = false) throws -> JSONReader {
        try JSONReader(JSONValue(parsing: Array(text.utf8)), acceptsNull: acceptsNull)
    }

    /// Expects an error and returns it.
    private func error<R>(_ body: () throws(JSONValueError) -> R) throws -> JSONValueError {
        try #require(throws: JSONValueError.self) { try body() }
    }

    @Test("Returns values of every type")
    func values() throws {
        let reader = try self.reader(
            #"{"s": "a", "b": true, "i": 3, "f": 8.0, "n": -0.5, "l": [1, "x"], "o": {"k": 1}, "t": ["a", "b"], "m": [1, 2.5]}"#
        )
        #expect(try reader.string("s") == "a")
        #expect(try reader.boolean("b") == true)
        #expect(try reader.integer("i") == 3)
        #expect(try reader.integer("f", in: 1...8) == 8)
        #expect(try reader.number("n", in: -1...0) == -0.5)
        #expect(try reader.number("i") == 3)
        #expect(try reader.array("l") == [.integer(1), .string("x")])
        #expect(try reader.object("o")?.integer("k") == 1)
        #expect(try reader.strings("t") == ["a", "b"])
        #expect(try reader.numbers("m") == [1, 2.5])
    }

    @Test("Returns nil for an absent member")
    func absent() throws {
        let reader = try self.reader("{}")
        #expect(try reader.string("x") == nil)
        #expect(try reader.boolean("x") == nil)
        #expect(try reader.integer("x", in: 1...2) == nil)
        #expect(try reader.number("x", in: 0...1) == nil)
        #expect(try reader.object("x") == nil)
        #expect(try reader.array("x") == nil)
        #expect(try reader.strings("x") == nil)
        #expect(try reader.objects("x") == nil)
    }

    @Test("Refuses null unless it counts as absent, in nested objects too")
    func null() throws {
        #expect(
            try self.error { () throws(JSONValueError) in try JSONReader(.null) }.message
                == "expected an object, found null")
        let strict = try self.reader(#"{"a": null}"#)
        #expect(try self.error { () throws(JSONValueError) in try strict.integer("a") }.code == .typeMismatch)
        let lenient = try self.reader(#"{"a": null, "o": {"b": null}}"#, acceptsNull: true)
        #expect(try lenient.integer("a") == nil)
        #expect(try #require(try lenient.object("o")).string("b") == nil)
    }

    @Test("Names the path of the key, what is expected and what was found")
    func messages() throws {
        let reader = try self.reader(#"{"o": {"i": 9, "s": 1, "l": ["a", 2], "p": [{}, {"x": "y"}]}, "f": 1.5}"#)
        let nested = try #require(try reader.object("o"))
        let range = try self.error { () throws(JSONValueError) in try nested.integer("i", in: 1...8) }
        #expect(range.code == .invalidValue && range.key == "o.i" && range.found == "9")
        #expect(range.message == "'o.i' must be an integer from 1 to 8, found 9")
        #expect("\(range)" == "invalidValue: 'o.i' must be an integer from 1 to 8, found 9")
        let type = try self.error { () throws(JSONValueError) in try nested.string("s") }
        #expect(type.code == .typeMismatch && type.message == "'o.s' must be a string, found 1")
        let fraction = try self.error { () throws(JSONValueError) in try reader.integer("f") }
        #expect(fraction.code == .typeMismatch && fraction.message == "'f' must be an integer, found 1.5")
        let number = try self.error { () throws(JSONValueError) in try reader.number("f", in: 0...1) }
        #expect(number.message == "'f' must be a number from 0 to 1, found 1.5")
        let high = try self.error { () throws(JSONValueError) in
            try reader.number("f", in: 2.5 ... .greatestFiniteMagnitude)
        }
        #expect(high.message.hasPrefix("'f' must be a number from 2.5 to "), "\(high.message)")
        let unbounded = try self.error { () throws(JSONValueError) in try reader.number("o") }
        #expect(unbounded.message == "'o' must be a number, found an object")
        let element = try self.error { () throws(JSONValueError) in try nested.strings("l") }
        #expect(element.message == "'o.l[1]' must be a string, found 2")
        let inner = try #require(try nested.objects("p"))[1]
        let deep = try self.error { () throws(JSONValueError) in try inner.integer("x") }
        #expect(deep.message == #"'o.p[1].x' must be an integer, found "y""#)
        #expect(nested.missing("q", expected: "a string").message == "'o.q' is missing, expected a string")
        #expect(nested.invalidValue("i", expected: "a divisor of 8").message == "'o.i' must be a divisor of 8, found 9")
        #expect(nested.invalidValue("q", expected: "a size").found == "nothing")
    }

    @Test("Refuses a number that no integer can hold")
    func hugeInteger() throws {
        let reader = try self.reader(#"{"i": 1e300, "j": 9223372036854775808}"#)
        #expect(throws: JSONValueError.self) { try reader.integer("i") }
        #expect(throws: JSONValueError.self) { try reader.integer("j") }
        #expect(try reader.number("j") == 0x1p63)
    }

    @Test("Keeps a message on one line, whatever a file contains")
    func sanitizedMessages() throws {
        let reader = try self.reader(#"{"a\nb": "\u001b[2J", "c": "\u202ex"}"#)
        let key = try self.error { () throws(JSONValueError) in try reader.integer("a\nb") }
        #expect(key.message == "'a\u{FFFD}b' must be an integer, found \"\u{FFFD}[2J\"")
        let value = try self.error { () throws(JSONValueError) in try reader.integer("c") }
        #expect(value.message == "'c' must be an integer, found \"\u{FFFD}x\"")
    }

    @Test("Reads a list of objects at the top level")
    func topLevelList() throws {
        let values = try #require(try JSONValue(parsing: Array(#"[{"a": 1}, {"a": "x"}]"#.utf8)).array)
        let readers = try JSONReader.readers(of: values)
        #expect(try readers[0].integer("a") == 1)
        let error = try self.error { () throws(JSONValueError) in try readers[1].integer("a") }
        #expect(error.key == "[1].a")
        #expect(throws: JSONValueError.self) { try JSONReader.readers(of: [.integer(1)]) }
    }
}
