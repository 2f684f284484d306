/// A key that was pressed.
public enum ScreenKey: Sendable, Hashable {
    case character(Character)
    case enter, escape, backspace, up, down
}

/// Makes keys of the bytes that a terminal sends.
public struct KeyDecoder: Sendable {
    public init() {}

    /// The keys of what one read gave. A sequence of a key that is not used gives none.
    ///
    /// What begins a sequence and does not end it within one read is the Escape key.
    public func keys(_ bytes: some Sequence<UInt8>) -> [ScreenKey] {
        var keys: [ScreenKey] = []
        var rest = String(decoding: Array(bytes), as: UTF8.self).unicodeScalars[...]
        var text = String.UnicodeScalarView()
        func flushed() -> [ScreenKey] {
            defer { text = .init() }
            return String(text).map { .character($0) }
        }
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\u{1b}": keys += flushed() + (Self.sequence(&rest).map { [$0] } ?? [])
            case "\r", "\n": keys += flushed() + [.enter]
            case "\u{7f}", "\u{8}": keys += flushed() + [.backspace]
            case _ where scalar.properties.generalCategory == .control: keys += flushed()
            default: text.append(scalar)
            }
        }
        return keys + flushed()
    }

    /// What follows an escape character: CSI or SS3 and a letter (ECMA-48; xterm's cursor keys).
    private static func sequence(_ rest: inout Substring.UnicodeScalarView) -> ScreenKey? {
        guard let introducer = rest.first, introducer == "[" || introducer == "O" else { return .escape }
        rest.removeFirst()
        while let scalar = rest.popFirst() {
            guard "\u{40}"..."\u{7e}" ~= scalar else { continue }
            switch scalar {
            case "A": return .up
            case "B": return .down
            default: return nil
            }
        }
        return nil
    }
}
