/// A reader of the members of a JSON object, with errors that name the key.
///
/// Each method returns `nil` if the object has no such member, and throws if the member has another type or is out of
/// range:
///
///     let vision = try JSONReader(config).object("vision_config") ?? JSONReader()
///     let size = try vision.integer("image_size", in: 1...4096) ?? 224
public struct JSONReader: Hashable, Sendable {
    /// The object to read from.
    public let json: JSONObject
    /// The path of the object in the document, such as `vision_config` or `segments[2]`; empty at the top level.
    public let path: String
    /// A Boolean value that indicates whether a member with the value `null` counts as absent.
    ///
    /// The default is `false`: `null` has the wrong type.
    public let acceptsNull: Bool

    /// Creates a reader of an object.
    ///
    /// - Parameters:
    ///   - json: The object to read from. The default is an empty object.
    ///   - path: The path of the object in the document, for error messages. The default is the top level.
    ///   - acceptsNull: Whether a member with the value `null` counts as absent. Readers of nested objects inherit it.
    public init(_ json: JSONObject = JSONObject(), path: String = "", acceptsNull: Bool = false) {
        self.json = json
        self.path = path
        self.acceptsNull = acceptsNull
    }

    /// Creates a reader of a value that must be an object.
    ///
    /// - Parameters:
    ///   - value: The value to read from.
    ///   - path: The path of the value in the document, for error messages. The default is the top level.
    ///   - acceptsNull: Whether a member with the value `null` counts as absent. Readers of nested objects inherit it.
    /// - Throws: ``JSONValueError`` with the code `typeMismatch` if the value isn't an object.
    public init(_ value: JSONValue, path: String = "", acceptsNull: Bool = false) throws(JSONValueError) {
        guard let object = value.object else {
            throw JSONValueError(
                .typeMismatch, key: path, expected: "an object", found: value.shortDescription)
        }
        self.init(object, path: path, acceptsNull: acceptsNull)
    }

    /// Returns the value for a key, or `nil` if the object has no such member, or if it is `null` and ``acceptsNull``
    /// is set.
    public func value(_ key: String) -> JSONValue? {
        let value = self.json[key]
        return self.acceptsNull && value == .null ? nil : value
    }

    /// Returns the path of a member in the document, such as `vision_config.image_size`.
    public func path(of key: String) -> String { self.path.isEmpty ? key : "\(self.path).\(key)" }

    // MARK: Values

    /// Returns the string for a key, or `nil` if the object has no such member.
    public func string(_ key: String) throws(JSONValueError) -> String? {
        guard let value = self.value(key) else { return nil }
        guard let string = value.string else { throw self.typeMismatch(key, expected: "a string", value) }
        return string
    }

    /// Returns the Boolean value for a key, or `nil` if the object has no such member.
    public func boolean(_ key: String) throws(JSONValueError) -> Bool? {
        guard let value = self.value(key) else { return nil }
        guard let boolean = value.boolean else { throw self.typeMismatch(key, expected: "true or false", value) }
        return boolean
    }

    /// Returns the integer for a key, or `nil` if the object has no such member.
    ///
    /// A number with a fraction of zero, such as `8.0`, is an integer too.
    ///
    /// - Parameters:
    ///   - key: The member's name.
    ///   - range: The allowed values. The default is all values.
    /// - Returns: The value; `nil` if the object has no such member.
    /// - Throws: ``JSONValueError`` with the code `typeMismatch` or `invalidValue`.
    public func integer(
        _ key: String, in range: ClosedRange<Int> = .min ... .max
    ) throws(JSONValueError) -> Int? {
        guard let value = self.value(key) else { return nil }
        let isBounded = range != .min ... .max
        let expected = isBounded ? "an integer from \(range.lowerBound) to \(range.upperBound)" : "an integer"
        guard let integer = value.integer ?? value.double.flatMap(Int.init(exactly:)) else {
            throw self.typeMismatch(key, expected: expected, value)
        }
        guard range.contains(integer) else { throw self.invalidValue(key, expected: expected) }
        return integer
    }

    /// Returns the number for a key, or `nil` if the object has no such member.
    ///
    /// - Parameters:
    ///   - key: The member's name.
    ///   - range: The allowed values. The default is all finite values.
    /// - Returns: The value; `nil` if the object has no such member.
    /// - Throws: ``JSONValueError`` with the code `typeMismatch` or `invalidValue`.
    public func number(
        _ key: String, in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    ) throws(JSONValueError) -> Double? {
        guard let value = self.value(key) else { return nil }
        let isBounded = range != -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
        let expected =
            isBounded
            ? "a number from \(range.lowerBound.shortDescription) to \(range.upperBound.shortDescription)" : "a number"
        guard let number = value.double else { throw self.typeMismatch(key, expected: expected, value) }
        guard range.contains(number) else { throw self.invalidValue(key, expected: expected) }
        return number
    }

    /// Returns a reader of the object for a key, or `nil` if the object has no such member.
    public func object(_ key: String) throws(JSONValueError) -> JSONReader? {
        guard let value = self.value(key) else { return nil }
        return try JSONReader(value, path: self.path(of: key), acceptsNull: self.acceptsNull)
    }

    // MARK: Arrays

    /// Returns the elements of the array for a key, or `nil` if the object has no such member.
    public func array(_ key: String) throws(JSONValueError) -> [JSONValue]? {
        try self.array(key, expected: "an array")
    }

    /// Returns the elements of the array of strings for a key, or `nil` if the object has no such member.
    public func strings(_ key: String) throws(JSONValueError) -> [String]? {
        try self.elements(key, expected: "an array of strings", element: "a string", \.string)
    }

    /// Returns the elements of the array of numbers for a key, or `nil` if the object has no such member.
    public func numbers(_ key: String) throws(JSONValueError) -> [Double]? {
        try self.elements(key, expected: "an array of numbers", element: "a number", \.double)
    }

    /// Returns readers of the elements of the array of objects for a key, or `nil` if the object has no such member.
    public func objects(_ key: String) throws(JSONValueError) -> [JSONReader]? {
        guard let values = try self.array(key, expected: "an array of objects") else { return nil }
        return try Self.readers(of: values, path: self.path(of: key), acceptsNull: self.acceptsNull)
    }

    /// Returns readers of the elements of an array of objects.
    ///
    /// - Parameters:
    ///   - values: The elements.
    ///   - path: The path of the array in the document, for error messages. The default is the top level.
    ///   - acceptsNull: Whether a member with the value `null` counts as absent.
    /// - Returns: One reader per element; the path of the third is `path[2]`.
    /// - Throws: ``JSONValueError`` with the code `typeMismatch` for the first element that isn't an object.
    public static func readers(
        of values: [JSONValue], path: String = "", acceptsNull: Bool = false
    ) throws(JSONValueError) -> [JSONReader] {
        var readers: [JSONReader] = []
        for (index, value) in values.enumerated() {
            readers.append(try JSONReader(value, path: "\(path)[\(index)]", acceptsNull: acceptsNull))
        }
        return readers
    }

    private func array(_ key: String, expected: String) throws(JSONValueError) -> [JSONValue]? {
        guard let value = self.value(key) else { return nil }
        guard let values = value.array else { throw self.typeMismatch(key, expected: expected, value) }
        return values
    }

    private func elements<Element>(
        _ key: String, expected: String, element: String, _ convert: (JSONValue) -> Element?
    ) throws(JSONValueError) -> [Element]? {
        guard let values = try self.array(key, expected: expected) else { return nil }
        var elements: [Element] = []
        for (index, value) in values.enumerated() {
            guard let converted = convert(value) else {
                throw self.typeMismatch("\(key)[\(index)]", expected: element, value)
            }
            elements.append(converted)
        }
        return elements
    }

    // MARK: Errors

    /// Returns the error for a value that is not allowed.
    ///
    /// - Parameters:
    ///   - key: The member's name; `nil` for the object as a whole.
    ///   - expected: The allowed values, such as `a divisor of 768`.
    ///   - found: The actual value. The default is the member's value, or `nothing` if the member is absent.
    /// - Returns: An error with the code `invalidValue`.
    public func invalidValue(_ key: String?, expected: String, found: String? = nil) -> JSONValueError {
        let actual = found ?? key.flatMap { self.json[$0]?.shortDescription } ?? "nothing"
        return JSONValueError(
            .invalidValue, key: key.map { self.path(of: $0) } ?? self.path, expected: expected, found: actual)
    }

    /// Returns the error for a member that must be present and isn't.
    public func missing(_ key: String, expected: String) -> JSONValueError {
        JSONValueError(.missingKey, key: self.path(of: key), expected: expected, found: "nothing")
    }

    private func typeMismatch(_ key: String, expected: String, _ value: JSONValue) -> JSONValueError {
        JSONValueError(.typeMismatch, key: self.path(of: key), expected: expected, found: value.shortDescription)
    }
}
