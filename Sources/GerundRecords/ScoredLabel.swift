/// A label with its score.
public struct ScoredLabel: Hashable, Sendable {
    /// The label's text.
    public var label: String
    /// The label's probability against the background phrases alone, in 0...1.
    public var score: Double

    /// Creates a scored label.
    public init(label: String, score: Double) {
        self.label = label
        self.score = score
    }
}

extension ScoredLabel: Codable {
    private enum CodingKeys: String, CodingKey {
        case label, score
    }

    /// Decodes an object with the members `label` and `score`.
    public init(from decoder: any Decoder) throws {
        let json = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            label: try json.decode(String.self, forKey: .label), score: try json.decodeNumber(forKey: .score))
    }

    /// Encodes an object with the members `label` and `score`, the score with three decimals.
    public func encode(to encoder: any Encoder) throws {
        var json = encoder.container(keyedBy: CodingKeys.self)
        try json.encode(self.label, forKey: .label)
        try json.encode(self.score, decimals: 3, forKey: .score)
    }
}
