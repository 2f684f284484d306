import GerundCore

/// The third step of CLIP's tokenizer: from the bytes of a piece to tokens, by byte-pair encoding (Sennrich, Haddow,
/// Birch, arXiv:1508.07909).
///
/// Each byte is a symbol; the last one of a piece has the suffix `</w>`. Then the pair of neighbors that was learned
/// first is merged, the leftmost of equals, until no learned pair is left, as in the `BPE` model of Hugging Face
/// tokenizers.
struct BytePairEncoding: Sendable {
    private static let wordEnd = "</w>"

    private struct Pair: Hashable {
        var left: Int32
        var right: Int32
    }

    private struct Merge {
        var rank: Int
        var result: Int32
    }

    /// The token of each byte inside a piece.
    ///
    /// A byte that the vocabulary lacks is the unknown token.
    private let innerTokens: [Int32]
    /// The token of each byte at the end of a piece.
    private let finalTokens: [Int32]
    private let merges: [Pair: Merge]

    /// Creates the encoding of a vocabulary.
    ///
    /// - Parameters:
    ///   - vocabulary: The id of each token, in characters of the ``ByteAlphabet``.
    ///   - merges: Pairs of symbols separated by a space, in the order in which they were learned.
    ///   - unknown: The id for bytes that the vocabulary lacks.
    /// - Throws: ``TokenizerError`` with the code `invalidMerge`.
    init(vocabulary: [String: Int32], merges: [String], unknown: Int32) throws(TokenizerError) {
        self.innerTokens = ByteAlphabet.characters.map { vocabulary[String($0)] ?? unknown }
        self.finalTokens = ByteAlphabet.characters.map { vocabulary["\($0)\(Self.wordEnd)"] ?? unknown }
        var table: [Pair: Merge] = [:]
        table.reserveCapacity(merges.count)
        for (rank, merge) in merges.enumerated() {
            func error(_ what: String) -> TokenizerError {
                TokenizerError(
                    code: .invalidMerge, message: "merge \(rank + 1), \(merge.excerpt.debugDescription): \(what)")
            }
            let symbols = merge.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard symbols.count == 2, !symbols[0].isEmpty, !symbols[1].isEmpty else {
                throw error("expected two symbols separated by a space")
            }
            func id(of symbol: String) throws(TokenizerError) -> Int32 {
                guard let id = vocabulary[symbol] else {
                    throw error("the vocabulary lacks \(symbol.excerpt.debugDescription)")
                }
                return id
            }
            let pair = Pair(left: try id(of: symbols[0]), right: try id(of: symbols[1]))
            table[pair] = Merge(rank: rank, result: try id(of: symbols[0] + symbols[1]))
        }
        self.merges = table
    }

    /// Returns the tokens of one piece.
    ///
    /// - Parameter bytes: The piece, in UTF-8.
    /// - Returns: At most one token per byte.
    /// - Complexity: O(n log n) for n bytes.
    func encode(_ bytes: [UInt8]) -> [Int32] {
        guard let last = bytes.indices.last else { return [] }
        // A doubly linked list: merging two symbols removes the right one.
        var tokens = bytes.map { self.innerTokens[Int($0)] }
        tokens[last] = self.finalTokens[Int(bytes[last])]
        var previous = bytes.indices.map { $0 - 1 }
        var next = bytes.indices.map { $0 + 1 }
        var isMerged = [Bool](repeating: false, count: bytes.count)
        let end = bytes.count

        var queue = MergeQueue()
        func enqueue(_ left: Int, _ right: Int) {
            guard let merge = self.merges[Pair(left: tokens[left], right: tokens[right])] else { return }
            queue.push(MergeQueue.Candidate(rank: merge.rank, position: left, result: merge.result))
        }
        for i in 0..<last { enqueue(i, i + 1) }

        while let candidate = queue.pop() {
            let left = candidate.position
            guard !isMerged[left], next[left] < end else { continue }
            let right = next[left]
            // A candidate is out of date if one of its symbols has since been merged with another neighbor.
            guard self.merges[Pair(left: tokens[left], right: tokens[right])]?.result == candidate.result else {
                continue
            }
            tokens[left] = candidate.result
            isMerged[right] = true
            next[left] = next[right]
            if next[left] < end {
                previous[next[left]] = left
                enqueue(left, next[left])
            }
            if previous[left] >= 0 { enqueue(previous[left], left) }
        }
        return tokens.indices.compactMap { isMerged[$0] ? nil : tokens[$0] }
    }
}
