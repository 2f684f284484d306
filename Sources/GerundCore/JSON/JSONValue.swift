/// A parsed JSON text (RFC 8259).
///
/// Unlike Foundation's decoder, it refuses an object with a repeated member name (which safetensors forbids, and which
/// is a mistake in a configuration), keeps integers exact, and reports the line and column of a syntax error.
public enum JSONValue: Hashable, Sendable {
    /// The literal `null`.
    case null
    /// One of the literals `true` and `false`.
    case boolean(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int)
    /// Any other number; finite.
    case number(Double)
    /// A string, with its escapes resolved.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// Parses a whole JSON text.
    ///
    /// - Parameter bytes: The text, in UTF-8 without a byte order mark.
    /// - Throws: ``JSONSyntaxError`` for anything but one value as RFC 8259 defines it, for a repeated member name, for
    ///   a number that is out of the range of `Double`, and for more than 64 nested arrays and objects.
    public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        self = try JSONParser.parse(bytes)
    }

    /// The type and, if it is short, the value, for error messages: `"abc"`, `12`, `an array of 3`, `an object`.
    public var shortDescription: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): value.shortDescription
        case .string(let value):
            value.count <= 40 ? "\"\(value.sanitized)\"" : "a string of \(value.count) characters"
        case .array(let values): "an array of \(values.count)"
        case .object: "an object"
        }
    }

    /// The value of a string; `nil` for any other type.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The value of ``integer(_:)``; `nil` for any other type.
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }

    /// The value of a boolean; `nil` for any other type.
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// The elements of an array; `nil` for any other type.
    public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

    /// The members of an object; `nil` for any other type.
    public var object: JSONObject? { if case .object(let members) = self { members } else { nil } }

    /// The value of a number of either case, rounded to `Double`; `nil` for any other type.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// The members of a JSON object, in the order of the text and with unique names.
public struct JSONObject: Hashable, Sendable {
    /// The names of all members, in the order of the text.
    public private(set) var names: [String] = []
    private var values: [String: JSONValue] = [:]

    /// Creates an object without members.
    public init() {}

    /// The value of the member with the given name; `nil` if there is no such member.
    public subscript(name: String) -> JSONValue? { self.values[name] }

    /// Appends a member, or returns `false` if there is one with that name.
    mutating func add(_ value: JSONValue, named name: String) -> Bool {
        guard self.values.updateValue(value, forKey: name) == nil else { return false }
        self.names.append(name)
        return true
    }
}
