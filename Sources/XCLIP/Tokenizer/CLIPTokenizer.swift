/// CLIP's tokenizer: text to the token ids that the text encoder was trained on (HF: `CLIPTokenizer`).
///
///     let tokenizer = try CLIPTokenizer(vocabulary: vocabulary, merges: merges)
///     tokenizer.encode("a photo of a cat")  // [49406, 320, 1125, 539, 320, 2368, 49407] with OpenAI's vocabulary
///
/// Ids are those of the reference for every text: ``TextNormalizer``, ``PreTokenizer`` and ``BytePairEncoding`` are its
/// three steps. The literal text of a special token is that token, unless its letters are in capitals.
public struct CLIPTokenizer: Sendable {
    /// The tokens that are not made of text.
    public struct SpecialTokens: Hashable, Sendable {
        /// Begins every text.
        public var start: String
        /// Ends every text; the text encoder's answer is read where it stands.
        public var end: String
        /// Stands for a byte that the vocabulary lacks.
        public var unknown: String
        /// Fills a text up to a length.
        public var padding: String

        /// Those of OpenAI's checkpoints, where the end token is also the two others.
        public init(
            start: String = "<|startoftext|>", end: String = "<|endoftext|>", unknown: String = "<|endoftext|>",
            padding: String = "<|endoftext|>"
        ) {
            self.start = start
            self.end = end
            self.unknown = unknown
            self.padding = padding
        }
    }

    /// The most tokens of a text, start and end included.
    public let maximumLength: Int
    /// The largest id and one: the text encoder's embedding needs as many rows.
    public let vocabularySize: Int

    private let encoding: BytePairEncoding
    private let startID, endID, paddingID: Int32
    /// The special tokens as they may stand in a text, with their ids.
    private let literals: [(text: String, id: Int32)]

    /// - Parameters:
    ///   - vocabulary: The id of each token (`vocab.json`).
    ///   - merges: Pairs of symbols with a space between, first learnt first (`merges.txt`).
    ///   - specialTokens: Have to be in the vocabulary.
    ///   - maximumLength: The text encoder's positions.
    /// - Throws: ``TokenizerError``, of any code.
    public init(
        vocabulary: [String: Int], merges: [String], specialTokens: SpecialTokens = SpecialTokens(),
        maximumLength: Int = 77
    ) throws(TokenizerError) {
        guard maximumLength >= 2 else {
            throw TokenizerError(
                code: .badLength, message: "a text of \(maximumLength) tokens has no room for its start and end")
        }
        let ids = try Self.checkedIDs(of: vocabulary)
        func id(of token: String, _ role: String) throws(TokenizerError) -> Int32 {
            guard let id = ids[token] else {
                throw TokenizerError(
                    code: .missingToken, message: "the vocabulary has no \(token.debugDescription), the \(role) token")
            }
            return id
        }
        self.startID = try id(of: specialTokens.start, "start")
        self.endID = try id(of: specialTokens.end, "end")
        self.paddingID = try id(of: specialTokens.padding, "padding")
        let unknownID = try id(of: specialTokens.unknown, "unknown")
        self.literals = [
            (specialTokens.start, self.startID), (specialTokens.end, self.endID), (specialTokens.unknown, unknownID),
            (specialTokens.padding, self.paddingID),
        ].filter { !$0.0.isEmpty }
        self.encoding = try BytePairEncoding(vocabulary: ids, merges: merges, unknown: unknownID)
        self.vocabularySize = ids.values.max().map { Int($0) + 1 } ?? 0
        self.maximumLength = maximumLength
    }

    /// The token ids of a text: the start token, the text's tokens, the end token.
    ///
    /// A text that is too long loses its last tokens, never the end token; ``tokenCount(of:)`` tells.
    ///
    /// - Returns: 2 to ``maximumLength`` ids.
    public func encode(_ text: String) -> [Int32] {
        [self.startID] + self.contentTokens(of: text, limit: self.maximumLength - 2) + [self.endID]
    }

    /// The token ids of a text, filled with the padding token to ``maximumLength``.
    ///
    /// The first `encode(text).count` of them are the text.
    public func encodePadded(_ text: String) -> [Int32] {
        let ids = self.encode(text)
        return ids + [Int32](repeating: self.paddingID, count: self.maximumLength - ids.count)
    }

    /// How many tokens a text has, start and end included, before anything is cut off.
    public func tokenCount(of text: String) -> Int { self.contentTokens(of: text, limit: .max - 2).count + 2 }

    private func contentTokens(of text: String, limit: Int) -> [Int32] {
        var ids: [Int32] = []
        for part in self.parts(of: text) where ids.count < limit {
            switch part {
            case .special(let id): ids.append(id)
            case .text(let text):
                for piece in PreTokenizer(TextNormalizer.normalize(text)) {
                    guard ids.count < limit else { break }
                    ids += self.encoding.encode(Array(String(String.UnicodeScalarView(piece)).utf8))
                }
            }
        }
        return Array(ids.prefix(limit))
    }

    private enum Part {
        case text(Substring)
        case special(Int32)
    }

    /// Cuts a text at the special tokens that it literally contains.
    private func parts(of text: String) -> [Part] {
        var parts: [Part] = []
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        var position = start
        while position < scalars.endIndex {
            let rest = scalars[position...]
            if let literal = self.literals.first(where: { rest.starts(with: $0.text.unicodeScalars) }) {
                parts.append(.text(Substring(scalars[start..<position])))
                parts.append(.special(literal.id))
                position = scalars.index(position, offsetBy: literal.text.unicodeScalars.count)
                start = position
            } else {
                position = scalars.index(after: position)
            }
        }
        return parts + [.text(Substring(scalars[start...]))]
    }

    /// The ids in the form that models use.
    private static func checkedIDs(of vocabulary: [String: Int]) throws(TokenizerError) -> [String: Int32] {
        var ids: [String: Int32] = [:]
        ids.reserveCapacity(vocabulary.count)
        var owners: [Int32: String] = [:]
        owners.reserveCapacity(vocabulary.count)
        for (token, value) in vocabulary {
            // The largest id and one has to fit as well.
            guard let id = Int32(exactly: value), 0..<Int32.max ~= id else {
                throw TokenizerError(
                    code: .badID, message: "token \(token.debugDescription) has the id \(value), which is no index")
            }
            if let owner = owners.updateValue(token, forKey: id) {
                let pair = [owner, token].sorted().map(\.debugDescription)
                throw TokenizerError(
                    code: .badID, message: "the tokens \(pair[0]) and \(pair[1]) have the same id \(id)")
            }
            ids[token] = id
        }
        return ids
    }
}
