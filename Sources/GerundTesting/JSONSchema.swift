import GerundCore

/// A JSON Schema (draft 2020-12) that JSON texts can be checked against.
///
/// Supports the keywords that Gerund's own schemas use and refuses a schema with any other, so that no part of a schema
/// is ignored silently.
///
///     let schema = try JSONSchema(parsing: RecordSchema.json)
///     #expect(schema.violations(of: line) == [])
public struct JSONSchema: Sendable {
    /// Why a text isn't a schema that can be checked against.
    public struct Unsupported: Error, CustomStringConvertible {
        /// The problem and its place in the schema.
        public var description: String
    }

    /// The root of the schema.
    private let root: JSONObject

    private static let annotations: Set = ["$schema", "$id", "title", "description"]
    private static let assertions: Set = [
        "$ref", "$defs", "type", "const", "enum", "properties", "required", "dependentRequired", "items", "minimum",
        "maximum", "exclusiveMinimum", "pattern", "oneOf", "allOf", "if", "then",
    ]

    /// Parses a schema.
    ///
    /// - Parameter text: The schema as JSON.
    /// - Throws: ``Unsupported`` if it has a keyword that isn't supported, or a keyword with a value of the wrong type;
    ///   `JSONSyntaxError`.
    public init(parsing text: String) throws {
        guard let root = try JSONValue(parsing: Array(text.utf8)).object else {
            throw Unsupported(description: "the schema is not an object")
        }
        self.root = root
        try self.check(root, at: "#")
    }

    private func check(_ schema: JSONObject, at path: String) throws {
        for name in schema.names {
            guard let value = schema[name], !Self.annotations.contains(name) else { continue }
            let place = "\(path)/\(name)"
            guard Self.assertions.contains(name) else {
                throw Unsupported(description: "\(place): unsupported keyword")
            }
            switch name {
            case "properties", "$defs":
                guard let members = value.object else { throw Unsupported(description: "\(place): not an object") }
                for member in members.names { try self.check(members[member], at: "\(place)/\(member)") }
            case "items", "if", "then": try self.check(value, at: place)
            case "oneOf", "allOf":
                guard let schemas = value.array else { throw Unsupported(description: "\(place): not an array") }
                for (index, schema) in schemas.enumerated() { try self.check(schema, at: "\(place)/\(index)") }
            case "$ref": _ = try self.resolve(value, at: place)
            case "pattern": _ = try Regex(value.string ?? "")
            default: break
            }
        }
    }

    private func check(_ schema: JSONValue?, at path: String) throws {
        guard let schema = schema?.object else { throw Unsupported(description: "\(path): not a schema") }
        try self.check(schema, at: path)
    }

    private func resolve(_ reference: JSONValue, at path: String) throws -> JSONObject {
        let prefix = "#/$defs/"
        guard let text = reference.string, text.hasPrefix(prefix),
            let schema = self.root["$defs"]?.object?[String(text.dropFirst(prefix.count))]?.object
        else { throw Unsupported(description: "\(path): unknown reference") }
        return schema
    }

    /// The names of the object types in `$defs` that have a member `type` of a constant value, such as `label`.
    public var recordTypes: [String] {
        let definitions = self.root["$defs"]?.object ?? JSONObject()
        return definitions.names.filter { definitions[$0]?.object?["properties"]?.object?["type"] != nil }
    }

    /// Validates a JSON text.
    ///
    /// - Parameters:
    ///   - text: One JSON value, such as the line of a record.
    ///   - allowsUnknownMembers: Whether objects may have members that the schema doesn't document, as JSON Schema has
    ///     it. The default is `false`: everything Gerund writes is documented.
    /// - Returns: The violations of the schema, in one sentence each; empty if the text conforms.
    public func violations(of text: String, allowsUnknownMembers: Bool = false) -> [String] {
        do {
            let value = try JSONValue(parsing: Array(text.utf8))
            return self.violations(of: value, self.root, "", allowsUnknownMembers)
        } catch {
            return ["invalid JSON: \(error)"]
        }
    }

    private func violations(
        of value: JSONValue, _ schema: JSONObject, _ path: String, _ allowsUnknownMembers: Bool
    ) -> [String] {
        func nested(_ value: JSONValue, _ schema: JSONValue?, _ path: String) -> [String] {
            self.violations(of: value, schema?.object ?? JSONObject(), path, allowsUnknownMembers)
        }
        let place = path.isEmpty ? "the value" : path
        var found: [String] = []
        if let reference = schema["$ref"], let target = try? self.resolve(reference, at: path) {
            found += nested(value, .object(target), path)
        }
        if let type = schema["type"] {
            let names = type.array?.compactMap(\.string) ?? [type.string ?? ""]
            if !names.contains(where: { Self.isOfType(value, $0) }) {
                return found + ["\(place) is \(value.shortDescription), not of type \(names.joined(separator: " or "))"]
            }
        }
        if let constant = schema["const"], value != constant {
            found.append("\(place) is \(value.shortDescription), not \(constant.shortDescription)")
        }
        if let values = schema["enum"]?.array, !values.contains(value) {
            found.append("\(place) is \(value.shortDescription), which is not among the allowed values")
        }
        found += self.rangeViolations(of: value, schema, place)
        if let pattern = schema["pattern"]?.string, let text = value.string,
            (try? Regex(pattern).firstMatch(in: text)) == nil
        {
            found.append("\(place) is \(value.shortDescription), which does not match \(pattern)")
        }
        if let items = schema["items"], let elements = value.array {
            for (index, element) in elements.enumerated() { found += nested(element, items, "\(path)[\(index)]") }
        }
        if let object = value.object {
            let properties = schema["properties"]?.object
            let dependent = schema["dependentRequired"]?.object ?? JSONObject()
            let required = [schema["required"]] + dependent.names.filter { object[$0] != nil }.map { dependent[$0] }
            for name in required.flatMap({ $0?.array?.compactMap(\.string) ?? [] }) where object[name] == nil {
                found.append("\(place) has no member '\(name)'")
            }
            for name in object.names {
                if let property = properties?[name], let member = object[name] {
                    found += nested(member, property, path.isEmpty ? name : "\(path).\(name)")
                } else if let properties, properties["type"] != nil || schema["required"] != nil,
                    schema["type"] != nil, !allowsUnknownMembers
                {
                    found.append("\(place) has an undocumented member '\(name)'")
                }
            }
        }
        for part in schema["allOf"]?.array ?? [] { found += nested(value, part, path) }
        if let condition = schema["if"], nested(value, condition, path).isEmpty, let then = schema["then"] {
            found += nested(value, then, path)
        }
        if let alternatives = schema["oneOf"]?.array {
            found += Self.violations(of: alternatives.map { nested(value, $0, path) }, place)
        }
        return found
    }

    /// Returns the violations of the alternative that was probably meant: the one whose constant `type` fits.
    private static func violations(of alternatives: [[String]], _ place: String) -> [String] {
        switch alternatives.count(where: \.isEmpty) {
        case 1: return []
        case 0:
            return alternatives.first { !$0.contains { $0.hasPrefix("type is ") } }
                ?? ["\(place) matches none of \(alternatives.count) alternatives"]
        case let count: return ["\(place) matches \(count) alternatives instead of one"]
        }
    }

    private func rangeViolations(of value: JSONValue, _ schema: JSONObject, _ place: String) -> [String] {
        guard let number = value.double else { return [] }
        let isInRange =
            number >= schema["minimum"]?.double ?? -.infinity && number <= schema["maximum"]?.double ?? .infinity
            && number > schema["exclusiveMinimum"]?.double ?? -.infinity
        return isInRange ? [] : ["\(place) is \(value.shortDescription), which is out of range"]
    }

    private static func isOfType(_ value: JSONValue, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.boolean, "boolean"), (.string, "string"), (.array, "array"), (.object, "object"),
            (.integer, "integer"), (.integer, "number"), (.number, "number"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }
}
