/// One JSON object as one line of text, its members in the order in which they were added.
///
/// Foundation's encoder promises no order, and a log is read by people too; so the order of the product's
/// documentation is kept, and numbers have a fixed number of decimals.
package struct JSONLine {
    private var text: String

    package init(type: String) {
        self.init()
        self.text.reserveCapacity(256)
        self.add("type", type)
    }

    /// An object without a type: a part of another.
    package init() {
        self.text = "{"
    }

    package mutating func add(_ key: String, _ value: String) {
        self.appendKey(key)
        self.appendString(value)
    }

    package mutating func add(_ key: String, _ value: Int) {
        self.appendKey(key)
        self.text += String(value)
    }

    package mutating func add(_ key: String, _ value: Bool) {
        self.appendKey(key)
        self.text += value ? "true" : "false"
    }

    /// - Parameter decimals: Always that many; a number that JSON can't express is `null`.
    package mutating func add(_ key: String, _ value: Double, decimals: Int) {
        self.appendKey(key)
        self.text += value.fixed(decimals)
    }

    package mutating func add(_ key: String, _ values: [String]) {
        self.appendKey(key)
        self.text += "["
        for (index, value) in values.enumerated() {
            if index > 0 { self.text += "," }
            self.appendString(value)
        }
        self.text += "]"
    }

    /// - Parameter decimals: Of each number.
    package mutating func add(_ key: String, _ values: [Double], decimals: Int) {
        self.appendKey(key)
        self.text += "[" + values.map { $0.fixed(decimals) }.joined(separator: ",") + "]"
    }

    /// As a list of pairs: `[["waving a hand",0.93],["clapping",0.05]]`.
    package mutating func add(_ key: String, _ scores: [ScoredLabel]) {
        self.appendKey(key)
        self.text += "["
        for (index, score) in scores.enumerated() {
            self.text += index > 0 ? ",[" : "["
            self.appendString(score.label)
            self.text += "," + score.score.fixed(3) + "]"
        }
        self.text += "]"
    }

    /// As an object within this one.
    package mutating func add(_ key: String, _ object: consuming JSONLine) {
        self.appendKey(key)
        self.text += object.finished()
    }

    package mutating func add(_ key: String, _ objects: [JSONLine]) {
        self.appendKey(key)
        self.text += "[" + objects.map { $0.finished() }.joined(separator: ",") + "]"
    }

    /// The line, without its end.
    package consuming func finished() -> String {
        self.text += "}"
        return self.text
    }

    /// The text as a string of JSON, which is one of YAML too.
    package static func quoted(_ text: String) -> String {
        var line = Self()
        line.text = ""
        line.appendString(text)
        return line.text
    }

    private mutating func appendKey(_ key: String) {
        if self.text.utf8.count > 1 { self.text += "," }
        self.appendString(key)
        self.text += ":"
    }

    /// Escapes what RFC 8259, section 7, demands, and the two line separators that are line ends to JavaScript.
    private mutating func appendString(_ value: String) {
        self.text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": self.text += "\\\""
            case "\\": self.text += "\\\\"
            case "\n": self.text += "\\n"
            case "\r": self.text += "\\r"
            case "\t": self.text += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                self.text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: self.text.unicodeScalars.append(scalar)
            }
        }
        self.text += "\""
    }
}

extension Double {
    /// The number with exactly `decimals` digits behind the point, ties away from zero; `null` when it has none.
    package func fixed(_ decimals: Int) -> String {
        var unit: Int64 = 1
        for _ in 0..<decimals { unit *= 10 }
        let scaled = (self * Double(unit)).rounded()
        guard scaled.isFinite, abs(scaled) < 9e18 else { return "null" }
        let digits = Int64(scaled)
        let whole = "\(scaled < 0 ? "-" : "")\(digits.magnitude / UInt64(unit))"
        guard decimals > 0 else { return whole }
        let fraction = String(digits.magnitude % UInt64(unit))
        return whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
