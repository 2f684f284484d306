/// The third step of CLIP's tokenizer: the bytes of a piece become tokens.
///
/// Each byte is a symbol, the last of a piece one with `</w>`; then the pair of neighbours that was learnt first is
/// merged, the leftmost of equals, until no learnt pair is left. As the `BPE` model of Hugging Face tokenizers.
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

    /// The token of each byte, inside a piece and at its end. A byte that the vocabulary lacks is the unknown token.
    private let innerTokens: [Int32]
    private let finalTokens: [Int32]
    private let merges: [Pair: Merge]

    /// - Parameters:
    ///   - vocabulary: The id of each token, in characters of the ``ByteAlphabet``.
    ///   - merges: Pairs with a space between, first learnt first.
    ///   - unknown: The id for what the vocabulary lacks.
    /// - Throws: ``TokenizerError`` `badMerge`.
    init(vocabulary: [String: Int32], merges: [String], unknown: Int32) throws(TokenizerError) {
        self.innerTokens = ByteAlphabet.characters.map { vocabulary[String($0)] ?? unknown }
        self.finalTokens = ByteAlphabet.characters.map { vocabulary["\($0)\(Self.wordEnd)"] ?? unknown }
        var table: [Pair: Merge] = [:]
        table.reserveCapacity(merges.count)
        for (rank, merge) in merges.enumerated() {
            func error(_ what: String) -> TokenizerError {
                TokenizerError(code: .badMerge, message: "merge \(rank + 1), \(merge.debugDescription): \(what)")
            }
            let symbols = merge.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard symbols.count == 2, !symbols[0].isEmpty, !symbols[1].isEmpty else {
                throw error("two symbols with a space between were expected")
            }
            func id(of symbol: String) throws(TokenizerError) -> Int32 {
                guard let id = vocabulary[symbol] else {
                    throw error("the vocabulary has no \(symbol.debugDescription)")
                }
                return id
            }
            let pair = Pair(left: try id(of: symbols[0]), right: try id(of: symbols[1]))
            table[pair] = Merge(rank: rank, result: try id(of: symbols[0] + symbols[1]))
        }
        self.merges = table
    }

    /// The tokens of one piece.
    ///
    /// - Parameter bytes: UTF-8.
    /// - Complexity: O(n log n) for n bytes.
    func encode(_ bytes: [UInt8]) -> [Int32] {
        guard let last = bytes.indices.last else { return [] }
        // A doubly linked list: merging takes the right one of two symbols out of it.
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
            // A candidate is out of date when one of its symbols was merged with another neighbour meanwhile.
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
