/// Why a `config.json` can't be used. Switch on ``code``; print the description.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The text is no JSON object.
        case notJSON
        /// The file describes a model of another kind.
        case otherModel
        /// A key has a value that no X-CLIP model can have, or that does not fit another key.
        case badValue
    }

    public var code: Code
    /// The key with its section, for example `vision_config.hidden_size`; `nil` when it is about the whole file.
    public var key: String?
    public var expected: String
    public var found: String

    public var description: String {
        switch self.code {
        case .notJSON: "expected \(self.expected), found \(self.found)"
        case .otherModel: "this is no X-CLIP model: '\(self.key ?? "")': expected \(self.expected), found \(self.found)"
        case .badValue:
            "\(self.key.map { "'\($0)'" } ?? "the sizes together"): expected \(self.expected), found \(self.found)"
        }
    }
}
