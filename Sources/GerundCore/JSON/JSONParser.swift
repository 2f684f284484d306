/// A strict parser of JSON texts (RFC 8259), safe for untrusted input: it accepts nothing else and never traps.
struct JSONParser {
    /// The maximum nesting depth of arrays and objects; a model's files need 6 levels.
    static let depthLimit = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Parses a whole text.
    ///
    /// - Parameter bytes: The text, in UTF-8.
    /// - Returns: The value of the text.
    /// - Throws: ``JSONSyntaxError`` with the position of the first error.
    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.parseValue(depth: 0)
        parser.skipWhitespace()
        guard parser.position == bytes.count else { throw parser.error("unexpected text after the value") }
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
        case nil: throw self.error("unexpected end of input, expected a value")
        default: throw self.error("expected a value")
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        var object = JSONObject()
        self.position += 1
        self.skipWhitespace()
        if self.take("}") { return object }
        while true {
            self.skipWhitespace()
            guard self.peek == UInt8(ascii: "\"") else { throw self.error("expected a name in double quotes") }
            let start = self.position
            let name = try self.parseString()
            self.skipWhitespace()
            guard self.take(":") else { throw self.error("expected ':'") }
            guard object.add(try self.parseValue(depth: depth), named: name) else {
                self.position = start
                throw self.error("duplicate name '\(name.sanitized)'")
            }
            self.skipWhitespace()
            if self.take("}") { return object }
            guard self.take(",") else { throw self.error("expected ',' or '}'") }
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
            guard self.take(",") else { throw self.error("expected ',' or ']'") }
        }
    }

    private mutating func parseWord(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard self.bytes[self.position...].starts(with: word.utf8) else { throw self.error("expected a value") }
        self.position += word.utf8.count
        return value
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSONValue {
        let start = self.position
        _ = self.take("-")
        let isZero = self.take("0")
        if !isZero { try self.takeDigits() }
        if isZero, self.isDigit { throw self.error("leading zero in a number") }
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
            throw self.error("number out of range")
        }
        return .number(value)
    }

    private var isDigit: Bool {
        guard let byte = self.peek else { return false }
        return UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private mutating func takeDigits() throws(JSONSyntaxError) {
        guard self.isDigit else { throw self.error("expected a digit") }
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
                    throw self.error("invalid UTF-8 in a string")
                }
                return string
            case UInt8(ascii: "\\"):
                content += self.bytes[plainStart..<self.position]
                content += String(try self.parseEscape()).utf8
                plainStart = self.position
            case 0..<0x20: throw self.error("unescaped control character in a string")
            default: self.position += 1
            }
        }
        self.position = start
        throw self.error("unterminated string")
    }

    private mutating func parseEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        self.position += 1
        guard let byte = self.peek else { throw self.error("unterminated string") }
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
            throw self.error("invalid escape")
        }
    }

    /// Parses the digits after `\u` and, after a high surrogate, the escape of the low one.
    private mutating func parseUnicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let high = try self.parseHexadecimal()
        guard 0xD800...0xDBFF ~= high else {
            guard let scalar = Unicode.Scalar(high) else { throw self.error("unpaired surrogate") }
            return scalar
        }
        guard self.take("\\"), self.take("u") else { throw self.error("unpaired surrogate") }
        let low = try self.parseHexadecimal()
        guard 0xDC00...0xDFFF ~= low, let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw self.error("unpaired surrogate") }
        return scalar
    }

    private mutating func parseHexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.error("expected four hexadecimal digits")
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

    private func error(_ reason: String) -> JSONSyntaxError {
        let before = self.bytes[..<self.position]
        let line = before.count { $0 == 0xA } + 1
        let lineStart = before.lastIndex(of: 0xA).map { $0 + 1 } ?? 0
        return JSONSyntaxError(reason, line: line, column: self.position - lineStart + 1)
    }
}
