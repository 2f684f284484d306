/// The second step of CLIP's tokenizer: splits a normalized text into the pieces that byte-pair encoding works on.
///
/// A piece is the end of a contraction, a run of letters, a single digit or a run of anything else. White space only
/// separates. In the pattern of `CLIPTokenizer` in Hugging Face transformers:
///
///     <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
struct PreTokenizer: Sequence, IteratorProtocol {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    /// The remaining pieces of a special token's text, which is split in three.
    private var pending: [Range<Int>] = []

    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }
    private static let specialWords = ["startoftext", "endoftext"].map { Array("<|\($0)|>".unicodeScalars) }

    /// Creates an iterator over the pieces of a text.
    ///
    /// - Parameter scalars: A normalized text.
    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// Returns the next piece, which is never empty.
    mutating func next() -> ArraySlice<Unicode.Scalar>? {
        if !self.pending.isEmpty { return self.scalars[self.pending.removeFirst()] }
        while self.position < self.scalars.count {
            let start = self.position
            if let length = self.length(ofOneOf: Self.specialWords) {
                // The text of a special token, for example in capitals, which doesn\'t count as the token itself.
                // The byte-level step of the reference splits it once more, by kind.
                self.position += length
                self.pending = [start + 2..<self.position - 2, self.position - 2..<self.position]
                return self.scalars[start..<start + 2]
            }
            if let length = self.length(ofOneOf: Self.contractions) {
                self.position += length
                return self.scalars[start..<self.position]
            }
            let kind = self.scalars[start].kind
            self.position += 1
            switch kind {
            case .space: continue
            case .number: break
            case .letter, .other:
                while self.position < self.scalars.count, self.scalars[self.position].kind == kind {
                    self.position += 1
                }
            }
            return self.scalars[start..<self.position]
        }
        return nil
    }

    /// Returns the length of the first of the words that the rest of the text begins with.
    private func length(ofOneOf words: [[Unicode.Scalar]]) -> Int? {
        let rest = self.scalars[self.position...]
        return words.first { rest.starts(with: $0) }?.count
    }
}

extension Unicode.Scalar {
    fileprivate enum Kind { case letter, number, space, other }

    /// The kind of the scalar by its general category, as `\p{L}`, `\p{N}` and `\s` of a Unicode regular expression.
    fileprivate var kind: Kind {
        switch self.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: self.properties.isWhitespace ? .space : .other
        }
    }
}
