import FoundationEssentials
import GerundTensor

/// One object of a `config.json`, read key by key, so that every complaint names the key.
struct ConfigurationReader {
    private let values: [String: Value]
    /// Before the keys in messages: empty, or the section's name and a dot.
    private let path: String

    init(json: Data) throws(ConfigurationError) {
        let root: Value
        do {
            root = try JSONDecoder().decode(Value.self, from: json)
        } catch {
            throw ConfigurationError(code: .notJSON, key: nil, expected: "JSON", found: "something else")
        }
        guard case .object(let values) = root else {
            throw ConfigurationError(code: .notJSON, key: nil, expected: "a JSON object", found: root.kind)
        }
        self.init(values: values, path: "")
    }

    private init(values: [String: Value], path: String) {
        self.values = values
        self.path = path
    }

    /// The object under `key`; an empty one, so all defaults, where it is absent or null.
    ///
    /// Older files repeat a section under `KEY_dict`; that one wins, as in transformers.
    func section(_ key: String) throws(ConfigurationError) -> ConfigurationReader {
        for name in [key + "_dict", key] {
            switch self.values[name] {
            case nil, .null: continue
            case .object(let values): return ConfigurationReader(values: values, path: name + ".")
            case .some(let value): throw self.error(name, expected: "an object", found: value.kind)
            }
        }
        return ConfigurationReader(values: [:], path: key + ".")
    }

    func requireModelType(_ type: String) throws(ConfigurationError) {
        switch self.values["model_type"] {
        case .string(type): return
        case .string(let other):
            throw ConfigurationError(
                code: .otherModel, key: "model_type", expected: "\"\(type)\"", found: "\"\(other)\"")
        case let value:
            throw ConfigurationError(
                code: .otherModel, key: "model_type", expected: "\"\(type)\"", found: value?.kind ?? "no such key")
        }
    }

    func integer(
        _ key: String, default fallback: Int, in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        switch self.values[key] {
        case nil: return fallback
        case .number(let number):
            guard let value = Int(exactly: number), range.contains(value) else {
                throw self.error(key, expected: expected, found: Value.number(number).kind)
            }
            return value
        case .some(let value): throw self.error(key, expected: expected, found: value.kind)
        }
    }

    /// A number that another size is a multiple of.
    func integer(
        _ key: String, default fallback: Int, dividing size: Int, named name: String
    ) throws(ConfigurationError) -> Int {
        let value = try self.integer(key, default: fallback, in: 1...16384)
        guard size % value == 0 else {
            throw self.error(key, expected: "a divisor of \(name), \(size)", found: "\(value)")
        }
        return value
    }

    func number(
        _ key: String, default fallback: Double, in range: ClosedRange<Double>
    ) throws(ConfigurationError) -> Double {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        switch self.values[key] {
        case nil: return fallback
        case .number(let value) where range.contains(value): return value
        case .some(let value): throw self.error(key, expected: expected, found: value.kind)
        }
    }

    func activation(_ key: String) throws(ConfigurationError) -> Activation {
        let expected = Activation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        switch self.values[key] {
        case nil: return .quickGELU
        case .string(let name):
            guard let activation = Activation(rawValue: name) else {
                throw self.error(key, expected: expected, found: "\"\(name)\"")
            }
            return activation
        case .some(let value): throw self.error(key, expected: expected, found: value.kind)
        }
    }

    /// A complaint about a key of this object, or about the whole of it.
    func error(_ key: String?, expected: String, found: String) -> ConfigurationError {
        ConfigurationError(code: .badValue, key: key.map { self.path + $0 }, expected: expected, found: found)
    }
}

extension ConfigurationReader {
    private enum Value: Decodable {
        case null
        case boolean(Bool)
        case number(Double)
        case string(String)
        case array
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            if let object = try? decoder.container(keyedBy: Key.self) {
                var values: [String: Value] = [:]
                for key in object.allKeys { values[key.stringValue] = try object.decode(Value.self, forKey: key) }
                self = .object(values)
                return
            }
            guard let single = try? decoder.singleValueContainer() else {
                self = .array
                return
            }
            if single.decodeNil() {
                self = .null
            } else if let value = try? single.decode(Bool.self) {
                self = .boolean(value)
            } else if let value = try? single.decode(Double.self) {
                self = .number(value)
            } else if let value = try? single.decode(String.self) {
                self = .string(value)
            } else {
                self = .array
            }
        }

        var kind: String {
            switch self {
            case .null: "null"
            case .boolean(let value): "\(value)"
            case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
            case .string(let value): "the text \"\(value)\""
            case .array: "a list"
            case .object: "an object"
            }
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
