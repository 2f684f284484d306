/// A parsed JSON text (RFC 8259), kept as it was written.
///
/// Unlike Foundation's decoder it refuses a member name that occurs twice, which safetensors forbids and which in
/// a configuration is a mistake, keeps whole numbers exact, and says at which line and column a text is broken.
enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int)
    /// Any other number; finite.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value.count <= 40 ? "\"\(value.singleLine)\"" : "a string of \(value.count) characters"
        case .array(let values): "a list of \(values.count)"
        case .object: "an object"
        }
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    var object: JSONObject? { if case .object(let members) = self { members } else { nil } }

    /// A number of either kind.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// The members of a JSON object in their order, each name once.
struct JSONObject: Equatable, Sendable {
    private(set) var names: [String] = []
    private var values: [String: JSONValue] = [:]

    subscript(name: String) -> JSONValue? { self.values[name] }

    /// Adds a member; false when there is one of that name.
    mutating func add(_ value: JSONValue, named name: String) -> Bool {
        guard self.values.updateValue(value, forKey: name) == nil else { return false }
        self.names.append(name)
        return true
    }
}

extension String {
    /// The text with control characters replaced, so that a message stays one line whatever a file contains.
    var singleLine: String {
        String(
            String.UnicodeScalarView(
                self.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}
