import Foundation
import GerundCheckpoint
import GerundCore
import GerundTesting
import Testing

@testable import XCLIP

@Suite("CLIPTokenizer")
struct CLIPTokenizerTests {
    /// The output of Tests/Oracle/tokenizer.py.
    struct Expected: Decodable {
        struct Case: Decodable, CustomTestStringConvertible {
            var text: String
            var ids: [Int32]

            var testDescription: String { self.text.prefix(40).debugDescription }
        }

        var cases: [Case]
        /// With a vocabulary that lacks `z`, `z</w>` and `ð`.
        var partial: [Case]
        var padded: Case
        /// The length of each of the cases before truncation.
        var counts: [Int]
    }

    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/tokenizer")

    static func data(_ name: String) throws -> Data { try Data(contentsOf: self.directory.appending(path: name)) }

    let expected: Expected
    let vocabulary: [String: Int]
    let merges: [String]

    init() throws {
        self.expected = try JSONDecoder().decode(Expected.self, from: Self.data("expected.json"))
        self.vocabulary = try JSONDecoder().decode([String: Int].self, from: Self.data("vocab.json"))
        let lines = String(decoding: try Self.data("merges.txt"), as: UTF8.self).split(separator: "\n")
        self.merges = lines.dropFirst().map(String.init)
    }

    func tokenizer(maximumLength: Int = 77) throws -> CLIPTokenizer {
        try CLIPTokenizer(vocabulary: self.vocabulary, merges: self.merges, maximumLength: maximumLength)
    }

    @Test("Encodes every awkward text as the reference does")
    func reference() throws {
        let tokenizer = try self.tokenizer()
        #expect(self.expected.cases.count > 140)
        for (example, count) in zip(self.expected.cases, self.expected.counts) {
            #expect(tokenizer.encode(example.text) == example.ids, "\(example.testDescription)")
            #expect(tokenizer.tokenCount(of: example.text) == count, "\(example.testDescription)")
        }
    }

    @Test("Encodes every byte that the vocabulary lacks as the unk token")
    func unknown() throws {
        var partial = self.vocabulary
        for token in ["z", "z</w>", "ð"] { partial[token] = nil }
        let merges = self.merges.filter { merge in
            let symbols = merge.split(separator: " ").map(String.init)
            return (symbols + [symbols.joined()]).allSatisfy { partial[$0] != nil } && !merge.contains("ð")
        }
        let tokenizer = try CLIPTokenizer(vocabulary: partial, merges: merges)
        for example in self.expected.partial {
            #expect(tokenizer.encode(example.text) == example.ids, "\(example.testDescription)")
        }
    }

    @Test("Pads with the pad token")
    func padding() throws {
        let padded = self.expected.padded
        #expect(try self.tokenizer().encodePadded(padded.text) == padded.ids)
        #expect(try self.tokenizer(maximumLength: 9).encodePadded(padded.text) == Array(padded.ids.prefix(9)))
        let tokens = CLIPTokenizer.SpecialTokens(pad: "!")
        let other = try CLIPTokenizer(
            vocabulary: self.vocabulary, merges: self.merges, specialTokens: tokens, maximumLength: 5)
        #expect(other.encodePadded("a").suffix(2) == [0, 0])
    }

    @Test("Keeps the eos token of a text that is truncated", arguments: [2, 3, 5, 77])
    func truncation(maximumLength: Int) throws {
        let tokenizer = try self.tokenizer(maximumLength: maximumLength)
        let ids = tokenizer.encode(String(repeating: "a person ", count: 100))
        #expect(ids.count == maximumLength)
        #expect(ids.first == Int32(self.vocabulary["<|startoftext|>"]!))
        #expect(ids.last == Int32(self.vocabulary["<|endoftext|>"]!))
    }

    @Test("Encodes a word of 102,000 characters in time, and merges its letters", .timeLimit(.minutes(10)))
    func longWord() throws {
        let tokenizer = try self.tokenizer()
        let word = String(repeating: "waving", count: 17_000)
        // Inside of a word "waving" is two tokens, at its end one, "waving</w>", which is truncated here.
        let inner = try ["wav", "ing"].map { Int32(try #require(self.vocabulary[$0])) }
        let content = tokenizer.encode(word).dropFirst().dropLast()
        #expect(Array(content) == (0..<75).map { inner[$0 % 2] })
        #expect(tokenizer.tokenCount(of: word) == 2 + 2 * 16_999 + 1)
    }

    @Test("Encodes texts of any Unicode scalars", arguments: 0..<4 as Range<UInt64>)
    func anyText(seed: UInt64) throws {
        let tokenizer = try self.tokenizer(maximumLength: 20)
        let (start, end) = (Int32(tokenizer.vocabularySize - 2), Int32(tokenizer.vocabularySize - 1))
        var generator = SplitMix64(seed: seed)
        func random(below bound: UInt32) -> UInt32 { UInt32.random(in: 0..<bound, using: &generator) }
        for round in 0..<300 {
            var text = String.UnicodeScalarView()
            for _ in 0..<random(below: 40) {
                // Half of them from the planes' start, where most marks, spaces and letters are.
                let value = random(below: random(below: 2) == 0 ? 0x3000 : 0x11_0000)
                if let scalar = Unicode.Scalar(value) { text.append(scalar) }
                if random(below: 30) == 0 { text.append(contentsOf: "<|endoftext|>".unicodeScalars) }
            }
            let ids = tokenizer.encode(String(text))
            #expect(ids.first == start && ids.last == end && 2...20 ~= ids.count, "seed \(seed), round \(round)")
            #expect(ids.count == min(20, tokenizer.tokenCount(of: String(text))), "seed \(seed), round \(round)")
        }
    }

    @Test("Encodes the same ids when made of the files in a model directory")
    func modelDirectory() throws {
        let directory = try TemporaryDirectory()
        for name in ["vocab.json", "merges.txt"] { try directory.write(Self.data(name), to: name) }
        try directory.write("{}", to: "config.json")
        // A header of two bytes, "{}": no tensors.
        try directory.write([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], to: "model.safetensors")
        let files = try ModelDirectory(path: directory.path).tokenizer
        let tokenizer = try CLIPTokenizer(vocabulary: files.vocabulary, merges: files.merges)
        #expect(tokenizer.vocabularySize == self.vocabulary.count)
        for example in self.expected.cases { #expect(tokenizer.encode(example.text) == example.ids) }
    }

    // MARK: Invalid vocabularies

    func expectRefused(
        _ code: TokenizerError.Code, _ message: String, tokens: CLIPTokenizer.SpecialTokens = .init(),
        maximumLength: Int = 77, sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout [String: Int], inout [String]) -> Void = { _, _ in }
    ) {
        var (vocabulary, merges) = (self.vocabulary, self.merges)
        change(&vocabulary, &merges)
        let error = #expect(throws: TokenizerError.self, sourceLocation: sourceLocation) {
            try CLIPTokenizer(
                vocabulary: vocabulary, merges: merges, specialTokens: tokens, maximumLength: maximumLength)
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        let description = error?.summary ?? ""
        #expect(description.contains(message), "\(description)", sourceLocation: sourceLocation)
        #expect(!description.contains("\n"), sourceLocation: sourceLocation)
    }

    @Test("Refuses token ids that are not unique indices")
    func invalidTokenIDs() {
        self.expectRefused(.invalidTokenID, "-1") { vocabulary, _ in vocabulary["!"] = -1 }
        self.expectRefused(.invalidTokenID, "2147483647") { vocabulary, _ in vocabulary["!"] = Int(Int32.max) }
        self.expectRefused(.invalidTokenID, "same id 7") { vocabulary, _ in vocabulary["!"] = 7 }
        self.expectRefused(.invalidTokenID, #""a\nb""#) { vocabulary, _ in vocabulary["a\nb"] = -1 }
    }

    @Test("Refuses a vocabulary without the special tokens")
    func missingTokens() {
        self.expectRefused(.missingToken, "lacks the bos token") { vocabulary, _ in vocabulary["<|startoftext|>"] = nil
        }
        self.expectRefused(.missingToken, "lacks the eos token") { vocabulary, _ in vocabulary["<|endoftext|>"] = nil }
        self.expectRefused(.missingToken, "lacks the pad token, \"<pad>\"", tokens: .init(pad: "<pad>"))
        self.expectRefused(.missingToken, "lacks the unk token", tokens: .init(unk: "<unk>"))
    }

    @Test("Refuses merges that are not pairs of symbols of the vocabulary")
    func invalidMerges() {
        for merge in ["", "a", "a b c", " b", "a ", "a\nb"] {
            self.expectRefused(.invalidMerge, "merge 2, ") { _, merges in merges.insert(merge, at: 1) }
        }
        // A line of a file that isn't one of merges may be long.
        let long = String(repeating: "x", count: 100_000)
        self.expectRefused(.invalidMerge, "\"\(long.prefix(40))…\": expected") { _, merges in merges.append(long) }
        self.expectRefused(.invalidMerge, "lacks \"\(long.prefix(40))…\"") { _, merges in merges.append("a " + long) }
        self.expectRefused(.invalidMerge, "lacks \"qqq\"") { _, merges in merges.append("qqq a") }
        self.expectRefused(.invalidMerge, "lacks \"qqq\"") { _, merges in merges.append("a qqq") }
        self.expectRefused(.invalidMerge, "lacks \"!%</w>\"") { _, merges in merges.append("! %</w>") }
    }

    @Test("Refuses a maximum length without room for the special tokens", arguments: [1, 0, -5])
    func invalidMaximumLength(length: Int) {
        self.expectRefused(.invalidMaximumLength, "at least 2, for the bos and eos tokens", maximumLength: length)
    }

    @Test("Reports the number of rows that the token embedding needs")
    func vocabularySize() throws {
        #expect(try self.tokenizer().vocabularySize == self.vocabulary.count)
        // Ids need not be consecutive.
        var sparse = self.vocabulary
        sparse["!"] = 4999
        #expect(try CLIPTokenizer(vocabulary: sparse, merges: self.merges).vocabularySize == 5000)
    }
}
