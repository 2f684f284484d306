/// CLIP's tokenizer: from text to the token ids that the text encoder was trained on (arXiv:2103.00020, section 2.4;
/// HF: `CLIPTokenizer`).
///
///     let tokenizer = try CLIPTokenizer(vocabulary: vocabulary, merges: merges)
///     tokenizer.encode("a photo of a cat")  // [49406, 320, 1125, 539, 320, 2368, 49407] with OpenAI's vocabulary
///
/// Ids are those of the reference for every text. ``TextNormalizer``, ``PreTokenizer`` and ``BytePairEncoding`` are its
/// three steps. The literal text of a special token in a text is that token, unless its letters are in capitals.
public struct CLIPTokenizer: Sendable {
    /// The tokens that don't stand for text.
    public struct SpecialTokens: Hashable, Sendable {
        /// The token at the beginning of every text (HF: `bos_token`).
        public var bos: String
        /// The token at the end of every text, at which the text encoder's feature is read (HF: `eos_token`).
        public var eos: String
        /// The token for a byte that the vocabulary lacks (HF: `unk_token`).
        public var unk: String
        /// The token that pads a text to a length (HF: `pad_token`).
        public var pad: String

        /// Creates special tokens.
        ///
        /// The defaults are those of OpenAI's checkpoints, in which the eos token has two more roles.
        ///
        /// - Parameters:
        ///   - bos: The token at the beginning of every text.
        ///   - eos: The token at the end of every text.
        ///   - unk: The token for a byte that the vocabulary lacks.
        ///   - pad: The token that pads a text to a length.
        public init(
            bos: String = "<|startoftext|>", eos: String = "<|endoftext|>", unk: String = "<|endoftext|>",
            pad: String = "<|endoftext|>"
        ) {
            self.bos = bos
            self.eos = eos
            self.unk = unk
            self.pad = pad
        }
    }

    /// The maximum number of tokens of a text, bos and eos included.
    public let maximumLength: Int
    /// The largest id plus one: the number of rows that the text encoder's token embedding needs.
    public let vocabularySize: Int

    private let encoding: BytePairEncoding
    private let bosID, eosID, padID: Int32
    /// The special tokens as they can occur in a text, with their ids.
    private let literals: [(text: String, id: Int32)]

    /// Creates a tokenizer.
    ///
    /// - Parameters:
    ///   - vocabulary: The id of each token (`vocab.json`).
    ///   - merges: Pairs of symbols separated by a space, in the order in which they were learned (`merges.txt`).
    ///   - specialTokens: The special tokens; all must be in the vocabulary.
    ///   - maximumLength: The maximum number of tokens of a text; the text encoder's number of positions.
    /// - Throws: ``TokenizerError``, with any code.
    public init(
        vocabulary: [String: Int], merges: [String], specialTokens: SpecialTokens = SpecialTokens(),
        maximumLength: Int = 77
    ) throws(TokenizerError) {
        guard maximumLength >= 2 else {
            throw TokenizerError(
                code: .invalidMaximumLength,
                message: "the maximum length must be at least 2, for the bos and eos tokens, found \(maximumLength)")
        }
        let ids = try Self.checkedIDs(of: vocabulary)
        func id(of token: String, _ role: String) throws(TokenizerError) -> Int32 {
            guard let id = ids[token] else {
                throw TokenizerError(
                    code: .missingToken, message: "the vocabulary lacks the \(role) token, \(token.debugDescription)")
            }
            return id
        }
        self.bosID = try id(of: specialTokens.bos, "bos")
        self.eosID = try id(of: specialTokens.eos, "eos")
        self.padID = try id(of: specialTokens.pad, "pad")
        let unkID = try id(of: specialTokens.unk, "unk")
        self.literals = [
            (specialTokens.bos, self.bosID), (specialTokens.eos, self.eosID), (specialTokens.unk, unkID),
            (specialTokens.pad, self.padID),
        ].filter { !$0.0.isEmpty }
        self.encoding = try BytePairEncoding(vocabulary: ids, merges: merges, unknown: unkID)
        self.vocabularySize = ids.values.max().map { Int($0) + 1 } ?? 0
        self.maximumLength = maximumLength
    }

    /// Returns the token ids of a text: the bos token, the text's tokens, the eos token.
    ///
    /// A text that is too long loses its last tokens, never the eos token; compare ``tokenCount(of:)``.
    ///
    /// - Parameter text: Any text.
    /// - Returns: 2 to ``maximumLength`` ids.
    public func encode(_ text: String) -> [Int32] {
        [self.bosID] + self.contentTokens(of: text, limit: self.maximumLength - 2) + [self.eosID]
    }

    /// Returns the token ids of a text, padded to ``maximumLength`` with the pad token.
    ///
    /// - Parameter text: Any text.
    /// - Returns: ``maximumLength`` ids, of which the first `encode(text).count` are the text.
    public func encodePadded(_ text: String) -> [Int32] {
        let ids = self.encode(text)
        return ids + [Int32](repeating: self.padID, count: self.maximumLength - ids.count)
    }

    /// Returns the number of tokens of a text, bos and eos included, before truncation.
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

    /// Splits a text at the special tokens that it literally contains.
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

    /// Returns the ids of a vocabulary in the type that models use.
    private static func checkedIDs(of vocabulary: [String: Int]) throws(TokenizerError) -> [String: Int32] {
        var ids: [String: Int32] = [:]
        ids.reserveCapacity(vocabulary.count)
        var owners: [Int32: String] = [:]
        owners.reserveCapacity(vocabulary.count)
        for (token, value) in vocabulary {
            // The vocabulary size, the largest id plus one, must fit as well.
            guard let id = Int32(exactly: value), 0..<Int32.max ~= id else {
                throw TokenizerError(
                    code: .invalidTokenID,
                    message:
                        "the token \(token.debugDescription) must have an id from 0 to \(Int32.max - 1), found \(value)"
                )
            }
            if let owner = owners.updateValue(token, forKey: id) {
                let pair = [owner, token].sorted().map(\.debugDescription)
                throw TokenizerError(
                    code: .invalidTokenID, message: "the tokens \(pair[0]) and \(pair[1]) have the same id \(id)")
            }
            ids[token] = id
        }
        return ids
    }
}
