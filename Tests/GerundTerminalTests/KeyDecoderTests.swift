import GerundTerminal
import Testing

@Suite("KeyDecoder")
struct KeyDecoderTests {
    private let start = ContinuousClock.now

    /// The keys of reads that follow each other at once, and then of nothing for as long as it takes.
    private func keys(_ reads: [[UInt8]]) -> [KeyPress] {
        var decoder = KeyDecoder()
        let keys = reads.flatMap { decoder.decode($0, at: self.start) }
        let rest = decoder.decode([], at: self.start + KeyDecoder.escapeTimeout)
        #expect(decoder.deadline == nil)
        return keys + rest
    }

    private func keys(_ text: String) -> [KeyPress] { self.keys([Array(text.utf8)]) }

    /// The texts that terminals send, and their keys.
    private static let samples: [(text: String, keys: [KeyPress])] = [
        ("\u{1b}[A", [.up]), ("\u{1b}OB", [.down]), ("\u{1b}[1;5A", [.up]), ("\u{1b}[15~", []), ("\u{1b}", [.escape]),
        ("\u{1b}q", [.escape, .character("q")]), ("\u{1b}\u{1b}[A", [.escape, .up]), ("é", [.character("é")]),
        ("€", [.character("€")]), ("😀", [.character("😀")]), ("\r", [.enter]),
        ("a\u{7f}b", [.character("a"), .backspace, .character("b")]),
        ("\u{1b}[A\u{1b}[B", [.up, .down]), ("\u{1b}O", []), ("\u{1b}[", []), ("\u{1b}[1;5", []),
    ]

    @Test("Decodes the bytes that terminals send for keys", arguments: Self.samples.indices)
    func decodes(index: Int) {
        let sequence = Self.samples[index]
        #expect(self.keys(sequence.text) == sequence.keys)
    }

    @Test("Decodes every sequence however it is split into reads", arguments: Self.samples.indices)
    func splits(index: Int) {
        let sequence = Self.samples[index]
        let bytes = Array(sequence.text.utf8)
        for cuts in 0..<1 << (bytes.count - 1) {
            var reads: [[UInt8]] = [[]]
            for (position, byte) in bytes.enumerated() {
                reads[reads.count - 1].append(byte)
                if cuts & 1 << position != 0 { reads.append([]) }
            }
            #expect(self.keys(reads) == sequence.keys, "\(reads)")
        }
    }

    @Test("Decodes text with characters of any length, and ignores control characters")
    func text() {
        #expect(self.keys("q/é👩‍👩‍👧") == [.character("q"), .character("/"), .character("é"), .character("👩‍👩‍👧")])
        #expect(self.keys("\r\n\u{7f}\u{8}") == [.enter, .enter, .backspace, .backspace])
        #expect(self.keys("\u{1b}[15~a\u{1}b\u{85}c") == [.character("a"), .character("b"), .character("c")])
        #expect(self.keys([[0xff, 0x61]]).last == .character("a"))
        #expect(self.keys([[0x61, 0xe2, 0x82]]).first == .character("a"))
    }

    @Test("An escape character is the Escape key only after nothing has followed it for a while")
    func escape() {
        var decoder = KeyDecoder()
        #expect(decoder.decode([0x1b], at: self.start) == [])
        #expect(decoder.deadline == self.start + KeyDecoder.escapeTimeout)
        #expect(decoder.decode([], at: self.start + .milliseconds(49)) == [])
        #expect(decoder.decode([], at: self.start + .milliseconds(50)) == [.escape])
        #expect(decoder.deadline == nil)
        #expect(decoder.decode([0x1b], at: self.start + .seconds(1)) == [])
        // Late, but in one piece with what it belongs to.
        #expect(decoder.decode(Array("[A".utf8), at: self.start + .seconds(2)) == [.up])
        #expect(decoder.decode([], at: self.start + .seconds(9)) == [])
    }
}
