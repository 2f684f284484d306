import GerundCore

/// Encodes a record as one line of JSON whose members stand in the order in which they were encoded.
///
/// Foundation's `JSONEncoder` promises no order and writes numbers with as many digits as they need; a log is read by
/// people too, and equal records must be equal lines.
final class RecordEncoder: Encoder {
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    private let node: JSONNode

    private init(_ node: JSONNode) {
        self.node = node
    }

    /// The value as JSON without a line break.
    static func text(of value: some Encodable) -> String {
        let node = JSONNode()
        do {
            try node.set(value)
        } catch {
            // The encoder throws nothing, and neither do the records.
            preconditionFailure("\(type(of: value)) can't be encoded: \(error)")
        }
        var text = ""
        text.reserveCapacity(256)
        node.write(to: &text)
        return text
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        self.node.becomeObject()
        return KeyedEncodingContainer(Keyed<Key>(node: self.node))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        self.node.becomeArray()
        return Unkeyed(node: self.node)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: self.node) }

    /// A value of JSON that is being built.
    private final class JSONNode {
        private enum Content {
            case scalar(String)
            case object([(key: String, value: JSONNode)])
            case array([JSONNode])
        }

        private var content = Content.scalar("null")

        var count: Int { if case .array(let values) = self.content { values.count } else { 0 } }

        func becomeObject() {
            guard case .object = self.content else { return self.content = .object([]) }
        }

        func becomeArray() {
            guard case .array = self.content else { return self.content = .array([]) }
        }

        func child(_ key: String) -> JSONNode {
            let child = JSONNode()
            guard case .object(var members) = self.content else { return child }
            members.append((key, child))
            self.content = .object(members)
            return child
        }

        func appended() -> JSONNode {
            let child = JSONNode()
            guard case .array(var values) = self.content else { return child }
            values.append(child)
            self.content = .array(values)
            return child
        }

        func set(_ value: some Encodable) throws {
            switch value {
            case let text as String: self.content = .scalar(text.jsonQuoted)
            case let flag as Bool: self.content = .scalar(flag ? "true" : "false")
            case let decimal as FixedDecimal: self.content = .scalar(decimal.text)
            case let number as Double: self.content = .scalar(number.isFinite ? "\(number)" : "null")
            case let number as Float: self.content = .scalar(number.isFinite ? "\(number)" : "null")
            case let number as any BinaryInteger: self.content = .scalar("\(number)")
            default: try value.encode(to: RecordEncoder(self))
            }
        }

        func write(to text: inout String) {
            switch self.content {
            case .scalar(let scalar): text += scalar
            case .object(let members):
                text += "{"
                for (index, member) in members.enumerated() {
                    text += index > 0 ? "," : ""
                    text += member.key.jsonQuoted + ":"
                    member.value.write(to: &text)
                }
                text += "}"
            case .array(let values):
                text += "["
                for (index, value) in values.enumerated() {
                    text += index > 0 ? "," : ""
                    value.write(to: &text)
                }
                text += "]"
            }
        }
    }

    private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        var codingPath: [any CodingKey] { [] }
        let node: JSONNode

        mutating func encodeNil(forKey key: Key) { _ = self.node.child(key.stringValue) }

        mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            try self.node.child(key.stringValue).set(value)
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            RecordEncoder(self.node.child(key.stringValue)).container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            RecordEncoder(self.node.child(key.stringValue)).unkeyedContainer()
        }

        mutating func superEncoder() -> any Encoder { RecordEncoder(self.node.child("super")) }
        mutating func superEncoder(forKey key: Key) -> any Encoder { RecordEncoder(self.node.child(key.stringValue)) }
    }

    private struct Unkeyed: UnkeyedEncodingContainer {
        var codingPath: [any CodingKey] { [] }
        let node: JSONNode
        var count: Int { self.node.count }

        mutating func encodeNil() { _ = self.node.appended() }
        mutating func encode<T: Encodable>(_ value: T) throws { try self.node.appended().set(value) }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) -> KeyedEncodingContainer<Nested> {
            RecordEncoder(self.node.appended()).container(keyedBy: type)
        }

        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            RecordEncoder(self.node.appended()).unkeyedContainer()
        }

        mutating func superEncoder() -> any Encoder { RecordEncoder(self.node.appended()) }
    }

    private struct Single: SingleValueEncodingContainer {
        var codingPath: [any CodingKey] { [] }
        let node: JSONNode

        mutating func encodeNil() {}
        mutating func encode<T: Encodable>(_ value: T) throws { try self.node.set(value) }
    }
}

extension String {
    /// The text as a JSON string, quotes included, which is a valid YAML string as well.
    ///
    /// Escapes what RFC 8259, section 7, demands, the delete character, and the two line separators that end a line in
    /// JavaScript.
    package var jsonQuoted: String {
        var text = "\""
        for scalar in self.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
