/// A decoder of the bytes that a terminal sends for keys (ECMA-48; xterm's cursor keys).
///
/// The bytes of one key may arrive in several reads, for example over a slow connection. A lone escape character that
/// no byte follows within ``escapeTimeout`` is the Escape key.
public struct KeyDecoder: Sendable {
    /// The time after which a lone escape character is decoded as the Escape key.
    public static let escapeTimeout = Duration.milliseconds(50)

    /// The bytes of an incomplete key.
    private var pending: [UInt8] = []
    /// The time at which ``decode(_:at:)`` must be called, without bytes if none have arrived, to decode the pending
    /// bytes.
    ///
    /// It is `nil` while no bytes are pending.
    public private(set) var deadline: ContinuousClock.Instant?

    /// Creates a decoder without pending bytes.
    public init() {}

    /// Decodes the bytes of one read.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that arrived; may be empty.
    ///   - now: The current time.
    /// - Returns: The keys that are complete. Unsupported keys are ignored.
    public mutating func decode(_ bytes: some Sequence<UInt8>, at now: ContinuousClock.Instant) -> [KeyPress] {
        let pendingCount = self.pending.count
        self.pending += bytes
        let isUnchanged = self.pending.count == pendingCount
        let isExpired = isUnchanged && self.deadline.map { now >= $0 } ?? false
        let keys = self.decode(isFinal: isExpired)
        if self.pending.isEmpty {
            self.deadline = nil
        } else if !isUnchanged {
            self.deadline = now + Self.escapeTimeout
        }
        return keys
    }

    /// Decodes and removes the complete keys of the pending bytes; all bytes if no more will come.
    private mutating func decode(isFinal: Bool) -> [KeyPress] {
        var keys: [KeyPress] = []
        var text: [UInt8] = []
        var index = 0
        func flushText() {
            keys += Self.characters(text)
            text = []
        }
        loop: while index < self.pending.count {
            switch self.pending[index] {
            case 0x1b:
                flushText()
                switch Self.sequence(self.pending[index...]) {
                case .complete(let key, let count):
                    keys += key.map { [$0] } ?? []
                    index += count
                case .incomplete where isFinal:
                    // The Escape key, or a sequence that was cut off.
                    if index + 1 == self.pending.count { keys.append(.escape) }
                    index = self.pending.count
                case .incomplete: break loop
                }
            case 0x0a, 0x0d:
                flushText()
                keys.append(.enter)
                index += 1
            case 0x08, 0x7f:
                flushText()
                keys.append(.backspace)
                index += 1
            case let byte:
                if byte < 0x20 { flushText() } else { text.append(byte) }
                index += 1
            }
        }
        let incomplete = isFinal ? 0 : Self.incompleteCount(of: text)
        let rest = text.suffix(incomplete)
        text.removeLast(incomplete)
        flushText()
        self.pending = Array(rest) + self.pending[index...]
        return keys
    }

    private enum EscapeSequence {
        /// A sequence of `count` bytes; the key is `nil` if it is unsupported.
        case complete(KeyPress?, count: Int)
        case incomplete
    }

    /// Decodes an escape character and what follows: CSI or SS3 and a letter, or the Escape key.
    private static func sequence(_ bytes: ArraySlice<UInt8>) -> EscapeSequence {
        guard let introducer = bytes.dropFirst().first else { return .incomplete }
        guard introducer == UInt8(ascii: "[") || introducer == UInt8(ascii: "O") else {
            return .complete(.escape, count: 1)
        }
        guard let end = bytes.dropFirst(2).firstIndex(where: { 0x40...0x7e ~= $0 }) else { return .incomplete }
        let key: KeyPress? =
            switch bytes[end] {
            case UInt8(ascii: "A"): .up
            case UInt8(ascii: "B"): .down
            default: nil
            }
        return .complete(key, count: end - bytes.startIndex + 1)
    }

    private static func characters(_ bytes: [UInt8]) -> [KeyPress] {
        String(decoding: bytes, as: UTF8.self).unicodeScalars
            .split { $0.properties.generalCategory == .control }
            .flatMap { String(String.UnicodeScalarView($0)).map { .character($0) } }
    }

    /// Returns the number of bytes at the end that begin a character of UTF-8 without completing it.
    private static func incompleteCount(of bytes: [UInt8]) -> Int {
        for (offset, byte) in bytes.reversed().prefix(3).enumerated() where byte >= 0xc0 {
            let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
            return offset + 1 < length ? offset + 1 : 0
        }
        return 0
    }
}
