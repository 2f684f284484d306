import GerundCore
import GerundEvents
import GerundMedia

/// The type of a setting's values: their form in text, YAML and JSON, and the allowed ones.
///
/// The command line, YAML and `gerund.json` all read values by the same type, so a range is defined once.
public struct SettingType<Value: Hashable & Sendable>: Sendable {
    /// The allowed values, as the end of a sentence that begins with "must be".
    public let expected: String
    /// The name of a value in help, such as `duration`.
    public let placeholder: String
    /// The range of a number, a duration (in seconds) or a size (in bytes); `nil` for other types.
    public let range: SettingRange?
    /// The values to choose from; empty for other types.
    public let choices: [String]
    /// Former names of choices, and what they are called now.
    let formerChoices: [String: String]

    let parse: @Sendable (String) -> Value?
    let format: @Sendable (Value) -> String
    let readYAML: @Sendable (inout YAMLReader, YAMLReader.Entry) -> Value?
    let readJSON: @Sendable (JSONValue) throws(InvalidSettingValue) -> Value

    /// Returns the value of a text on the command line or of a scalar in a file.
    ///
    /// - Throws: ``InvalidSettingValue`` for a text that isn't an allowed value.
    public func value(of text: String) throws(InvalidSettingValue) -> Value {
        guard let value = self.parse(text) else {
            throw InvalidSettingValue(
                text, expected: self.expected, choices: self.choices, formerChoices: self.formerChoices)
        }
        return value
    }
}

/// A value that a setting doesn't allow.
public struct InvalidSettingValue: Error, Hashable, Sendable, CustomStringConvertible {
    /// The allowed values, as the end of a sentence that begins with "must be".
    let expected: String
    /// A hint at a similar or renamed choice.
    let hint: String?

    /// Creates an error for a text that isn't an allowed value.
    init(_ text: String, expected: String, choices: [String] = [], formerChoices: [String: String] = [:]) {
        self.expected = expected
        self.hint =
            formerChoices[text].map { "'\(text)' is now called '\($0)'" }
            ?? text.closestMatch(in: choices).map { "did you mean '\($0)'?" }
    }

    /// The allowed values and what may have been meant, such as `must be exact or fast: did you mean 'fast'?`.
    public var description: String { "must be \(self.expected)\(self.hint.map { ": \($0)" } ?? "")" }

    /// The message for a setting in a file.
    ///
    /// - Parameters:
    ///   - key: The setting's key.
    ///   - found: The value that was found instead; `nil` if it can't be shown.
    /// - Returns: One line, such as `'mode' must be exact or fast, not 'fst': did you mean 'fast'?`
    func message(key: String, found: String?) -> String {
        let found = found.map { ", not \($0)" } ?? ""
        return "'\(key)' must be \(self.expected)\(found)\(self.hint.map { ": \($0)" } ?? "")"
    }
}

// MARK: - Scalars

extension SettingType {
    /// The types of JSON value that a scalar may be written as.
    enum JSONForm: Sendable {
        case number, string, numberOrString, boolean
    }

    /// Creates the type of a value that is a single text or number.
    init(
        scalar expected: String, placeholder: String, range: SettingRange? = nil,
        choices: [String] = [], formerChoices: [String: String] = [:], json: JSONForm,
        format: @escaping @Sendable (Value) -> String, parse: @escaping @Sendable (String) -> Value?
    ) {
        self.expected = expected
        self.placeholder = placeholder
        self.range = range
        self.choices = choices
        self.formerChoices = formerChoices
        self.parse = parse
        self.format = format
        let invalid = { @Sendable (text: String) in
            InvalidSettingValue(text, expected: expected, choices: choices, formerChoices: formerChoices)
        }
        self.readYAML = { yaml, entry in
            let text = yaml.scalar(entry)
            if let value = text.flatMap(parse) { return value }
            let found = text.flatMap { $0.isEmpty ? nil : "'\($0.excerpt)'" }
            yaml.report(invalid(text ?? "").message(key: entry.key, found: found), line: entry.line)
            return nil
        }
        self.readJSON = { value throws(InvalidSettingValue) in
            let text = json.text(of: value)
            guard let text, let parsed = parse(text) else { throw invalid(text ?? "") }
            return parsed
        }
    }
}

extension SettingType.JSONForm {
    /// The text to parse; `nil` for a value of another type.
    fileprivate func text(of value: JSONValue) -> String? {
        switch (value, self) {
        case (.integer(let number), .number), (.integer(let number), .numberOrString): "\(number)"
        case (.number(let number), .number), (.number(let number), .numberOrString): "\(number)"
        case (.string(let text), .string), (.string(let text), .numberOrString): text
        case (.boolean(let value), .boolean): "\(value)"
        default: nil
        }
    }
}

extension SettingType where Value == Double {
    /// A number in a range.
    ///
    /// - Parameters:
    ///   - range: The allowed values.
    ///   - placeholder: The name of a value in help.
    ///   - unit: The unit, in the plural.
    /// - Returns: The type.
    static func number(_ range: SettingRange, placeholder: String, unit: String? = nil) -> Self {
        let of = unit.map { " of \($0)," } ?? ""
        return Self(
            scalar: "a number\(of) \(range.words(\.shortDescription))", placeholder: placeholder,
            range: range, json: .number, format: \.shortDescription
        ) { text in Double(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// A part of the whole, from 0 to 1, written as `0.01` or `1%`.
    static var ratio: Self {
        let range = SettingRange(from: 0, through: 1)
        return Self(
            scalar: "a ratio from 0 to 1, or a percentage such as 5%", placeholder: "ratio", range: range,
            json: .numberOrString, format: { "\((100 * $0).shortDescription)%" }
        ) { text in
            let isPercentage = text.hasSuffix("%")
            let number = Double(isPercentage ? String(text.dropLast()) : text)
            return number.map { isPercentage ? $0 / 100 : $0 }.flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingType where Value == Int {
    /// A whole number in a range.
    ///
    /// - Parameters:
    ///   - range: The allowed values.
    ///   - placeholder: The name of a value in help.
    /// - Returns: The type.
    static func integer(_ range: ClosedRange<Int>, placeholder: String = "count") -> Self {
        Self(
            scalar: "a whole number from \(range.lowerBound) to \(range.upperBound)", placeholder: placeholder,
            range: SettingRange(from: Double(range.lowerBound), through: Double(range.upperBound)), json: .number,
            format: { "\($0)" }
        ) { text in
            (Int(text) ?? Double(text).flatMap(Int.init(exactly:))).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number of tokens, or `all`, which is `Int.max`.
    static var tokens: Self {
        let range = 0...Int(Int32.max)
        return Self(
            scalar: "a number of tokens, or all", placeholder: "tokens", json: .numberOrString,
            format: { $0 == .max ? "all" : "\($0)" }
        ) { text in text == "all" ? .max : Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// The size of a file in bytes, written as `512k`, `10M` or `1G`.
    static var logSize: Self {
        let sizes = LogRotation.allowedSizes
        return Self(
            scalar: "a size of at least \(sizes.lowerBound >> 10)k, such as 512k, 10M or 1G", placeholder: "size",
            range: SettingRange(from: Double(sizes.lowerBound), through: Double(sizes.upperBound)),
            json: .numberOrString, format: { "\($0)" }, parse: LogRotation.parseSize)
    }
}

extension SettingType where Value == Duration {
    /// A duration in a range, in seconds.
    static func duration(_ range: SettingRange) -> Self {
        let words = range.words { Duration.seconds($0).settingText }
        return Self(
            scalar: "a duration \(words), such as 90, 90s, 15m or 1h30m", placeholder: "duration", range: range,
            json: .numberOrString, format: \.settingText
        ) { text in Duration(settingText: text).flatMap { range.contains($0 / .seconds(1)) ? $0 : nil } }
    }
}

extension SettingType where Value == Bool {
    /// `true` or `false`; on the command line a flag.
    static var flag: Self {
        Self(
            scalar: "true or false", placeholder: "flag", choices: ["true", "false"], json: .boolean,
            format: { "\($0)" }, parse: Bool.init)
    }
}

extension SettingType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the names of an enumeration.
    ///
    /// - Parameters:
    ///   - values: The allowed values.
    ///   - placeholder: The name of a value in help.
    ///   - formerChoices: Former names, and what they are called now.
    /// - Returns: The type.
    static func choice(
        _ values: [Value] = Array(Value.allCases), placeholder: String, formerChoices: [String: String] = [:]
    ) -> Self {
        let names = values.map(\.rawValue)
        return Self(
            scalar: names.alternatives, placeholder: placeholder, choices: names, formerChoices: formerChoices,
            json: .string, format: \.rawValue
        ) { text in names.contains(text) ? Value(rawValue: text) : nil }
    }
}

extension [String] {
    /// The elements as alternatives: `a, b or c`.
    fileprivate var alternatives: String {
        self.count > 1 ? "\(self.dropLast().joined(separator: ", ")) or \(self[self.count - 1])" : self.first ?? ""
    }
}
