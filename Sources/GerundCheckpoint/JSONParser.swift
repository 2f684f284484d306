/// Where and why a JSON text is broken.
struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    var message: String
    /// From 1.
    var line: Int
    /// In bytes, from 1.
    var column: Int

    var description: String { "line \(self.line), column \(self.column): \(self.message)" }
}

/// A strict parser of JSON texts (RFC 8259) that come from files: it accepts nothing else, and nothing it meets can
/// trap.
struct JSONParser {
    /// How deep arrays and objects may nest; a model's files need 6 levels.
    static let depthLimit = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameter bytes: The whole text, UTF-8.
    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.parseValue(depth: 0)
        parser.skipWhitespace()
        guard parser.position == bytes.count else { throw parser.error("unexpected text after the end") }
        return value
    }

    private mutating func parseValue(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth < Self.depthLimit else { throw self.error("nested more than \(Self.depthLimit) levels deep") }
        self.skipWhitespace()
        switch self.peek {
        case UInt8(ascii: "{"): return .object(try self.parseObject(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try self.parseArray(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try self.parseString())
        case _ where self.isDigit: return try self.parseNumber()
        case UInt8(ascii: "-"): return try self.parseNumber()
        case UInt8(ascii: "t"): return try self.parseWord("true", .boolean(true))
        case UInt8(ascii: "f"): return try self.parseWord("false", .boolean(false))
        case UInt8(ascii: "n"): return try self.parseWord("null", .null)
        case nil: throw self.error("the text ends where a value belongs")
        default: throw self.error("a value was expected")
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        var object = JSONObject()
        self.position += 1
        self.skipWhitespace()
        if self.take("}") { return object }
        while true {
            self.skipWhitespace()
            guard self.peek == UInt8(ascii: "\"") else { throw self.error("a name in quotes was expected") }
            let start = self.position
            let name = try self.parseString()
            self.skipWhitespace()
            guard self.take(":") else { throw self.error("':' was expected") }
            guard object.add(try self.parseValue(depth: depth), named: name) else {
                self.position = start
                throw self.error("'\(name.singleLine)' occurs twice")
            }
            self.skipWhitespace()
            if self.take("}") { return object }
            guard self.take(",") else { throw self.error("',' or '}' was expected") }
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        var values: [JSONValue] = []
        self.position += 1
        self.skipWhitespace()
        if self.take("]") { return values }
        while true {
            values.append(try self.parseValue(depth: depth))
            self.skipWhitespace()
            if self.take("]") { return values }
            guard self.take(",") else { throw self.error("',' or ']' was expected") }
        }
    }

    private mutating func parseWord(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard self.bytes[self.position...].starts(with: word.utf8) else { throw self.error("a value was expected") }
        self.position += word.utf8.count
        return value
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSONValue {
        let start = self.position
        _ = self.take("-")
        let isZero = self.take("0")
        if !isZero { try self.takeDigits() }
        if isZero, self.isDigit { throw self.error("a number can't begin with 0") }
        var isWhole = true
        if self.take(".") {
            isWhole = false
            try self.takeDigits()
        }
        if self.take("e") || self.take("E") {
            isWhole = false
            if !self.take("+") { _ = self.take("-") }
            try self.takeDigits()
        }
        let text = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            self.position = start
            throw self.error("the number is out of range")
        }
        return .number(value)
    }

    private var isDigit: Bool {
        guard let byte = self.peek else { return false }
        return UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private mutating func takeDigits() throws(JSONSyntaxError) {
        guard self.isDigit else { throw self.error("a digit was expected") }
        while self.isDigit { self.position += 1 }
    }

    // MARK: Strings

    private mutating func parseString() throws(JSONSyntaxError) -> String {
        let start = self.position
        self.position += 1
        var content: [UInt8] = []
        var plainStart = self.position
        while let byte = self.peek {
            switch byte {
            case UInt8(ascii: "\""):
                content += self.bytes[plainStart..<self.position]
                self.position += 1
                guard let string = String(validating: content, as: UTF8.self) else {
                    self.position = start
                    throw self.error("the string is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                content += self.bytes[plainStart..<self.position]
                content += String(try self.parseEscape()).utf8
                plainStart = self.position
            case 0..<0x20: throw self.error("a control character has to be escaped")
            default: self.position += 1
            }
        }
        self.position = start
        throw self.error("the string has no end")
    }

    private mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        self.position += 1
        guard let byte = self.peek else { throw self.error("the string has no end") }
        self.position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try self.parseUnicodeEscape()
        default:
            self.position -= 1
            throw self.error("no such escape")
        }
    }

    /// The digits after `\u`, and the second half of a surrogate pair when they are its first.
    private mutating func parseUnicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let high = try self.parseHexadecimal()
        guard 0xD800...0xDBFF ~= high else {
            guard let scalar = Unicode.Scalar(high) else { throw self.error("half of a surrogate pair") }
            return scalar
        }
        guard self.take("\\"), self.take("u") else { throw self.error("half of a surrogate pair") }
        let low = try self.parseHexadecimal()
        guard 0xDC00...0xDFFF ~= low, let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw self.error("half of a surrogate pair") }
        return scalar
    }

    private mutating func parseHexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.error("four hexadecimal digits were expected")
            }
            value = value << 4 | UInt32(digit)
            self.position += 1
        }
        return value
    }

    // MARK: Bytes

    private var peek: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard self.peek == UInt8(ascii: character) else { return false }
        self.position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = self.peek, byte == 0x20 || 0x9...0xA ~= byte || byte == 0xD { self.position += 1 }
    }

    private func error(_ message: String) -> JSONSyntaxError {
        let before = self.bytes[..<self.position]
        let line = before.count { $0 == 0xA } + 1
        let lineStart = before.lastIndex(of: 0xA).map { $0 + 1 } ?? 0
        return JSONSyntaxError(message: message, line: line, column: self.position - lineStart + 1)
    }
}
