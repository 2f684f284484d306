import Foundation
import GerundCheckpoint
import Testing

@testable import XCLIP

@Suite("The tokenizer")
struct CLIPTokenizerTests {
    /// What Tests/Oracle/tokenizer.py wrote.
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

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/tokenizer")

    static func data(_ name: String) throws -> Data { try Data(contentsOf: self.folder.appending(path: name)) }

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

    @Test("gives the ids of the reference for every awkward text")
    func reference() throws {
        let tokenizer = try self.tokenizer()
        #expect(self.expected.cases.count > 140)
        for (example, count) in zip(self.expected.cases, self.expected.counts) {
            #expect(tokenizer.encode(example.text) == example.ids, "\(example.testDescription)")
            #expect(tokenizer.tokenCount(of: example.text) == count, "\(example.testDescription)")
        }
    }

    @Test("gives the unknown token for a byte that the vocabulary lacks, once for each")
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

    @Test("pads with the padding token")
    func padding() throws {
        let padded = self.expected.padded
        #expect(try self.tokenizer().encodePadded(padded.text) == padded.ids)
        #expect(try self.tokenizer(maximumLength: 9).encodePadded(padded.text) == Array(padded.ids.prefix(9)))
        let tokens = CLIPTokenizer.SpecialTokens(padding: "!")
        let other = try CLIPTokenizer(
            vocabulary: self.vocabulary, merges: self.merges, specialTokens: tokens, maximumLength: 5)
        #expect(other.encodePadded("a").suffix(2) == [0, 0])
    }

    @Test("keeps the end token whatever is cut off", arguments: [2, 3, 5, 77])
    func truncation(maximumLength: Int) throws {
        let tokenizer = try self.tokenizer(maximumLength: maximumLength)
        let ids = tokenizer.encode(String(repeating: "a person ", count: 100))
        #expect(ids.count == maximumLength)
        #expect(ids.first == Int32(self.vocabulary["<|startoftext|>"]!))
        #expect(ids.last == Int32(self.vocabulary["<|endoftext|>"]!))
    }

    @Test("takes a label of 100,000 characters without a word break in its stride")
    func longWord() throws {
        let ids = try self.tokenizer().encode(String(repeating: "waving", count: 17_000))
        #expect(ids.count == 77)
    }

    @Test("encodes whatever scalars a text has", arguments: 0..<4 as Range<UInt64>)
    func anyText(seed: UInt64) throws {
        let tokenizer = try self.tokenizer(maximumLength: 20)
        let (start, end) = (Int32(tokenizer.vocabularySize - 2), Int32(tokenizer.vocabularySize - 1))
        var state = seed
        /// A linear congruential generator (Knuth's MMIX).
        func random(below bound: UInt32) -> UInt32 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt32(state >> 33) % bound
        }
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

    @Test("is made from a model folder's files as well")
    func modelFolder() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/gerund-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["vocab.json", "merges.txt"] {
            try Self.data(name).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        try Data("{}".utf8).write(to: URL(filePath: "\(folder)/config.json"))
        // A header of two bytes, "{}": no tensors.
        try Data([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]).write(to: URL(filePath: "\(folder)/model.safetensors"))
        let files = try ModelFolder(path: folder).tokenizer
        #expect(files.vocabulary == self.vocabulary && files.merges == self.merges)
    }

    // MARK: Bad vocabularies

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
        let description = error?.description ?? ""
        #expect(description.contains(message), "\(description)", sourceLocation: sourceLocation)
        #expect(!description.contains("\n"), sourceLocation: sourceLocation)
    }

    @Test("refuses a vocabulary whose ids are no indices")
    func badIDs() {
        self.expectRefused(.badID, "-1") { vocabulary, _ in vocabulary["!"] = -1 }
        self.expectRefused(.badID, "2147483647") { vocabulary, _ in vocabulary["!"] = Int(Int32.max) }
        self.expectRefused(.badID, "same id 7") { vocabulary, _ in vocabulary["!"] = 7 }
        self.expectRefused(.badID, #""a\nb""#) { vocabulary, _ in vocabulary["a\nb"] = -1 }
    }

    @Test("refuses a vocabulary without the special tokens")
    func missingTokens() {
        self.expectRefused(.missingToken, "start token") { vocabulary, _ in vocabulary["<|startoftext|>"] = nil }
        self.expectRefused(.missingToken, "end token") { vocabulary, _ in vocabulary["<|endoftext|>"] = nil }
        self.expectRefused(.missingToken, "\"<pad>\", the padding token", tokens: .init(padding: "<pad>"))
        self.expectRefused(.missingToken, "unknown token", tokens: .init(unknown: "<unk>"))
    }

    @Test("refuses merges that are no pairs, or whose symbols the vocabulary lacks")
    func badMerges() {
        for merge in ["", "a", "a b c", " b", "a ", "a\nb"] {
            self.expectRefused(.badMerge, "merge 2, ") { _, merges in merges.insert(merge, at: 1) }
        }
        self.expectRefused(.badMerge, "no \"qqq\"") { _, merges in merges.append("qqq a") }
        self.expectRefused(.badMerge, "no \"qqq\"") { _, merges in merges.append("a qqq") }
        self.expectRefused(.badMerge, "no \"!%</w>\"") { _, merges in merges.append("! %</w>") }
        self.expectRefused(.badLength, "1 tokens", maximumLength: 1)
    }

    @Test("says how many rows the embedding needs")
    func vocabularySize() throws {
        #expect(try self.tokenizer().vocabularySize == self.vocabulary.count)
    }
}
